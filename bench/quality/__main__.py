"""`make quality DATA=folder`: grouping, message templates and personal data, each on data whose truth is known."""

import sys
import time
from collections.abc import Sequence
from pathlib import Path

from rich.console import Console
from rich.table import Table

from bench.quality import messages, nuisances, personal, traces
from bench.quality.measures import Quality, compare
from bench.quality.ways import NAIVE, OURS, attached
from bugs.ingest import grouping
from bugs.ingest.reading.normalize import Report

SEED = 1
HARSH, DRIFT = (0.99, 0.92), (0.97, 1.0)  # pair precision and recall that are promised
COLUMNS = ("pair precision", "pair recall", "B³ precision", "B³ recall", "B³ F1", "groups")
console = Console(width=None if sys.stdout.isatty() else 120)


def main(arguments: Sequence[str]) -> int:
    path = _file(arguments[0]) if arguments and arguments[0] else None
    if path is None:
        console.print(f"Say where the traces are: make quality DATA=folder, one that has {traces.FILE} in it.")
        return 2
    rows = traces.read(path)
    console.print(f"{path.name}: {len(rows):,} traces of {len({row['group'] for row in rows}):,} groups", style="bold")
    _show("As in the file: harsh", rows, HARSH)
    _show("The same, with agents that no rule knows by name", nuisances.unknown_agents(rows), HARSH)
    _show("Release drift, made from the first of each group", nuisances.release_drift(rows, SEED), DRIFT)
    _show(
        "Siblings: beside each group one that fails in another function of the same caller",
        nuisances.siblings(rows, SEED),
        None,
    )
    messages.show(path.parent, console)
    personal.show(path.parent, console)
    _show_speed(rows)
    return 0


def _file(given: str) -> Path | None:
    path = Path(given).expanduser()
    path = path / traces.FILE if path.is_dir() else path
    return path if path.is_file() else None


def _show(title: str, rows: list[traces.Row], promised: tuple[float, float] | None) -> None:
    reports = list(traces.reports(rows))
    truth = [row["group"] for row in rows]
    table = Table("key", *COLUMNS, title=f"{title}: {len(rows):,} traces, {len(set(truth)):,} groups")
    for name, way in (NAIVE | OURS).items():
        table.add_row(name, *_cells(compare(truth, way(reports))), style="bold" if name in OURS else "")
    console.print(table)
    if promised:
        found = compare(truth, attached(reports))
        is_met = found.pair_precision >= promised[0] and found.pair_recall >= promised[1]
        console.print(f"Promised: {promised[0]:.2f} and {promised[1]:.2f}; {'met' if is_met else 'NOT met'}.\n")


def _cells(quality: Quality) -> list[str]:
    figures = (quality.pair_precision, quality.pair_recall, quality.cubed_precision, quality.cubed_recall)
    return [*(f"{figure:.3f}" for figure in figures), f"{quality.cubed_f1:.3f}", f"{quality.groups:,}"]


def _show_speed(rows: list[traces.Row]) -> None:
    reports = list(traces.reports(rows))
    deep = [report for report in reports if len(report.frames) >= 40]
    for name, some in (("all", reports), ("40 frames and more", deep)):
        if some:
            depth = sum(len(report.frames) for report in some) / len(some)
            console.print(f"Grouping, {name} ({depth:.0f} frames): {_microseconds(some):.0f} µs a report")


def _microseconds(reports: Sequence[Report], rounds: int = 5) -> float:
    began = time.process_time()
    for _ in range(rounds):
        for report in reports:
            grouping.group(report)
    return (time.process_time() - began) / rounds / len(reports) * 1e6


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
