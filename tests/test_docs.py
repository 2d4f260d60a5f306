"""What the code says must be what the documents say: events, settings, problem codes, stream codes."""

import ast
import re
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from streaming import closing
from streaming.streams import STREAMS

ROOT = Path(__file__).resolve().parent.parent
PACKAGES = ("audit", "bugs", "apikeys", "exports", "integrations", "streaming", "config")
EVENT_TYPE = re.compile(r"[a-z_]+\.[a-z_]+")


@cache
def _trees() -> dict[Path, ast.Module]:
    paths = [path for package in PACKAGES for path in (ROOT / package).rglob("*.py")]
    return {path: ast.parse(path.read_text()) for path in paths if "migrations" not in path.parts}


def _calls(*where: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call with the last part of what is called; `where` keeps to some packages."""
    for path, tree in _trees().items():
        if where and path.relative_to(ROOT).parts[0] not in where:
            continue
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name | ast.Attribute):
                yield node.func.id if isinstance(node.func, ast.Name) else node.func.attr, node


def _texts(call: ast.Call) -> list[str]:
    return [one.value for one in call.args if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def _document(name: str) -> str:
    return (ROOT / name).read_text()


def _rows(text: str) -> set[str]:
    """What stands in backticks at the beginning of table rows."""
    return set(re.findall(r"^\| `([^`]+)`", text, re.MULTILINE))


def event_types() -> set[str]:
    """First arguments of `log.record`, `log.announce`, each app's own `_of_…` around them, and what only hubs make."""
    found = {kind for one in STREAMS.values() if one.stirred_by for kind in one.types}
    for name, call in _calls():
        first = _texts(call)[:1]
        is_ours = name in ("record", "announce") or name.startswith("_of_")
        if is_ours and first and EVENT_TYPE.fullmatch(first[0]):
            found.add(first[0])
    return found


def environment_names() -> set[str]:
    """`env.str("NAME")` in the settings, `os.environ.get("NAME")` and `_port("NAME")` in the supervisor."""
    places = "".join(_document(f"config/{name}.py") for name in ("settings", "allowances", "stream/bounds"))
    settings = re.findall(r'env\.\w+\(\s*"([A-Z_]+)"', places)
    supervisor = re.findall(r'(?:environ\.get|_port)\(\s*"([A-Z_]+)"', _document("config/supervisor.py"))
    return {*settings, *supervisor}


def problem_codes() -> set[str]:
    """Codes given to `Problem`, `Refusal` and `answer`: the first text that is one lower-case word."""
    found = set()
    for name, call in _calls():
        if name in ("Problem", "Refusal", "answer", "_problem"):
            codes = [text for text in _texts(call) if re.fullmatch(r"[a-z_]+", text)]
            found.update(codes[:1])
    return found


def stream_codes() -> set[str]:
    """Codes of `BadMessage` and `say("error", code=…)`, and the numbers that sockets are closed with."""
    found = set()
    for name, call in _calls("streaming"):
        if name == "BadMessage":
            found.update(_texts(call)[:1])
        found.update(
            one.value.value for one in call.keywords if one.arg == "code" and isinstance(one.value, ast.Constant)
        )
    return {str(code) for code in (*found, *closing.CLOSINGS)}


def test_the_search_finds_what_is_known_to_be_there() -> None:
    assert {"bug.created", "export.progress", "member.joined", "webhook.created"} <= event_types()
    assert {"SECRET_KEY", "STREAM_PORT", "DATABASE_URL"} <= environment_names()
    assert {"not_found", "version_changed", "ingest_key_invalid", "rate_limited"} <= problem_codes()
    assert {"unknown_op", "unavailable", "4001", "4113"} <= stream_codes()


def test_architecture_lists_exactly_the_events_that_the_code_records() -> None:
    vocabulary = _document("ARCHITECTURE.md").partition("## The event vocabulary")[2].partition("\n## ")[0]
    assert _rows(vocabulary) == event_types()


def test_every_environment_variable_is_explained() -> None:
    assert environment_names() - _rows(_document("docs/settings.md")) == set()


def test_no_explained_variable_is_gone() -> None:
    assert _rows(_document("docs/settings.md")) - environment_names() == set()


def test_every_problem_code_is_explained() -> None:
    assert problem_codes() - _rows(_document("docs/errors.md")) == set()


def test_every_code_of_the_stream_is_explained() -> None:
    assert stream_codes() - _rows(_document("docs/streaming.md")) == set()


@pytest.mark.parametrize("document", sorted([*ROOT.glob("*.md"), *(ROOT / "docs").glob("*.md")]), ids=lambda p: p.name)
def test_links_between_documents_lead_somewhere(document: Path) -> None:
    links = re.findall(r"\]\((?!https?://|#|mailto:)([^)#]+)", document.read_text())
    missing = [link for link in links if not (document.parent / link).exists()]
    assert missing == []
