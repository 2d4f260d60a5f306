"""Letters that only look like others, and those that cannot be seen, are read as what people read."""

import re

# Letters that cannot be seen: words are split by them for machines, and for people they are not.
_UNSEEN = (
    "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f"
    "\ufe00-\ufe0f\ufeff"
)
_INSTEAD = {
    " ": "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000",
    "-": "\u2010-\u2015\u2212\ufe58\ufe63",
    ".": "\u2024\u3002\uff61",
    "@": "\ufe6b",
}
_WIDE = "\uff01-\uff5e"
_FOLDABLE = re.compile(f"[{_UNSEEN}{_WIDE}{''.join(_INSTEAD.values())}]")


def _range(letters: str) -> list[int]:
    found: list[int] = []
    for first, last in re.findall("(.)(?:-(.))?", letters):
        found += range(ord(first), ord(last or first) + 1)
    return found


_TABLE: dict[int, str | None] = dict.fromkeys(_range(_UNSEEN))
_TABLE |= {letter: instead for instead, letters in _INSTEAD.items() for letter in _range(letters)}
_TABLE |= {letter: chr(letter - 0xFEE0) for letter in _range(_WIDE)}


def folded(text: str) -> tuple[str, list[int]] | None:
    """The text as it reads, and for each of its letters the place in the text, if anything is different."""
    if text.isascii() or _FOLDABLE.search(text) is None:
        return None
    places: list[int] = []
    at = 0
    for match in _FOLDABLE.finditer(text):
        place = match.start()
        places.extend(range(at, place + (_TABLE[ord(match[0])] is not None)))
        at = place + 1
    places.extend(range(at, len(text)))
    return text.translate(_TABLE), places
