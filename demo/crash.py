"""A program as users have it: Sentry's SDK, a DSN, and an exception that nobody catches."""

import sys

import sentry_sdk


def charge(order: str) -> None:
    raise RuntimeError(f"the payment of {order} was neither taken nor refused")


def main() -> None:
    dsn, order = sys.argv[1:]
    sentry_sdk.init(dsn, environment="production", release="shop@4.2.0")
    # Each run is a bug of its own: the same crash twice would be the same bug seen twice.
    sentry_sdk.get_isolation_scope().fingerprint = ["charge", order]
    charge(order)


if __name__ == "__main__":
    main()
