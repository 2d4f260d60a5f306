"""Transactions, logs and check-ins: once the server has said that it keeps none, they are not sent."""

import sentry_sdk
from sentry_sdk.crons import capture_checkin

sentry_sdk.init(traces_sample_rate=1.0, enable_logs=True)
print(sentry_sdk.capture_message("the first answer tells"))
sentry_sdk.flush()
for number in range(3):
    with sentry_sdk.start_transaction(name=f"order {number}"), sentry_sdk.start_span(name="pack"):
        sentry_sdk.logger.info("packed {number}", number=number)
    capture_checkin(monitor_slug="nightly", status="ok")
sentry_sdk.flush()
