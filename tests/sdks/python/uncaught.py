"""An exception that nobody catches ends the program."""

import sentry_sdk

sentry_sdk.init()


def deliver(parcels: list[str]) -> str:
    return parcels[3]


deliver(["one", "two"])
