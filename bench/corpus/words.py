"""What a shop's programs are made of, and what goes wrong in them."""

COMPONENTS = [
    "basket", "checkout", "invoice", "payment", "refund", "voucher", "shipping", "warehouse", "catalog", "search",
    "session", "profile", "newsletter", "report", "export", "stock", "parcel", "carrier", "customer", "supplier",
    "discount", "loyalty", "ledger", "webhook",
]  # fmt: skip
ACTS = [
    "open", "save", "delete", "change", "select", "move", "copy", "print", "send", "share", "add", "remove",
    "check",
]  # fmt: skip
# `*` is a component
ERRORS = (
    "TimeoutError: * did not answer within 3000 ms",
    "KeyError: '*'",
    "ValueError: * is not a valid *",
    "TypeError: Cannot read properties of undefined (reading '*')",
    "AttributeError: 'NoneType' object has no attribute '*'",
    'IntegrityError: duplicate key value violates unique constraint "*_*_key"',
    "ConnectionResetError: [Errno 104] * was closed by *",
    "IndexError: list index out of range in *",
    "PermissionError: may not change *",
    "HTTPError: 502 Server Error: Bad Gateway for url: https://*.internal/v2/*",
    "RangeError: Maximum call stack size exceeded in *",
    "OperationalError: canceling statement due to lock timeout in *",
)
