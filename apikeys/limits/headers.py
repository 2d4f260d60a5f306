"""`RateLimit-Policy` and `RateLimit` as draft-ietf-httpapi-ratelimit-headers has them (RFC 9651 lists of strings)."""

from apikeys.limits.windows import Window


def of(windows: list[Window]) -> dict[str, str]:
    """What is allowed (`q` units in `w` seconds) and what is left of it (`r` units for `t` more seconds)."""
    return {
        "RateLimit-Policy": ", ".join(f'"{one.name}";q={one.limit};w={one.seconds}' for one in windows),
        "RateLimit": ", ".join(f'"{one.name}";r={one.remaining};t={one.reset}' for one in windows),
    }
