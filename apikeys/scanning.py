"""Finding our keys where none should be, by what a key looks like; what is found is named by its hint alone."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import BinaryIO

from apikeys import documents, selectors, tokens
from apikeys.models import ApiKey

CHUNK = 1024 * 1024
AT_ONCE = 500


@dataclass(frozen=True, slots=True)
class Find:
    """A key at a line of some text. The secret is for looking the key up, and never shown."""

    where: str
    line: int
    secret: str = field(repr=False)

    @property
    def hint(self) -> str:
        return tokens.hint(self.secret)


@dataclass(frozen=True, slots=True)
class Known:
    """status: as keys have it, or `unknown` for what looks like a key and is none of this server's."""

    find: Find
    status: str
    key: ApiKey | None


def files_in(path: Path) -> Iterator[Path]:
    """The file itself, or all files below the folder; links are not followed."""
    if path.is_dir():
        yield from sorted(each for each in path.rglob("*") if each.is_file() and not each.is_symlink())
    else:
        yield path


def finds_in(stream: BinaryIO, where: str) -> Iterator[Find]:
    """Keys in a file of any kind and size, each with its line."""
    kept, line = b"", 1
    while block := stream.read(CHUNK):
        text = kept + block
        seen = 0
        for place, secret in tokens.found_in(text):
            line, seen = line + text.count(b"\n", seen, place), place
            yield Find(where, line, secret)
        # What could be the beginning of a key is looked at again, with what follows; no key fits into it whole.
        end = max(0, len(text) - tokens.LENGTH + 1)
        line, kept = line + text.count(b"\n", seen, end), text[end:]


def look_up(finds: Iterable[Find]) -> Iterator[Known]:
    """What is known of each, some at once."""
    batch: list[Find] = []
    for find in finds:
        batch.append(find)
        if len(batch) == AT_ONCE:
            yield from _looked_up(batch)
            batch = []
    yield from _looked_up(batch)


def _looked_up(finds: list[Find]) -> Iterator[Known]:
    digests = {find: selectors.digests(find.secret) for find in finds}
    keys = {bytes(key.digest): key for key in selectors.by_digests(each for some in digests.values() for each in some)}
    for find, possible in digests.items():
        key = next((keys[each] for each in possible if each in keys), None)
        yield Known(find, documents.status_of(key) if key else "unknown", key)
