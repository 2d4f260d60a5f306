"""Seals in a file outside of the database: who changes the database, or sets it back, does not change this as well."""

import fcntl
import logging
import os
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import BinaryIO, NamedTuple

import orjson
from django.conf import settings
from django.db.models import QuerySet

from audit import seals
from audit.models import Pruning, Seal
from audit.signing import encoded

AT_ONCE = 1_000  # seals of one run
BLOCK = 64 * 1024
_log = logging.getLogger(__name__)


class Entry(NamedTuple):
    """A seal as it was logged. text: what was signed."""

    chain: str
    number: int
    text: bytes
    signature: str


def catch_up(chain: str, *, fresh: int | None) -> int:
    """Append what the log does not have yet; how many seals. fresh: the first that this run made.

    A log that is new begins with those. A log that knows what the database does not goes on with them too: it keeps
    what tells of the seals that are gone.
    """
    try:
        with _opened() as log:
            found = list(_missing(chain, _last(log, chain), fresh)[:AT_ONCE])
            _append(log, [seals.as_document(seal) for seal in found])
            return len(found)
    except OSError:
        _log.exception("the seal log cannot be written; seals are kept in the database alone")
        return 0


def append_pruning(mark: Pruning) -> None:
    """A month that goes is written down as well."""
    text = seals.pruning_statement(mark).decode()
    with _opened() as log:
        _append(log, [{"pruning": text, "signature": encoded(bytes(mark.signature))}])


def entries(path: Path, chain: str, most: int | None = None) -> Iterator[Entry]:
    """What was logged of one chain, in the order of the file; most: bytes, from its end."""
    with path.open("rb") as log:
        if most is not None:
            log.seek(max(0, log.seek(0, os.SEEK_END) - most))
        yield from (entry for line in log if (entry := _read(line)) and entry.chain == chain)


def _missing(chain: str, last: Entry | None, fresh: int | None) -> Sequence[Seal] | QuerySet[Seal]:
    there = Seal.objects.filter(chain=chain).order_by("number")
    if last and (known := there.filter(number=last.number).first()) and seals.statement(known) == last.text:
        return there.filter(number__gt=last.number)
    return there.filter(number__gte=fresh) if fresh else []


def _opened() -> BinaryIO:
    """One writer at a time, of all processes of this machine; closing gives it up."""
    path = Path(settings.AUDIT_SEAL_LOG)
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    log = os.fdopen(os.open(path, os.O_RDWR | os.O_APPEND | os.O_CREAT, 0o600), "r+b")
    fcntl.flock(log, fcntl.LOCK_EX)
    return log


def _append(log: BinaryIO, documents: list[dict[str, str]]) -> None:
    if not documents:
        return
    size = log.seek(0, os.SEEK_END)
    if size:
        log.seek(size - 1)
        torn = log.read(1) != b"\n"  # the machine stopped in the middle of a line
    else:
        torn = False
    log.write(b"\n" * torn + b"".join(orjson.dumps(one, option=orjson.OPT_APPEND_NEWLINE) for one in documents))
    log.flush()
    os.fsync(log.fileno())


def _last(log: BinaryIO, chain: str) -> Entry | None:
    """The last entry of a chain, looked for from the end."""
    end, rest = log.seek(0, os.SEEK_END), b""
    while end:
        start = max(0, end - BLOCK)
        log.seek(start)
        lines = (log.read(end - start) + rest).split(b"\n")
        rest = lines.pop(0) if start else b""
        for line in reversed(lines):
            entry = _read(line)
            if entry and entry.chain == chain:
                return entry
        end = start
    return None


def _read(line: bytes) -> Entry | None:
    """None for an empty or torn line, and for what is no seal."""
    try:
        document = orjson.loads(line)
        fields = orjson.loads(document["seal"])
        return Entry(fields["chain"], fields["number"], document["seal"].encode(), document["signature"])
    except (ValueError, KeyError, TypeError):
        return None
