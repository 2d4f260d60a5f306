"""Why the server ends a socket: codes, what they mean, and what a client does then. Pure."""

from typing import Any, NamedTuple

BAD_REQUEST, UNAUTHENTICATED, FORBIDDEN, CREDENTIAL_ENDED = 4000, 4001, 4003, 4010
UNAVAILABLE, HEARTBEAT_MISSED, TOO_MANY_SOCKETS, TOO_SLOW, RATE_LIMITED = 4100, 4108, 4109, 4113, 4129
RESTARTING = 4200


class Closing(NamedTuple):
    """retry_ms: how long a client waits before it comes back; None when it must not as it is."""

    code: int
    reason: str
    meaning: str
    advice: str
    retry_ms: int | None = None


CLOSINGS: dict[int, Closing] = {
    one.code: one
    for one in (
        Closing(BAD_REQUEST, "bad_request", "Too many of your messages were refused.", "Repair the program."),
        Closing(UNAUTHENTICATED, "unauthenticated", "There is no valid credential.", "Do not retry with the same one."),
        Closing(FORBIDDEN, "forbidden", "The credential may not open a stream.", "Ask for another one."),
        Closing(
            CREDENTIAL_ENDED,
            "credential_ended",
            "The key or the session ended, or its rights did.",
            "Do not retry with the same one.",
        ),
        Closing(
            UNAVAILABLE, "unavailable", "Who you are could not be looked up.", "Connect again after `retry_ms`.", 5_000
        ),
        Closing(HEARTBEAT_MISSED, "heartbeat_missed", "Nothing was heard from you.", "Connect and resume.", 1_000),
        Closing(
            TOO_MANY_SOCKETS,
            "too_many_sockets",
            "The caller has as many sockets as it may have.",
            "Close others, then connect.",
            30_000,
        ),
        Closing(TOO_SLOW, "too_slow", "You did not keep up.", "Connect and resume; ask for less, or `compact`.", 2_000),
        Closing(RATE_LIMITED, "rate_limited", "A limit is used up.", "Connect again after `retry_ms`.", 10_000),
        Closing(RESTARTING, "restarting", "The server restarts.", "Connect after `retry_ms` and resume.", 1_000),
    )
}


def goodbye(code: int, retry_ms: int | None = None) -> dict[str, Any]:
    """The last message before the close frame. retry_ms: another wait than the usual one."""
    closing = CLOSINGS[code]
    wait = closing.retry_ms if retry_ms is None else retry_ms
    return {"op": "goodbye", "code": code, "reason": closing.reason, **({} if wait is None else {"retry_ms": wait})}
