"""Looks for texts in everything that Bugwire keeps, says and sends, however they are written there."""

import base64
import html
import logging
import re
import unicodedata
from collections.abc import Iterable, Iterator
from functools import cache
from urllib.parse import quote

import orjson
import re2
import redis
from django.conf import settings
from django.db import connection

from bugs.selectors import payloads
from config.logs import OneLine
from tests.safety.canaries import CANARIES, Canary

PIECE_MIN = 8  # letters of a part of a secret that is looked for alone: words are indexed one by one
_INVISIBLE = dict.fromkeys(map(ord, "\u200b\u200c\u200d\u2060\ufeff\u00ad\\\"' \n\r\t"))
_COMMON = frozenset({"numbatling"})  # of many, and no person's
Found = tuple[str, str, str]  # the canary, where, and what is around it


def bare(text: str) -> str:
    """As it is compared: no case, no widths, nothing that cannot be seen and nothing that quotes."""
    return unicodedata.normalize("NFKC", text).casefold().translate(_INVISIBLE)


def forms(one: Canary) -> set[str]:
    """How its secret may be written: as it is, in URLs, in HTML, in scripts, in base64, and its words alone."""
    text = unicodedata.normalize("NFKC", one.secret)
    plain = {text, quote(text, safe=""), quote(quote(text, safe=""), safe=""), html.escape(text)}
    plain |= {text.encode("ascii", "backslashreplace").decode(), text.replace("@", "%40")}
    plain |= {word for word in re.split(r"[\W_]+", text.casefold()) if len(word) >= PIECE_MIN and word not in _COMMON}
    return {bare(form) for form in plain} | {form.casefold() for form in _in_base64(text)}


def _in_base64(text: str) -> Iterator[str]:
    """At each of the three places that it can have among the others; the letters at its ends depend on them."""
    for before in range(3):
        code = base64.b64encode(b"\0" * before + text.encode()).decode().rstrip("=")
        middle = code[4 if before else 0 : len(code) - len(code) % 4]
        if len(middle) >= PIECE_MIN:
            yield from (middle, middle.translate(str.maketrans("+/", "-_")))


@cache
def _wanted() -> tuple[object, dict[str, str]]:
    names = {form: one.name for one in CANARIES for form in forms(one)}
    options = re2.Options()
    options.max_mem = 256 << 20
    longest = sorted(names, key=len, reverse=True)
    return re2.compile("|".join(map(re2.escape, longest)), options), names


def found(places: Iterable[tuple[str, str]]) -> list[Found]:
    """Planted values in (where, text)."""
    pattern, names = _wanted()
    told = []
    for where, text in places:
        as_compared = bare(text)
        for match in pattern.finditer(as_compared):
            around = as_compared[max(match.start() - 60, 0) : match.end() + 30]
            told.append((names[match[0]], where, around))
    return told


def database() -> Iterator[tuple[str, str]]:
    """Every column of every table. Payloads of reports are unpacked; what is sealed is looked through as it lies."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1")
        tables = [row[0] for row in cursor.fetchall()]
    for name in tables:
        yield from table(name)


def table(name: str) -> Iterator[tuple[str, str]]:
    with connection.cursor() as cursor:
        cursor.execute(f'SELECT * FROM "{name}"')
        places = [f"{name}.{column.name}" for column in cursor.description or ()]
        for row in cursor.fetchall():
            for place, value in zip(places, row, strict=True):
                if value is not None:
                    yield place, _text(place, value)


def _text(place: str, value: object) -> str:
    if place == "bugs_errorreport.payload":
        value = payloads.unpack(value)  # type: ignore[arg-type]
    if isinstance(value, bytes | memoryview):
        raw = bytes(value)
        return raw.decode("utf-8", "replace") if raw.isascii() else f"{raw.decode('utf-8', 'ignore')}"
    return value if isinstance(value, str) else orjson.dumps(value, default=str).decode()


def of_redis() -> Iterator[tuple[str, str]]:
    """All keys and values of the databases of the application and of Celery."""
    for address in (settings.REDIS_URL, _as_url(settings.CELERY_BROKER_URL)):
        client = redis.Redis.from_url(address)
        for key in client.scan_iter():
            yield "redis", f"{key!r} {_value(client, key)!r}"


def _as_url(broker: str) -> str:
    """Celery writes the address of a socket in its own way."""
    return broker.replace("redis+socket://", "unix://").replace("virtual_host=", "db=")


def _value(client: redis.Redis, key: bytes) -> object:
    reads = {b"string": client.get, b"hash": client.hgetall, b"set": client.smembers}
    match client.type(key):
        case b"list":
            return client.lrange(key, 0, -1)
        case b"zset":
            return client.zrange(key, 0, -1, withscores=True)
        case kind:
            return reads[kind](key)


class Lines(logging.Handler):
    """What the processes would have logged, through the formatter that they have."""

    def __init__(self) -> None:
        super().__init__(logging.INFO)
        self.lines: list[str] = []
        self.setFormatter(OneLine("%(levelname)s %(name)s %(message)s"))

    def emit(self, record: logging.LogRecord) -> None:
        self.lines.append(self.format(record))
