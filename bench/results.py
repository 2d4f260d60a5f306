"""The figures for people and for the next run: a table, a JSON file and a page."""

import json
import os
import platform
from dataclasses import asdict
from datetime import UTC, datetime
from pathlib import Path

from django.db import connection
from rich.console import Console
from rich.table import Table

from bench.figures import Figure
from bench.scale import Scale

DIRECTORY = Path(__file__).resolve().parent / "results"
SHOWN = [
    *("server_version", "shared_buffers", "work_mem", "maintenance_work_mem", "effective_cache_size", "max_wal_size"),
    *("random_page_cost", "jit", "synchronous_commit", "fsync"),
]
COLUMNS = ("case", "unit", "bugwire", "naive", "limit", "bugwire / naive")


def show(figures: list[Figure], console: Console) -> None:
    for subject in dict.fromkeys(figure.subject for figure in figures):
        table = Table(*COLUMNS, title=subject)
        for figure in figures:
            if figure.subject == subject:
                table.add_row(*_cells(figure))
        console.print(table)
        console.print(_notes(figures, subject))


def write(figures: list[Figure], scale: Scale, directory: Path, seconds: float) -> None:
    directory.mkdir(exist_ok=True)
    machine = _machine()
    now = datetime.now(UTC)
    whole = {"at": now.isoformat(), "seconds": round(seconds), "scale": asdict(scale), "machine": machine}
    whole["figures"] = [asdict(figure) for figure in figures]
    path = directory / f"{now:%Y-%m-%d}-{scale.name}.json"
    path.write_text(json.dumps(whole, indent=1) + "\n")
    lines = [f"# Benchmark of {now:%Y-%m-%d}", ""]
    lines += [f"{scale.bugs:,} bugs, {scale.reports:,} error reports; {seconds:.0f} s in all.", ""]
    (directory / "latest.md").write_text("\n".join([*lines, *_body(figures, machine)]) + "\n")


def page(title: str, figures: list[Figure], scale: Scale, path: Path) -> None:
    """A page of its own for a subject that has much to tell."""
    lines = [f"# {title}: benchmark of {datetime.now(UTC):%Y-%m-%d}", ""]
    lines += [f"In a database of {scale.bugs:,} bugs and {scale.reports:,} error reports.", ""]
    path.write_text("\n".join([*lines, *_body(figures, _machine())]) + "\n")


def _body(figures: list[Figure], machine: dict[str, str]) -> list[str]:
    lines = [f"- {name}: {value}" for name, value in machine.items()]
    for subject in dict.fromkeys(figure.subject for figure in figures):
        rows = [_cells(figure) for figure in figures if figure.subject == subject]
        lines += ["", f"## {subject}", "", f"| {' | '.join(COLUMNS)} |", "|" + " --- |" * len(COLUMNS)]
        lines += [f"| {' | '.join(row)} |" for row in rows]
        lines += ["", _notes(figures, subject)]
    return lines


def _notes(figures: list[Figure], subject: str) -> str:
    return "; ".join(dict.fromkeys(one.note for one in figures if one.subject == subject and one.note))


def _machine() -> dict[str, str]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT name, current_setting(name) FROM pg_settings WHERE name = ANY(%s)", [SHOWN])
        shown = dict(cursor.fetchall())
    return {
        "cores": str(os.cpu_count()),
        "system": f"{platform.system()} {platform.machine()}",
        "python": platform.python_version(),
        "postgresql": shown.pop("server_version"),
        "its settings": ", ".join(f"{name} {value}" for name, value in sorted(shown.items())),
        "load average at the end": f"{os.getloadavg()[0]:.1f}",
        "note": os.environ.get("BENCH_NOTE", "the load, the servers and their database share the machine"),
    }


def _cells(figure: Figure) -> tuple[str, ...]:
    ratio = f"{figure.bugwire / figure.naive:.2f}" if figure.bugwire and figure.naive else ""
    numbers = (figure.bugwire, figure.naive, figure.limit)
    return figure.case, figure.unit, *(_number(one) for one in numbers), ratio


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if value >= 100 else f"{value:.3g}"
