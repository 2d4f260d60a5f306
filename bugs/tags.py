"""Tags of a bug: names and values as text, bounded. Pure."""

from collections.abc import Mapping

MAX_TAGS = 50
MAX_NAME = 100
MAX_VALUE = 200
TOO_MANY = f"{MAX_TAGS} tags at most, with names of {MAX_NAME} characters at most."


class TooManyTags(ValueError):
    """A bug has so many tags and no more."""

    def __init__(self) -> None:
        super().__init__(TOO_MANY)


def merged(current: Mapping[str, str], changes: Mapping[str, str | None]) -> dict[str, str]:
    """The tags after a change: null takes one away. Raises TooManyTags."""
    after = {name: value for name, value in {**current, **changes}.items() if value is not None}
    if len(after) > MAX_TAGS:
        raise TooManyTags
    return after
