"""Release health: sessions that end well, with an error and with a crash."""

import os

import sentry_sdk
from sentry_sdk.sessions import track_session

sentry_sdk.init()
scope = sentry_sdk.get_isolation_scope()

with track_session(scope, session_mode="application"):
    pass

sentry_sdk.set_user({"id": os.environ.get("SHOP_USER", "7")})
sentry_sdk.start_session()
sentry_sdk.capture_exception(ValueError("handled"))
sentry_sdk.end_session()
sentry_sdk.flush()

with track_session(scope, session_mode="application"):
    raise RuntimeError("crashed")
