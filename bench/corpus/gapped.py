"""JSON worked out once, with gaps that each event fills anew: ids, times, numbers, people."""

import re
import uuid
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from random import Random
from typing import Any

import orjson

PEOPLE = 5_000
_GAP = re.compile(rb'"@@#(\w+)@@"|@@(\w+)@@')  # in quotes and with #: a number, which stands alone


@dataclass(slots=True)
class Moment:
    """One event as it happens."""

    dice: Random
    at: float
    event_id: bytes
    trace: bytes
    user: int
    order: int

    @classmethod
    def of(cls, dice: Random, at: float) -> "Moment":
        user = min(PEOPLE - 1, int(dice.paretovariate(0.25)))
        order = 100_000 + dice.randrange(800_000)
        return cls(dice, at, b"%032x" % dice.getrandbits(128), b"%032x" % dice.getrandbits(128), user, order)


Fill = Callable[[Moment], bytes]


def when(seconds: float) -> str:
    """A gap for the time so many seconds before the event."""
    return f"@@when_{round(seconds * 1000)}@@"


def epoch(seconds: float) -> str:
    return f"@@#epoch_{round(seconds * 1000)}@@"


class Gapped:
    """A document, ready to be filled."""

    __slots__ = ("_fills", "_form")

    def __init__(self, document: Any) -> None:
        pieces = _GAP.split(orjson.dumps(document))
        self._form = b"%b".join(piece.replace(b"%", b"%%") for piece in pieces[0::3])
        names = [number or text for number, text in zip(pieces[1::3], pieces[2::3], strict=True)]
        self._fills = [_fill(name.decode()) for name in names]

    def fill(self, moment: Moment) -> bytes:
        filled: bytes = self._form % tuple([fill(moment) for fill in self._fills])
        return filled


def _fill(name: str) -> Fill:
    kind, _, argument = name.partition("_")
    if kind == "when":
        return lambda moment: iso(moment.at - int(argument) / 1000)
    if kind == "epoch":
        return lambda moment: b"%.3f" % (moment.at - int(argument) / 1000)
    return _FILLS[kind]


def iso(at: float) -> bytes:
    return datetime.fromtimestamp(at, UTC).strftime("%Y-%m-%dT%H:%M:%S.%fZ").encode()


_FILLS: dict[str, Fill] = {
    "event": lambda moment: moment.event_id,
    "trace": lambda moment: moment.trace,
    "user": lambda moment: b"%d" % moment.user,
    "order": lambda moment: b"%d" % moment.order,
    "ip": lambda moment: b"10.%d.%d.%d" % (moment.user >> 8, moment.user & 255, moment.user % 199),
    "address": lambda moment: b"%012x" % moment.dice.getrandbits(48),
    "span": lambda moment: b"%016x" % moment.dice.getrandbits(64),
    "uuid": lambda moment: str(uuid.UUID(int=moment.dice.getrandbits(128), version=4)).encode(),
    "number": lambda moment: b"%d" % moment.dice.randrange(10_000),
    "ms": lambda moment: b"%.2f" % (moment.dice.expovariate(1) * 80),
    "host": lambda moment: b"web-%d" % moment.dice.randrange(12),
}
