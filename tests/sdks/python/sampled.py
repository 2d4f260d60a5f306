"""What the SDK throws away by itself, it reports."""

import sentry_sdk

sentry_sdk.init(before_send=lambda event, hint: None if "skip" in str(event.get("message")) else event)
for number in range(3):
    sentry_sdk.capture_message(f"skip {number}")
print(sentry_sdk.capture_message("keep"))
sentry_sdk.flush()
