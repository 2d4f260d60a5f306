"""Lines of logs: clean, one a record, bounded, whoever writes them."""

import io
import logging
import logging.config
import threading
import urllib.error
import urllib.request
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from celery.app.log import Logging as CeleryLogging
from hypothesis import given
from hypothesis import strategies as st

from config import logs, programs
from config.celery import app as celery_app
from tests.config.tls.answers import SECRET
from tests.config.tls.loopback import free_port, running

PERSONAL = [
    "alice@example.org",
    SECRET,
    "Bearer eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxMjM0NTY3ODkwIn0.dozjgNryP4J3jVmNHl0w5N_XgL0n3I9P",
]


@pytest.fixture
def written() -> Iterator[io.StringIO]:
    """What the handler of the settings writes."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(logs.OneLine("%(levelname)s %(name)s %(message)s"))
    logger = logging.getLogger("shop")
    logger.addHandler(handler)
    logger.propagate = False
    yield stream
    logger.removeHandler(handler)
    logger.propagate = True


def _clean(text: str) -> bool:
    return not any(one in text for one in PERSONAL)


def _fail_with(value: str) -> None:
    password = value
    try:
        raise KeyError(f"{password} is not there")
    except KeyError as error:
        raise RuntimeError(f"could not let in {value}") from error


@pytest.mark.parametrize("personal", PERSONAL)
def test_a_message_is_cleaned(written: io.StringIO, personal: str) -> None:
    logging.getLogger("shop").error("said %s twice: %s", personal, {"what": personal})
    assert _clean(written.getvalue()) and "[redacted:" in written.getvalue()


@pytest.mark.parametrize("personal", PERSONAL)
def test_a_traceback_is_cleaned_with_its_causes(written: io.StringIO, personal: str) -> None:
    try:
        _fail_with(personal)
    except RuntimeError:
        logging.getLogger("shop").exception("failed")
    line = written.getvalue()
    assert _clean(line) and "KeyError" in line and "RuntimeError: could not let in " in line and "[redacted:" in line


def test_secrets_of_the_settings_never_show(written: io.StringIO, settings: Any) -> None:
    logs._secrets.cache_clear()
    settings.ENCRYPTION_KEYS = {"1": "just words that nobody would take for a key"}
    logging.getLogger("shop").error("%s and %s", settings.SECRET_KEY, settings.ENCRYPTION_KEYS)
    logs._secrets.cache_clear()
    assert settings.SECRET_KEY not in written.getvalue() and "just words" not in written.getvalue()


@pytest.mark.parametrize("sign", ["\n", "\r", "\x1b", "\x07", "\x9b", "\u2028", "\u2029", "\u202e", "\u2066", "\0"])
def test_nothing_begins_another_line_or_moves_the_cursor(written: io.StringIO, sign: str) -> None:
    logging.getLogger("shop").error("paid%sERROR root all is lost", sign)
    assert sign not in written.getvalue().rstrip("\n") and written.getvalue().count("\n") == 1


def test_half_a_surrogate_can_be_written() -> None:
    assert logs.escaped("a\ud800b").encode()


@given(st.text(max_size=300))
def test_what_was_escaped_can_be_read_again(text: str) -> None:
    shown = logs.escaped(text)
    assert len(shown.splitlines()) <= 1 and shown.encode().decode() == shown
    if text.isascii() and text.isprintable():
        assert shown.replace("\\\\", "\\") == text


def test_ordinary_lines_stay_as_they_are(written: io.StringIO) -> None:
    logging.getLogger("shop").error("größer als 5 MB: café.png, release 1.8.0")
    assert written.getvalue() == "ERROR shop größer als 5 MB: café.png, release 1.8.0\n"


@given(st.integers(0, 70_000), st.sampled_from(["x", "word ", "a\n", "é "]))
def test_lines_are_bounded_and_keep_beginning_and_end(times: int, word: str) -> None:
    text = "first " + word * times + " last"
    short = logs.shortened(text, logs.WRITTEN)
    assert len(short) <= logs.WRITTEN + 40 and short.startswith("first ") and short.endswith(" last")


@given(st.integers(0, 16_100))
def test_no_half_secret_is_left_by_a_cut(before: int) -> None:
    text = "x" * before + f" {SECRET} " + "y " * 40_000
    short = logs.shortened(text, logs.READ)
    assert SECRET in short or SECRET[:9] not in short


def test_a_wrong_format_shows_neither_arguments_nor_an_error(written: io.StringIO, capsys: Any) -> None:
    logging.getLogger("shop").error("%d things", PERSONAL[0])
    assert written.getvalue() == f"ERROR shop {logs.UNSHOWN}\n" and capsys.readouterr().err == ""


def test_what_cannot_be_cleaned_is_not_shown(written: io.StringIO, settings: Any) -> None:
    settings.LOG_REDACTION = "config.nowhere.text"
    logging.getLogger("shop").error("said %s", PERSONAL[0])
    assert written.getvalue() == f"ERROR shop {logs.UNSHOWN}\n"


def test_a_thread_that_fails_is_logged(monkeypatch: pytest.MonkeyPatch, caplog: Any) -> None:
    monkeypatch.setattr(threading, "excepthook", threading.excepthook)
    logs.log_failing_threads()
    thread = threading.Thread(target=_fail_with, args=[PERSONAL[0]])
    thread.start()
    thread.join()
    assert [record.name for record in caplog.records] == ["threads"]


def test_celery_sets_up_no_handlers_of_its_own() -> None:
    before = {
        name: list(logging.getLogger(name).handlers) for name in ("", "celery", "celery.task", "celery.redirected")
    }
    setup = CeleryLogging(celery_app)
    setup.already_setup = False
    setup.setup_logging_subsystem(loglevel="WARNING")
    assert {name: logging.getLogger(name).handlers for name in before} == before


@pytest.mark.parametrize(
    ("command", "application"),
    [(programs.web_command, "failing_wsgi"), (programs.stream_command, "failing_asgi")],
    ids=["web", "stream"],
)
def test_a_server_prints_a_failure_clean_and_on_one_line(command: Any, application: str, tmp_path: Path) -> None:
    port, log = free_port(), tmp_path / "log"
    server = running(command(port, f"tests.config.tls.answers:{application}"), port, log)
    with server, pytest.raises(urllib.error.HTTPError):
        urllib.request.urlopen(f"http://127.0.0.1:{port}/", timeout=20)
    lines = [line for line in log.read_text().splitlines() if "RuntimeError" in line]
    assert len(lines) == 1 and _clean(log.read_text()) and "no such key: [redacted:" in lines[0]
