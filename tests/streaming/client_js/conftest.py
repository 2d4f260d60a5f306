"""The JavaScript client in a real browser, and a server that says what each test wants."""

import json
import queue
import shutil
import threading
from collections.abc import Callable, Iterator
from http import HTTPStatus
from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Browser, Page, sync_playwright
from websockets.http11 import Request, Response
from websockets.sync.server import Server, ServerConnection, serve
from websockets.typing import Subprotocol

CHROMIUM = shutil.which("chromium")
CLIENT = Path(__file__).parents[3] / "static" / "stream.js"
PAGE = "<script type=module>import * as all from './stream.js'; Object.assign(window, all);</script>"
OURS = [Subprotocol("bugwire.v1")]
OPEN = """([url, subscriptions, hasTickets]) => {
  heard = []; tickets = 0;
  const note = (name) => (...more) => heard.push([name, ...more]);
  const names = ["event", "state", "gap", "snapshot", "error", "ready"];
  stream = new Stream(url, Object.fromEntries(names.map((name) => [name, note(name)])),
                      hasTickets ? { ticket: async () => `T${++tickets}` } : {});
  for (const one of subscriptions) stream.subscribe(one);
  stream.connect();
}"""


class Visit:
    """One connection of the client, seen from the server."""

    def __init__(self, link: ServerConnection) -> None:
        self.link, self.offered = link, link.request.headers.get("Sec-WebSocket-Protocol")  # type: ignore[union-attr]

    def say(self, op: str, **fields: Any) -> None:
        self.link.send(json.dumps({"op": op, **fields}))

    def event(self, name: str | None, token: str, sub: str = "s") -> None:
        self.say("event", sub=sub, resume=token, event={"event_id": name})

    def hear(self, op: str) -> dict[str, Any]:
        """The next message with that op; pings are answered."""
        while True:
            message = json.loads(self.link.recv(10))
            if message["op"] == op:
                return dict(message)
            if message["op"] == "ping":
                self.say("pong", t=message["t"])

    def welcome(self) -> list[dict[str, Any]]:
        """What is asked for in the first message."""
        self.say("welcome")
        return list(self.hear("subscribe")["subscriptions"])

    def join(self, *tokens: tuple[str, str]) -> list[dict[str, Any]]:
        asked = self.welcome()
        for name, token in tokens or [("s", "t0")]:
            self.say("subscribed", id=name, resume=token)
        return asked


class Peer:
    """A server that keeps its visits waiting for what the test says."""

    def __init__(self, server: Server, visits: "queue.Queue[Visit]") -> None:
        self.address, self.visits = f"127.0.0.1:{server.socket.getsockname()[1]}", visits

    def visit(self) -> Visit:
        return self.visits.get(timeout=15)

    def is_left_alone(self, seconds: float = 1.5) -> bool:
        try:
            self.visits.get(timeout=seconds)
        except queue.Empty:
            return True
        return False


@pytest.fixture(scope="module")
def browser() -> Iterator[Browser]:
    if CHROMIUM is None:
        pytest.skip("needs Debian's chromium")
    with sync_playwright() as player:
        browser = player.chromium.launch(executable_path=CHROMIUM, args=["--no-sandbox"])
        yield browser
        browser.close()


@pytest.fixture
def peer() -> Iterator[Peer]:
    visits: queue.Queue[Visit] = queue.Queue()
    ended = threading.Event()

    def handle(link: ServerConnection) -> None:
        visits.put(Visit(link))
        ended.wait(60)

    with serve(handle, "127.0.0.1", 0, subprotocols=OURS, process_request=_page, ping_interval=None) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield Peer(server, visits)
        ended.set()


def _page(link: ServerConnection, request: Request) -> Response | None:
    """The page that holds the client, and the client."""
    if "Upgrade" in request.headers:
        return None
    kind, body = ("text/javascript", CLIENT.read_text()) if request.path == "/stream.js" else ("text/html", PAGE)
    answer = link.respond(HTTPStatus.OK, body)
    del answer.headers["Content-Type"]
    answer.headers["Content-Type"] = kind
    return answer


@pytest.fixture
def page(browser: Browser, peer: Peer) -> Iterator[Page]:
    page = browser.new_page()
    page.goto(f"http://{peer.address}/")
    page.wait_for_function("() => window.Stream")
    yield page
    page.close()


class Client:
    """A page whose stream notes what it is told."""

    def __init__(self, page: Page, url: str, subscriptions: list[dict[str, Any]], *, has_tickets: bool) -> None:
        self.page = page
        page.evaluate(OPEN, [url, subscriptions, has_tickets])

    def does(self, script: str) -> Any:
        return self.page.evaluate(script)

    def heard(self, name: str, count: int = 1) -> list[list[Any]]:
        """What it was told under a name, once there are so many."""
        noted = "heard.filter((one) => one[0] === name)"
        self.page.wait_for_function(f"([name, count]) => {noted}.length >= count", arg=[name, count])
        return list(self.page.evaluate(f"(name) => {noted}.map((one) => one.slice(1))", name))

    def becomes(self, name: str) -> dict[str, Any]:
        """The last state with that name, once there is one."""
        found = "heard.findLast(([kind, one]) => kind === 'state' && one.name === name)"
        self.page.wait_for_function(f"(name) => {found}", arg=name)
        return dict(self.page.evaluate(f"(name) => {found}[1]", name))


@pytest.fixture
def client(page: Page, peer: Peer) -> Callable[..., Client]:
    """Opens a stream in the page that asks for these; for `s` when none are named."""

    def start(*names: str, has_tickets: bool = False, **fields: Any) -> Client:
        asked = [{"id": name, "type": "new_bugs", **fields} for name in names or ("s",)]
        return Client(page, f"ws://{peer.address}/", asked, has_tickets=has_tickets)

    return start
