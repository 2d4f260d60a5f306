"""Letters that only look like others, and those that cannot be seen, are read as what people read."""

import re

# Invisible letters, by which words are split for machines and not for people.
_UNSEEN = "\u00ad\u034f\u061c\u115f\u1160\u17b4\u17b5\u180b-\u180e\u200b-\u200f\u202a-\u202e\u2060-\u2064\u206a-\u206f\ufe00-\ufe0f\ufeff"
_SPACES = "\u00a0\u1680\u2000-\u200a\u202f\u205f\u3000"
_DASHES = "\u2010-\u2015\u2212\ufe58\ufe63"
_DOTS = "\u2024\u3002\uff61"
_WIDE = "\uff01-\uff5e"
_AT = "\ufe6b"
_FOLDABLE = re.compile(f"[{_UNSEEN}{_SPACES}{_DASHES}{_DOTS}{_WIDE}{_AT}]")
_AS = {_SPACES: " ", _DASHES: "-", _DOTS: ".", _AT: "@", _UNSEEN: ""}
_KINDS = [(re.compile(f"[{letters}]"), instead) for letters, instead in _AS.items()]


def folded(text: str) -> tuple[str, list[int]] | None:
    """The text as it reads, and for each of its letters the place in the text, if anything is different."""
    if text.isascii() or _FOLDABLE.search(text) is None:
        return None
    letters, places = [], []
    for place, letter in enumerate(text):
        if instead := _instead(letter):
            letters.append(instead)
            places.append(place)
    return "".join(letters), places


def _instead(letter: str) -> str:
    if letter.isascii() or _FOLDABLE.match(letter) is None:
        return letter
    if "\uff01" <= letter <= "\uff5e":
        return chr(ord(letter) - 0xFEE0)
    return next(instead for pattern, instead in _KINDS if pattern.match(letter))
