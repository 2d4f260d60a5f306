"""A client of the live stream that notes when each message arrived."""

import json
import threading
import time
from dataclasses import dataclass
from types import TracebackType
from typing import Any, Self

from websockets.exceptions import ConnectionClosed
from websockets.sync.client import connect
from websockets.typing import Subprotocol


@dataclass(frozen=True)
class Heard:
    at: float  # time.perf_counter() of this process
    subscription: str
    event: dict[str, Any]


class Listener:
    """A context manager, subscribed when entered; `wait` returns the event of a bug."""

    def __init__(self, url: str, api_key: str) -> None:
        self._opening = connect(
            url,
            subprotocols=[Subprotocol("bugwire.v1")],
            additional_headers={"Authorization": f"Bearer {api_key}"},
            proxy=None,  # it is on this machine, whatever the environment says of proxies
        )
        self._heard: list[Heard] = []
        self._news = threading.Condition()
        self._thread = threading.Thread(target=self._read, daemon=True)

    def __enter__(self) -> Self:
        self._link = self._opening.__enter__()
        self._expect("welcome")
        for kind in ("new_bugs", "bug_updates"):
            self._link.send(json.dumps({"op": "subscribe", "id": kind, "type": kind, "format": "detailed"}))
            self._expect("subscribed")
        self._thread.start()
        return self

    def __exit__(self, kind: type[BaseException] | None, error: object, where: TracebackType | None) -> None:
        self._opening.__exit__(kind, error, where)

    def wait(self, subscription: str, text: str, *, seconds: float) -> Heard:
        """The first event of that subscription with `text` in the bug's title. Raises TimeoutError."""
        limit = time.monotonic() + seconds
        with self._news:
            while True:
                for heard in self._heard:
                    if heard.subscription == subscription and text in _title(heard.event):
                        return heard
                if not self._news.wait(max(0.0, limit - time.monotonic())):
                    raise TimeoutError(f"No {subscription} event of {text!r} in {seconds:g} s.")

    def _expect(self, op: str) -> None:
        while (said := json.loads(self._link.recv(10)))["op"] != op:
            if said["op"] in ("error", "goodbye"):
                raise ConnectionError(f"The stream answered {said}.")

    def _read(self) -> None:
        try:
            for text in self._link:
                at, message = time.perf_counter(), json.loads(text)
                if message["op"] == "event":
                    with self._news:
                        self._heard.append(Heard(at, message["sub"], message["event"]))
                        self._news.notify_all()
                elif message["op"] == "ping":
                    self._link.send('{"op":"pong"}')
        except ConnectionClosed:
            return


def _title(event: dict[str, Any]) -> str:
    return str(event["metadata"].get("bug", {}).get("title", ""))
