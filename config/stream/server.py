"""The `stream` process: uvicorn with our settings, its sockets' farewell, and what it hears from other processes."""

import argparse
import asyncio
import contextlib
import gc
import resource
import socket
import ssl
import sys
from collections.abc import Callable, Mapping, Sequence
from typing import Any

import uvicorn

from config import asgi, tls  # asgi loads the apps, so it comes first
from config.stream import bounds, frames, opening
from streaming import control
from streaming.admission import farewell
from streaming.fanout import tailing

APPLICATION = f"{asgi.__name__}:application"
SHUTDOWN_SECONDS = 7.0  # the supervisor waits 8; clients are told in the first 3, what is left is for records
LEAVING_SECONDS = 1.0
GARBAGE = (20_000, 20, 50)  # thousands of sockets are many objects to look through, and none of them is garbage
ACCEPTS = 16  # in a turn of the loop; libuv takes one connection of each handle
SPARE_FILES = 1_000  # of the process beside its sockets
OPTIONS: dict[str, Any] = {
    "http": opening.Opening,
    "ws": frames.StreamSocket,
    "ws_max_size": 65536,
    "ws_ping_interval": bounds.HEARTBEAT_SECONDS,
    "ws_ping_timeout": bounds.HEARTBEAT_SECONDS,
    "ws_per_message_deflate": False,
    "backlog": 4096,
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "log_config": None,  # the settings say how logs are written
}


class StreamServer(uvicorn.Server):
    """uvicorn's cuts all sockets at once; here each hears first when to come back."""

    _listening: asyncio.Task[None]

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        await super().startup(sockets or self._doors())
        gc.freeze()  # what is loaded stays
        gc.set_threshold(*GARBAGE)
        self._listening = asyncio.create_task(control.listen({control.RIGHTS_CHANGED: _look, control.DRAIN: _drain}))

    def _doors(self) -> list[socket.socket]:
        """One listening socket, several times: who waited in the kernel would not be told to come back later."""
        door = self.config.bind_socket()
        return [door, *(door.dup() for _ in range(ACCEPTS - 1))]

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        end = asyncio.get_running_loop().time() + SHUTDOWN_SECONDS
        for server in self.servers:
            server.close()
        self._listening.cancel()
        await farewell.drain(tailing.current().sockets)
        farewell.close_door(SHUTDOWN_SECONDS)
        await self._wait_for_leaving()
        self.config.timeout_graceful_shutdown = max(1, int(end - asyncio.get_running_loop().time()))
        await super().shutdown(sockets)

    async def _wait_for_leaving(self) -> None:
        """Until clients have answered: a connection that is cut may lose what was said last."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(LEAVING_SECONDS):
                while self.server_state.connections and not self.force_exit:
                    await asyncio.sleep(0.05)


async def _look(message: Mapping[str, Any]) -> None:
    tailing.look_at_rights()


async def _drain(message: Mapping[str, Any]) -> None:
    await farewell.drain(tailing.current().sockets, closed=message["seconds"])


def main(argv: Sequence[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(prog="python -m config.stream.server", description=__doc__)
    arguments.add_argument("application", nargs="?", default=APPLICATION)
    arguments.add_argument("--host", default="127.0.0.1", help="one address, as a number")
    arguments.add_argument("--port", type=int, default=8001)
    arguments.add_argument("--certificate", default="")
    arguments.add_argument("--key", default="")
    given = arguments.parse_args(argv)
    identity = tls.identity(given.certificate, given.key)
    factory = _modern(identity) if identity else None
    config = uvicorn.Config(given.application, given.host, given.port, ssl_context_factory=factory, **OPTIONS)
    _allow_files(bounds.ALL + SPARE_FILES)
    server = StreamServer(config)
    with contextlib.suppress(KeyboardInterrupt):
        server.run()
    if not server.started:
        sys.exit("The stream process could not start.")


def _allow_files(wanted: int) -> None:
    """As many open files as sockets need, as far as this machine lets us."""
    soft, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    most = wanted if hard == resource.RLIM_INFINITY else min(wanted, hard)
    if soft != resource.RLIM_INFINITY and soft < most:
        resource.setrlimit(resource.RLIMIT_NOFILE, (most, hard))


def _modern(identity: tls.Identity) -> Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext]:
    return lambda config, default: tls.context(identity)


if __name__ == "__main__":
    main()
