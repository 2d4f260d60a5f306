"""A chained exception that the program itself reports."""

import sentry_sdk


class PaymentRefused(Exception):
    """What the shop calls it."""


def limit_of(card: str) -> int:
    limits = {"visa": 100}
    return limits[card]


def pay(order: dict[str, str]) -> None:
    try:
        limit_of(order["card"])
    except KeyError as cause:
        raise PaymentRefused(f"order {order['number']} has no card that we take") from cause


sentry_sdk.init()
try:
    pay({"number": "4711", "card": "amex"})
except PaymentRefused as refused:
    print(sentry_sdk.capture_exception(refused))
sentry_sdk.flush()
