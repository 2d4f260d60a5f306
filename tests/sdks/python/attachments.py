"""Files that go along with an error."""

import sentry_sdk

sentry_sdk.init()
with sentry_sdk.new_scope() as scope:
    scope.add_attachment(bytes=b"line one\nline two\n", filename="shop.log", content_type="text/plain")
    scope.add_attachment(bytes=b'{"basket": []}', filename="basket.json", content_type="application/json")
    try:
        raise OSError("the printer does not answer")
    except OSError as error:
        print(sentry_sdk.capture_exception(error))
sentry_sdk.flush()
