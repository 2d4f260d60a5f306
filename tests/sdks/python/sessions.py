"""Release health: sessions that end well, with an error that was handled, and by a crash."""

import sentry_sdk

sentry_sdk.init()
sentry_sdk.start_session()
sentry_sdk.end_session()

sentry_sdk.set_user({"id": "7"})
sentry_sdk.start_session()
sentry_sdk.capture_exception(ValueError("handled"))
sentry_sdk.end_session()
sentry_sdk.flush()

sentry_sdk.start_session()
raise RuntimeError("crashed")
