"""Message templates on messages whose templates are known: `messages.toml`, and labelled logs where there are some."""

import csv
import random
import time
import tomllib
import uuid
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from statistics import fmean

from rich.console import Console
from rich.table import Table

from bench.quality.measures import compare
from bugs.ingest.grouping import templates

Labelled = list[tuple[str, str]]  # template or its name, message
LOGS = "*_structured.csv"  # of the loghub collection: columns Content and EventId
COLUMNS = ("exact groups", "pair precision", "pair recall", "templates", "found", "µs a message")
COPIES = 20
SEED = 1
_WORDS = ("amber", "basil", "cedar", "delta", "ember", "flint", "grove", "hazel", "indigo", "jasper", "kelp", "linden")
_LETTERS = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789"


def show(folder: Path, console: Console) -> None:
    table = Table("messages", *COLUMNS, title="Message templates")
    table.add_row("messages.toml", *_cells([_figures(labelled(SEED))]))
    logs = {name: _figures(messages) for name, messages in _logs(folder)}
    for name, figures in logs.items():
        table.add_row(name, *_cells([figures]))
    if logs:
        table.add_row("mean of the logs", *_cells(list(logs.values())), style="bold")
    console.print(table)


def labelled(seed: int) -> Labelled:
    """Each template filled in a number of times, in any order."""
    known = tomllib.loads(Path(__file__).with_name("messages.toml").read_text())["templates"]
    chance = random.Random(seed)
    found = [(template, _filled(template, chance)) for template in known for _ in range(COPIES)]
    chance.shuffle(found)
    return found


def _filled(template: str, chance: random.Random) -> str:
    for name, maker in _MAKERS.items():
        while f"{{{name}}}" in template:
            template = template.replace(f"{{{name}}}", maker(chance), 1)
    return template


def _logs(folder: Path) -> Iterator[tuple[str, Labelled]]:
    for path in sorted(folder.rglob(LOGS)):
        with path.open(newline="") as rows:
            yield path.name.removesuffix(".csv"), [(row["EventId"], row["Content"]) for row in csv.DictReader(rows)]


def _cells(figures: Sequence[Sequence[float]]) -> list[str]:
    means = [fmean(column) for column in zip(*figures, strict=True)]
    return [*(f"{mean:.3f}" for mean in means[:3]), *(f"{mean:.0f}" for mean in means[3:])]


def _figures(messages: Labelled) -> tuple[float, ...]:
    began = time.process_time()
    found = [templates.template(text) for _, text in messages]
    took = (time.process_time() - began) / len(messages) * 1e6
    quality = compare([template for template, _ in messages], found)
    known = len({template for template, _ in messages})
    return quality.exact, quality.pair_precision, quality.pair_recall, known, quality.groups, took


def _of(letters: str, least: int, most: int) -> Callable[[random.Random], str]:
    return lambda chance: "".join(chance.choices(letters, k=chance.randint(least, most)))


def _uuid(chance: random.Random) -> str:
    return str(uuid.UUID(int=chance.getrandbits(128), version=4))


def _number(chance: random.Random) -> str:
    return str(chance.randrange(10 ** chance.randint(1, 9)))


def _path(chance: random.Random) -> str:
    return "/" + "/".join(chance.choices(_WORDS, k=chance.randint(2, 5))) + chance.choice(("", ".txt", "-7.log"))


def _host(chance: random.Random) -> str:
    domain = chance.choice(("com", "net", "internal"))
    return f"{chance.choice(_WORDS)}-{chance.randrange(99)}.{chance.choice(_WORDS)}.{domain}"


_MAKERS: dict[str, Callable[[random.Random], str]] = {
    "int": _number,
    "float": lambda chance: f"{chance.uniform(0, 1000):.{chance.randint(1, 4)}f}",
    "port": lambda chance: str(chance.randrange(1024, 65536)),
    "uuid": _uuid,
    "hex": _of("0123456789abcdef", 24, 40),
    "address": lambda chance: f"0x{chance.getrandbits(48):x}",
    "id": _of(_LETTERS, 20, 24),
    "token": lambda chance: f"eyJ{_of(_LETTERS, 20, 30)(chance)}.{_of(_LETTERS, 20, 40)(chance)}",
    "ip": lambda chance: ".".join(str(chance.randrange(256)) for _ in range(4)),
    "host": _host,
    "url": lambda chance: f"https://{_host(chance)}{_path(chance)}?page={_number(chance)}",
    "email": lambda chance: f"{chance.choice(_WORDS)}.{chance.randrange(99)}@{_host(chance)}",
    "path": _path,
    "time": lambda chance: (
        f"2026-{chance.randrange(1, 13):02}-{chance.randrange(1, 29):02}T{chance.randrange(24):02}:05:09Z"
    ),
    "list": lambda chance: "[" + ", ".join(_number(chance) for _ in range(chance.randint(2, 9))) + "]",
    "sentence": lambda chance: " ".join(chance.choices(_WORDS, k=chance.randint(2, 4))) + "!",
    "word": lambda chance: chance.choice(_WORDS),
}
