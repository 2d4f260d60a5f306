"""What people write around the words that matter; the sentences are in phrases.toml."""

import tomllib
from pathlib import Path

_read = tomllib.loads((Path(__file__).parent / "phrases.toml").read_text())
TITLES: list[str] = _read["titles"]
SENTENCES: list[str] = _read["sentences"]
STEPS: list[str] = _read["steps"]
EXPECTED: list[str] = _read["expected"]
ACTUAL: list[str] = _read["actual"]
COMMENTS: list[str] = _read["comments"]
ERRORS: list[str] = _read["errors"]
CHOICES: dict[str, list[str]] = _read["choices"]
