"""Places where programs fail: functions of real source files, which compress as real source does."""

import re
import sysconfig
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from random import Random

BASE_DIR = Path(__file__).resolve().parent.parent.parent
FILES, PER_FILE = 60, 12  # of each package
OURS = ("apikeys", "audit", "bugs", "exports", "integrations", "streaming")
LIBRARIES = ("django", "rest_framework", "celery", "kombu", "psycopg")
SCRIPTS = "django/contrib/admin/static/admin/js"
INSTALLED = Path(sysconfig.get_path("purelib"))
_DEFINED = {
    ".py": re.compile(r"^ *(?:async )?def (\w+)\("),
    ".js": re.compile(r"(?:function (\w+)\(|(\w+): function\(|^ +(\w+)\([\w, ]*\) \{)"),
}


@dataclass(frozen=True, slots=True)
class Place:
    """One line of a function; `source` is the file's text as lines, `line` counts from 0."""

    file: str
    function: str
    line: int
    source: tuple[str, ...]
    in_app: bool

    def around(self, lines: int) -> tuple[list[str], str, list[str]]:
        """What stands before it, the line, and what stands after."""
        before = self.source[max(0, self.line - lines) : self.line]
        return list(before), self.source[self.line], list(self.source[self.line + 1 : self.line + 1 + lines])


@cache
def python() -> list[Place]:
    places = [place for name in OURS for place in _below(BASE_DIR / name, BASE_DIR, ".py", in_app=True)]
    for name in LIBRARIES:
        places += _below(INSTALLED / name, INSTALLED, ".py", in_app=False)
    return places


@cache
def javascript() -> list[Place]:
    root = INSTALLED / SCRIPTS
    return [
        place
        for ours, folder in ((True, root), (False, root / "vendor"))
        for place in _below(folder, root, ".js", in_app=ours)
        if ours != place.file.startswith("vendor")
    ]


def _below(folder: Path, root: Path, suffix: str, *, in_app: bool) -> Iterator[Place]:
    files = [path for path in sorted(folder.rglob(f"*{suffix}")) if _is_wanted(path)]
    for path in Random(folder.name).sample(files, min(FILES, len(files))):
        yield from _places(path, str(path.relative_to(root)), in_app)


def _is_wanted(path: Path) -> bool:
    return ".min." not in path.name and not {"tests", "migrations", "locale", "i18n"} & set(path.parts)


def _places(path: Path, file: str, in_app: bool) -> list[Place]:
    source = tuple(path.read_text().splitlines())
    found = []
    for number, line in enumerate(source):
        match = _DEFINED[path.suffix].search(line)
        if match and (inside := [at for at in range(number + 1, min(number + 12, len(source))) if source[at].strip()]):
            name = next(group for group in match.groups() if group)
            found.append(Place(file, name, inside[len(inside) // 2], source, in_app))
    return found[:: max(1, len(found) // PER_FILE)][:PER_FILE]
