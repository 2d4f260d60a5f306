"""Why a message of a client is refused: the `code` of `error` messages, and what each means. Pure."""

MEANINGS: dict[str, str] = {
    "text_only": "The message is a binary frame; messages are text frames.",
    "too_large": "The message is too long. The server may close with 1009 before it is read.",
    "too_deep": "The message is nested too deep.",
    "invalid_json": "The message is not JSON.",
    "invalid_message": "No object with an `op`, or a field is missing, unknown or wrong: `detail` says which.",
    "unknown_op": "There is no such `op`.",
    "unsupported_type": "There is no such `type` of stream.",
    "invalid_filter": "`detail` names the filter and what is wrong with it.",
    "too_many": "The socket would have more subscriptions than it may have.",
    "unknown_subscription": "You have no subscription with this `id`.",
    "rate_limited": "A limit of the key or person is used up; a snapshot is one call.",
    "unavailable": "The database is away. Try again in a few seconds.",
}
