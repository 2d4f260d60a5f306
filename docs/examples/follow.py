"""Follow Bugwire's live stream from a program: each event once, over breaks, or a word that some are missing.

    pip install websockets
    BUGWIRE_KEY=bw_live_... python follow.py ws://127.0.0.1:8001/ws/v1/stream bug_updates --filter 'severity:>=high'

With --state FILE it goes on where it was when the program itself starts again. MIT License; copy what you need.
"""

import argparse
import asyncio
import json
import os
import random
import sys
import time
from collections import OrderedDict
from collections.abc import AsyncGenerator
from contextlib import aclosing
from pathlib import Path
from typing import Any

from websockets.asyncio.client import connect
from websockets.exceptions import ConnectionClosed, InvalidHandshake, InvalidStatus
from websockets.typing import Subprotocol

FIRST_WAIT, LONGEST_WAIT, BUSY_WAIT, LONGEST_RETRY = 0.5, 30.0, 2.0, 300.0  # seconds
STEADY = 10.0  # a connection that lasted so long was a good one
ANSWER_WITHIN = 15.0
SEEN = 5_000  # as many as one resume brings at most
Message = dict[str, Any]


class Refused(Exception):
    """To come back with the same key, or to ask for the same again, is of no use."""


class Follower:
    """One subscription. token: from where on to resume; keep it with what you made of the events."""

    def __init__(self, url: str, key: str, subscription: Message, token: str | None = None) -> None:
        self.url, self.key, self.token = url, key, token
        self.subscription = {"id": "follow", **subscription}
        self._seen: OrderedDict[str, None] = OrderedDict()
        self._code, self._retry = 1006, 0.0

    async def messages(self) -> AsyncGenerator[Message, None]:
        """For ever: each `event` once, and each `gap`, after which the list is to be read again. Raises Refused."""
        tries = 0
        while True:
            self._code, self._retry, began = 1006, 0.0, time.monotonic()
            try:
                async with aclosing(self._connected()) as heard:
                    async for message in heard:
                        yield message
            except InvalidStatus as error:
                self._retry = _retry_after(error)
            except (OSError, TimeoutError, InvalidHandshake, ConnectionClosed):
                pass
            tries = 0 if time.monotonic() - began > STEADY else tries + 1
            await asyncio.sleep(wait(self._code, tries, self._retry))

    async def _connected(self) -> AsyncGenerator[Message, None]:
        headers = {"Authorization": f"Bearer {self.key}"}
        # Pings of the library's own find out when the other side is gone without a word.
        async with connect(self.url, subprotocols=[Subprotocol("bugwire.v1")], additional_headers=headers) as link:
            try:
                self._is_news(json.loads(await asyncio.wait_for(link.recv(), ANSWER_WITHIN)))  # welcome, or goodbye
                resume = {"resume": self.token} if self.token else {}
                await link.send(json.dumps({"op": "subscribe", **self.subscription, **resume}))
                async for text in link:
                    message = json.loads(text)
                    if message["op"] == "ping":
                        await link.send('{"op": "pong"}')
                    elif message["op"] == "gap" and message["reason"] == "too_slow":
                        self.token = message["resume"]  # the server still has all of it
                        return
                    elif self._is_news(message):
                        yield message
                        self.token = message["resume"]  # you asked for the next: this one is done
            finally:
                if link.close_code and self._code == 1006:
                    self._code = link.close_code

    def _is_news(self, message: Message) -> bool:
        match message["op"]:
            case "subscribed":
                self.token = self.token or message["resume"]
            case "goodbye":
                self._code, self._retry = message["code"], message.get("retry_ms", 0) / 1_000
            case "error" if message["code"] != "unavailable":
                raise Refused(f"{message['code']}: {message['detail']}")
            case "error":  # PostgreSQL is away
                raise TimeoutError(message["detail"])
            case "event":
                return self._is_new(message["event"].get("event_id"))
        return bool(message["op"] == "gap")

    def _is_new(self, name: str | None) -> bool:
        if name is None:
            return True
        if name in self._seen:
            return False
        self._seen[name] = None
        if len(self._seen) > SEEN:
            self._seen.popitem(last=False)
        return True


def wait(code: int, tries: int, retry: float) -> float:
    """Seconds to the next attempt: full jitter below a doubling ceiling, after what the server asks. Raises Refused."""
    if 4000 <= code < 4100:
        raise Refused(f"The server closed with {code}.")
    ceiling = min(LONGEST_WAIT, FIRST_WAIT * 2 ** (0 if 4200 <= code < 4300 else min(tries, 10)))
    least = BUSY_WAIT if 4100 <= code < 4200 else 0.0
    return max(min(retry, LONGEST_RETRY), least) + random.uniform(0, ceiling)


def _retry_after(error: InvalidStatus) -> float:
    """What an answer other than a socket says. Raises Refused."""
    status, after = error.response.status_code, error.response.headers.get("Retry-After", "")
    if 400 <= status < 500 and status != 429:
        raise Refused(f"The server answered {status}.") from error
    return float(after) if after.isdigit() else 0.0


def keep(place: Path, token: str) -> None:
    """The old one or the new one, whenever the power fails."""
    fresh = place.with_suffix(".new")
    fresh.write_text(token)
    fresh.replace(place)


async def main() -> None:
    arguments = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    arguments.add_argument("url")
    arguments.add_argument("type", nargs="?", default="new_bugs")
    arguments.add_argument("--filter", default="", help="what to be told of, in the filter language")
    arguments.add_argument("--state", type=Path, help="a file that keeps the place in the stream")
    given = arguments.parse_args()
    token = given.state.read_text() if given.state and given.state.exists() else None
    filters = {"filters": {"q": given.filter}} if given.filter else {}
    follower = Follower(given.url, os.environ["BUGWIRE_KEY"], {"type": given.type, **filters}, token)
    async for message in follower.messages():
        print(json.dumps(message), flush=True)  # here you would do something with it
        if given.state:
            keep(given.state, message["resume"])


if __name__ == "__main__":
    try:
        asyncio.run(main())
    except Refused as error:
        sys.exit(str(error))
    except KeyboardInterrupt:
        sys.exit(130)
