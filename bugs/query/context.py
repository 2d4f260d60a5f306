"""What the reports of a group of errors had, kept once and bounded, as the filter language looks for it. Pure.

Each field keeps its first distinct texts: a group that has seen enough costs ingest no further write.
"""

from collections.abc import Iterable, Iterator, Mapping

from bugs.query import words

MAX_TEXTS = 100  # of a field
MAX_LENGTH = 300  # of a text
MAX_WORDS = 30  # of a text
MAX_BYTES = 60_000  # of the words of a field: the tsvector of all of them has less than a megabyte
# Field of the filter language: what its texts are.
FIELDS = {
    "breadcrumb": "a message or category of what the program noted on the way to the error",
    "api_failure": "a call that failed on the way: method, address, status and reason",
    "auth_error": "a refused sign-in or permission: address, status, type and message",
    "user_action": "what the user did: clicks, inputs, navigation",
    "session": "the key of the session in which it happened",
    "exception": "the type and the message of the exception",
    "error_component": "the component that the report names",
    "error_environment": "the environment that the report names",
    "error_release": "the release that the report names",
    "url": "the address that was open or asked for",
    "file": "a file of the stack trace",
    "function": "a function of the stack trace",
    "browser": "the name and version of the browser",
    "os": "the name and version of the operating system",
    "device": "the model of the device",
}
Context = dict[str, list[str]]


def merge(old: Mapping[str, list[str]], new: Mapping[str, Iterable[str]]) -> Context:
    """The context with the new texts, within its bounds; equal to the old one when there is nothing to add."""
    merged = {field: list(texts) for field, texts in old.items()}
    for field, texts in new.items():
        if field not in FIELDS:
            raise KeyError(field)
        kept = merged.get(field, [])
        known = {text.casefold() for text in kept}
        for text in _cut(texts):
            if len(kept) == MAX_TEXTS:
                break
            if text.casefold() not in known:
                known.add(text.casefold())
                kept.append(text)
        if kept:
            merged[field] = kept
    return merged


def vector(context: Mapping[str, list[str]]) -> str:
    """The words of a context as the text of a tsvector; each is named after its field: `browser:safari`."""
    return " ".join(
        f"{words.quoted(lexeme(field, word))}:{','.join(map(str, at))}"
        for field, texts in context.items()
        for word, at in _within(field, _places(texts))
    )


def lexeme(field: str, word: str) -> str:
    """No word has a colon, so fields never mix."""
    return f"{field}:{word}"


def _cut(texts: Iterable[str]) -> Iterator[str]:
    for text in texts:
        if short := " ".join(text.replace("\x00", " ")[:MAX_LENGTH].split()):
            yield short


def _within(field: str, places: Mapping[str, list[int]]) -> Iterator[tuple[str, list[int]]]:
    """The first words of a field, as many as there is room for."""
    room = MAX_BYTES
    for word, at in places.items():
        room -= len(lexeme(field, word).encode()) + 4 + 2 * len(at)  # as PostgreSQL keeps them
        if room < 0:
            return
        yield word, at


def _places(texts: Iterable[str]) -> dict[str, list[int]]:
    """word -> its places, counted anew for every field: phrases stay within one text of one field."""
    found: dict[str, list[int]] = {}
    place = 0
    for text in texts:
        for word in words.of(text)[:MAX_WORDS]:
            place += 1
            at = found.setdefault(word, [])
            if len(at) < words.MAX_PLACES:
                at.append(place)
        place += words.GAP
    return found
