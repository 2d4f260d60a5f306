"""One error many times: one group, one bug."""

import sentry_sdk

sentry_sdk.init()


def divide(by: int) -> float:
    return 1 / by


for number in range(20):
    try:
        divide(0)
    except ZeroDivisionError as error:
        sentry_sdk.set_user({"id": str(number % 4)})
        print(sentry_sdk.capture_exception(error))
sentry_sdk.flush()
