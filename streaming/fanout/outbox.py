"""What waits for one client, bounded: who does not keep up is told what it missed, and nobody else waits for it."""

import time
from collections.abc import Callable
from typing import Protocol

MAX_MESSAGES = 256
MAX_BYTES = 512 * 1024


class Overflow(Exception):
    """Not even the answers to its own messages are taken."""


class Way(Protocol):
    """How messages get out."""

    __slots__ = ()

    def send_now(self, text: str, *, is_event: bool) -> bool:
        """Whether it went at once: the client takes more, and there is nothing that it would overtake."""

    def begin(self) -> None:
        """Something waits."""


class NoWay(Way):
    """Not yet, or not any more."""

    __slots__ = ()

    def send_now(self, text: str, *, is_event: bool) -> bool:
        return False

    def begin(self) -> None:
        pass


NO_WAY = NoWay()


class Entry:
    """One message. sub: of an event or a gap. token: of an event, from where on it would come again. project: its."""

    __slots__ = ("latest", "project", "sub", "text", "token")

    def __init__(
        self, text: str, sub: str = "", token: str = "", latest: tuple[str, str] | None = None, project: str = ""
    ) -> None:
        self.text, self.sub, self.token, self.latest, self.project = text, sub, token, latest, project

    @property
    def is_gap(self) -> bool:
        return bool(self.sub) and not self.token


class Outbox:
    """A queue whose events give way to one `gap` a subscription when it is full.

    While a gap waits, the events of its subscription are left out: whoever resumes from its token gets them.
    gap: the text of such a message, of a subscription and a token. lagging_since: when something had to be left out
    that is not caught up with yet, on the monotonic clock; None of a client that keeps up.
    """

    __slots__ = ("_gap", "_latest", "_missed", "_size", "_waiting", "lagging_since", "way")

    def __init__(self, gap: Callable[[str, str], str]) -> None:
        self.lagging_since: float | None = None
        self.way: Way = NO_WAY
        self._gap = gap
        self._waiting: list[Entry] = []  # an empty deque has room for 64, in each of thousands of outboxes
        self._latest: dict[tuple[str, str], Entry] = {}
        self._missed: set[str] = set()
        self._size = 0

    def __len__(self) -> int:
        return len(self._waiting)

    def put(self, text: str) -> None:
        """An answer or a ping; raises Overflow."""
        if not self._waiting and self.way.send_now(text, is_event=False):
            return
        if not self._has_room(text):
            self._leave_out()
            if not self._has_room(text):
                raise Overflow
        self._append(Entry(text))

    def put_event(self, text: str, sub: str, token: str, latest: str | None = None, project: str = "") -> None:
        """An event, which is left out when there is no room. latest: a waiting one with this name is replaced."""
        if sub in self._missed or (not self._waiting and self.way.send_now(text, is_event=True)):
            return
        name = None if latest is None else (sub, latest)
        if name is not None and (older := self._latest.pop(name, None)):
            self._waiting.remove(older)  # not in its place: the newer one's token is behind all that waits between them
            self._size -= len(older.text)
        entry = Entry(text, sub, token, name, project)
        self._append(entry)
        if name is not None:
            self._latest[name] = entry
        if self._size > MAX_BYTES or len(self._waiting) > MAX_MESSAGES:
            self._leave_out()

    def put_gap(self, text: str, sub: str) -> None:
        """Why events are missing from here on; one that waits already says it."""
        if sub not in self._missed:
            self._append(Entry(text, sub))
            self._missed.add(sub)
            if not self._has_room(""):
                self._leave_out()

    def keep(self, is_wanted: Callable[[Entry], bool]) -> None:
        """Of what waits, the rest goes without a word: whoever calls has one, or it may not be seen any more."""
        self._waiting = list(filter(is_wanted, self._waiting))
        self._latest = {entry.latest: entry for entry in self._waiting if entry.latest is not None}
        self._missed = {entry.sub for entry in self._waiting if entry.is_gap}
        self._size = sum(len(entry.text) for entry in self._waiting)
        if not self._waiting:
            self.lagging_since = None

    def forget(self, sub: str) -> None:
        """What waits of a subscription that ends."""
        self.keep(lambda entry: entry.sub != sub)

    def take(self) -> Entry | None:
        """The next message, if there is one."""
        if not self._waiting:
            return None
        entry = self._waiting.pop(0)
        self._size -= len(entry.text)
        if entry.latest is not None:
            del self._latest[entry.latest]
        if entry.is_gap:
            self._missed.discard(entry.sub)
        if not self._waiting:
            self.lagging_since = None
        return entry

    def _append(self, entry: Entry) -> None:
        self._waiting.append(entry)
        self._size += len(entry.text)
        self.way.begin()

    def _has_room(self, text: str) -> bool:
        return len(self._waiting) < MAX_MESSAGES and self._size + len(text) <= MAX_BYTES

    def _leave_out(self) -> None:
        """Events go; in their place comes one gap a subscription, with the token of the first that went."""
        if self.lagging_since is None:
            self.lagging_since = time.monotonic()
        firsts: dict[str, str] = {}
        for entry in self._waiting:
            if entry.token:
                firsts.setdefault(entry.sub, entry.token)
        kept = [entry for entry in self._waiting if not entry.token and entry.sub not in firsts]
        gaps = [Entry(self._gap(sub, token), sub) for sub, token in firsts.items()]
        self._waiting = [*kept, *gaps]
        self._latest.clear()
        self._missed |= firsts.keys()
        self._size = sum(len(entry.text) for entry in self._waiting)
