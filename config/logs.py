"""Every line of a log: without secrets and personal data, one line a record, of bounded length."""

import copy
import logging
import re
import threading
from collections.abc import Mapping
from functools import cache
from typing import Any
from urllib.parse import urlsplit

from django.conf import settings
from django.utils.module_loading import import_string

READ, WRITTEN = 32_000, 8_000  # characters of a record that are looked at, and that are kept
SHORTEST_SECRET = 6
UNSHOWN = "(not shown: it could not be cleaned)"
# What a terminal or a reader of logs may take for more than a character.
_UNSAFE = re.compile("[^\x20-\x7e\xa0-\u200d\u2010-\u2027\u2030-\u2065\u206a-\ud7ff\ue000-\U0010ffff]|\\\\")


class OneLine(logging.Formatter):
    """Cleans the message and the traceback together: an exception may carry anything."""

    def format(self, record: logging.LogRecord) -> str:
        try:
            return escaped(shortened(cleaned(shortened(super().format(_readable(record)), READ)), WRITTEN))
        except Exception:  # a log must neither fail nor show what could not be cleaned
            return f"{record.levelname} {record.name} {UNSHOWN}"


def _readable(record: logging.LogRecord) -> logging.LogRecord:
    """Django escapes what it tells of a request, where redaction would not find it; lines are escaped here anyway."""
    if not hasattr(record, "request") or not isinstance(record.args, tuple):
        return record
    record = copy.copy(record)
    record.args = tuple(_unescaped(one) if isinstance(one, str) else one for one in record.args or ())
    return record


def _unescaped(text: str) -> str:
    try:
        return text.encode("ascii").decode("unicode_escape")
    except UnicodeError:
        return text


def config(level: str) -> dict[str, Any]:
    """For LOGGING. Loggers that servers and Django write with by themselves are led to the one handler."""
    logging.raiseExceptions = False  # else a record that cannot be written is shown as it came
    ours: Mapping[str, Any] = {"handlers": ["stderr"], "level": level, "propagate": False}
    names = ("django", "django.server", "_granian", "granian.access", "uvicorn", "uvicorn.error", "celery")
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {"one_line": {"()": "config.logs.OneLine", "fmt": "%(levelname)s %(name)s %(message)s"}},
        "handlers": {"stderr": {"class": "logging.StreamHandler", "formatter": "one_line"}},
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {name: {**ours} for name in names},
    }


def log_failing_threads() -> None:
    """Python itself would print the traceback as it is."""

    def failed(thread: threading.ExceptHookArgs) -> None:
        if thread.exc_value and not issubclass(thread.exc_type, SystemExit):
            logging.getLogger("threads").critical("a thread has ended", exc_info=thread.exc_value)

    threading.excepthook = failed


def cleaned(text: str) -> str:
    """Without the secrets of the settings, then without what the redaction finds."""
    for secret in _secrets():
        text = text.replace(secret, "[redacted:setting]")
    redact = import_string(settings.LOG_REDACTION)
    return str(redact(text))


def shortened(text: str, most: int) -> str:
    """The beginning and the end, where an exception says what it is; cut between words: no half secret stays."""
    if len(text) <= most:
        return text
    head, tail = text[: most // 2], text[-most // 2 :]
    last, first = re.search(r"\s", head[::-1]), re.search(r"\s", tail)
    head = head[: len(head) - last.start()] if last else ""
    tail = tail[first.start() :] if first else ""
    return f"{head}(… {len(text) - len(head) - len(tail)} characters …){tail}"


def escaped(text: str) -> str:
    return _UNSAFE.sub(lambda found: _ESCAPES.get(found[0]) or f"\\u{ord(found[0]):04x}", text)


_ESCAPES = {"\n": "\\n", "\r": "\\r", "\t": "\\t", "\\": "\\\\"}


@cache
def _secrets() -> list[str]:
    """Longest first, so that none is cut by another that is part of it."""
    found = {
        settings.SECRET_KEY,
        *settings.SECRET_KEY_FALLBACKS,
        *settings.ENCRYPTION_KEYS.values(),
        *settings.API_KEY_PEPPERS.values(),
        settings.AUDIT_SIGNING_KEY,
        settings.DATABASES["default"].get("PASSWORD") or "",
        *(urlsplit(url).password or "" for url in (settings.REDIS_URL, settings.CELERY_BROKER_URL)),
    }
    return sorted((secret for secret in found if len(secret) >= SHORTEST_SECRET), key=len, reverse=True)
