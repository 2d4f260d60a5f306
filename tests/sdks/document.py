"""Tables in docs/ingest.md that tests make: they compare them, and write them anew when they are told to."""

import os
from collections.abc import Iterable, Sequence
from pathlib import Path

DOCUMENT = Path(__file__).resolve().parents[2] / "docs/ingest.md"
WRITE = "WRITE_DOCUMENT"  # set, tables are written instead of compared


def check(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    """The document has exactly this table."""
    wanted = [tuple(row) for row in rows]
    if os.environ.get(WRITE):
        write(name, head, wanted)
    assert read(name) == wanted


def read(name: str) -> list[tuple[str, ...]]:
    lines = _parts(name)[1].splitlines()[2:]
    return [tuple(line.strip().removeprefix("| ").removesuffix(" |").split(" | ")) for line in lines]


def write(name: str, head: Sequence[str], rows: Iterable[Sequence[str]]) -> None:
    before, _, after = _parts(name)
    lines = [head, ["---"] * len(head), *rows]
    table = "".join(f"| {' | '.join(line)} |\n" for line in lines)
    DOCUMENT.write_text(f"{before}{table}{after}")


def _parts(name: str) -> tuple[str, str, str]:
    """What stands before, between and after the marks of a table."""
    text = DOCUMENT.read_text()
    first, last = f"<!-- {name}: made by `make conformance` -->\n", f"<!-- end of {name} -->"
    at, end = text.index(first) + len(first), text.index(last)
    return text[:at], text[at:end], text[end:]
