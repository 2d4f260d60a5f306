"""Personal data in texts whose spans are known, and how often texts that nobody touched give an alarm."""

import gzip
import json
import time
from collections import Counter
from collections.abc import Collection, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from itertools import islice
from pathlib import Path
from typing import Any

from rich.console import Console
from rich.table import Table

from bugs.privacy import redaction

Row = dict[str, Any]
Place = tuple[int, int, str]
COVERED = 0.8  # of a span, for it to count as found
FILES, UNTOUCHED = "pii_*.jsonl.gz", "*_bugs.jsonl.gz"
EACH = 4  # every fourth of those that nobody touched
# Types whose values have a shape of their own, or stand behind a name. Names and places alone have none.
SHAPED = (
    *("EMAIL_ADDRESS", "PHONE_NUMBER", "CREDIT_CARD", "IBAN_CODE", "IP_ADDRESS", "MAC_ADDRESS", "US_SSN", "USER_PATH"),
    *("API_KEY", "COOKIE", "JWT", "SECRET", "URL_CREDENTIALS"),
)
# Recall of those, and precision, that are promised.
PROMISED = {"pii_bugtext_injected.jsonl.gz": (0.99, 0.96)}
OTHERWISE = (0.85, 0.96)


@dataclass
class Quality:
    """spans: of each type, how many there are; found: and were found. taken: what was taken out; extra: beside them."""

    spans: Counter[str] = field(default_factory=Counter)
    found: Counter[str] = field(default_factory=Counter)
    taken: int = 0
    extra: Counter[str] = field(default_factory=Counter)
    size: int = 0
    seconds: float = 0.0

    def recall(self, types: Collection[str]) -> float:
        spans = sum(self.spans[one] for one in types)
        return sum(self.found[one] for one in types) / spans if spans else 1.0

    @property
    def precision(self) -> float:
        return 1 - self.extra.total() / self.taken if self.taken else 1.0


def show(folder: Path, console: Console) -> None:
    for path in sorted(folder.glob(FILES)):
        _show(path.name, list(read(path)), console)
    for path in sorted(folder.glob(UNTOUCHED)):
        _show_alarms(path.name, list(islice(read(path), 0, None, EACH)), console)


def read(path: Path) -> Iterator[Row]:
    with gzip.open(path, "rt") as lines:
        yield from map(json.loads, lines)


def measured(rows: Sequence[Row]) -> Quality:
    quality = Quality()
    for row in rows:
        began = time.process_time()
        places = redaction.places(row["text"])
        quality.seconds += time.process_time() - began
        quality.size += len(row["text"].encode())
        _count(quality, places, row["spans"])
    return quality


def _count(quality: Quality, places: Sequence[Place], spans: Sequence[Row]) -> None:
    for span in spans:
        covered = sum(_overlap(place, span) for place in places)
        quality.spans[span["type"]] += 1
        quality.found[span["type"]] += covered >= COVERED * (span["end"] - span["start"])
    quality.taken += len(places)
    quality.extra.update(place[2] for place in places if not any(_overlap(place, span) for span in spans))


def _overlap(place: Place, span: Row) -> int:
    return max(0, min(place[1], span["end"]) - max(place[0], span["start"]))


def _show(name: str, rows: Sequence[Row], console: Console) -> None:
    measured(rows)  # the first look at each letter makes what the next looks use
    quality = measured(rows)
    halves = [measured(rows[half::2]).recall(SHAPED) for half in (0, 1)]
    table = Table("type", "spans", "found", "recall", title=f"Personal data: {name}, {len(rows):,} texts")
    for kind in sorted(quality.spans, key=lambda kind: (kind not in SHAPED, kind)):
        style = "" if kind in SHAPED else "dim"
        spans, found = quality.spans[kind], quality.found[kind]
        table.add_row(kind, f"{spans:,}", f"{found:,}", f"{found / spans:.3f}", style=style)
    console.print(table)
    recall, precision = quality.recall(SHAPED), quality.precision
    console.print(
        f"Kinds with a shape: recall {recall:.4f} (even rows {halves[0]:.4f}, odd rows {halves[1]:.4f}); all kinds "
        f"{quality.recall(quality.spans):.3f}. Precision at least {precision:.4f}: {quality.extra.total()} of "
        f"{quality.taken:,} stand in no span ({_told(quality.extra)}). "
        f"{1e6 * quality.seconds / quality.size:.2f} ms/kB."
    )
    promised = PROMISED.get(name, OTHERWISE)
    is_met = recall >= promised[0] and precision >= promised[1]
    console.print(f"Promised: {promised[0]:.2f} and {promised[1]:.2f}; {'met' if is_met else 'NOT met'}.\n")


def _show_alarms(name: str, rows: Sequence[Row], console: Console) -> None:
    texts = ["\n".join(row.get(part) or "" for part in ("title", "description", "environment")) for row in rows]
    alarms = Counter(place[2] for text in texts for place in redaction.places(text))
    per_thousand = {kind: round(1000 * count / len(rows), 1) for kind, count in alarms.most_common()}
    console.print(f"{name}: of {len(rows):,} texts as people wrote them, taken out of 1,000: {_told(per_thousand)}.\n")


def _told(counts: dict[str, Any]) -> str:
    pairs: Iterable[tuple[str, Any]] = counts.items()
    return ", ".join(f"{kind} {count}" for kind, count in pairs) or "nothing"
