"""Names that a report tells of its user, looked for in what else it says. Pure."""

from collections.abc import Mapping, Sequence

from bugs.ingest.reading.normalize import Fields, Report
from bugs.ingest.reading.parts import Parts
from bugs.privacy import texts, whole_words
from bugs.privacy.rules import DEFAULT, Rules

FIELDS = ("username", "name", "email")


def of(user: Mapping[str, str]) -> list[str]:
    """Names of one person. A mailbox is one when it looks like more than a word: `j.smith`, `ann1983`."""
    found = dict.fromkeys(user[name].strip() for name in FIELDS if name in user)
    mailbox, at, _ = user.get("email", "").partition("@")
    if at and not mailbox.isalpha():
        found[mailbox] = None
    return [name for name in found if name]


def taken_out(
    names: Sequence[str], report: Report, parts: Parts, changes: Mapping[str, str], rules: Rules
) -> dict[str, str]:
    """What texts become that have a name in them; changes: what else they become.

    A word that the code has too, as a function, a module or a file, is no name.
    """
    said = parts.said
    whole = "\0".join(said).lower()
    if not (found := [name for name in names if name.lower() in whole and whole_words.tells(name)]):
        return {}
    code = "\0".join([*parts.labels, *map(_file, report.frames)])
    found = [name for name in found if name not in code or texts.without(code, [name], DEFAULT) == code]
    if not found:
        return {}
    said = _may_have(found, said, whole)
    before = [changes.get(text, text) for text in said] if changes else said
    after = texts.without("\0".join(before), found, rules).split("\0")  # in one go; no text has a NUL
    return {text: clean for text, old, clean in zip(said, before, after, strict=True) if clean != old}


def _may_have(names: Sequence[str], said: list[str], lowered: str) -> list[str]:
    """Texts with the longest word of a name. Letters beyond ASCII may be alike without having one lower case."""
    if not lowered.isascii():
        return said
    found: set[str] = set()
    for part in set(map(whole_words.longest, names)):
        place = at = 0
        while (start := lowered.find(part, at)) >= 0:
            place += lowered.count("\0", at, start)
            found.add(said[place])
            if (end := lowered.find("\0", start)) < 0:
                break
            place, at = place + 1, end + 1
    return list(found)


def _file(frame: Fields) -> str:
    """Without its folders: one of them may be the user's own."""
    name: str = frame.get("filename", "")
    return name.replace("\\", "/").rpartition("/")[2]
