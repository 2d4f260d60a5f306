"""Why events of a subscription may be missing: the `reason` of `gap` messages, and what a client does then. Pure."""

from typing import NamedTuple


class Gap(NamedTuple):
    meaning: str
    advice: str


GAPS: dict[str, Gap] = {
    "too_slow": Gap(
        "More waited for you than there is room for, so events were dropped.",
        "Send `resume` with the token: they come again. Or read `refetch`.",
    ),
    "too_old": Gap("Too much has happened since the token, or it is no longer kept.", "Read `refetch`."),
    "unknown_token": Gap("The token is not of this database, which may have been restored since.", "Read `refetch`."),
    "rate_limited": Gap(
        "A limit of the key or person is used up: of calls, as a replay is one, or of time for filters.",
        "Send `resume` with the token later.",
    ),
    "unreadable": Gap("Some events could not be shown, by a fault of ours.", "Read `refetch`."),
    "overrun": Gap("More happened within three seconds than a process rereads.", "Read `refetch`."),
}
