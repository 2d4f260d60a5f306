"""The `stream` process: uvicorn with our settings. Its own command line cannot ask for TLS 1.3 alone."""

import argparse
import ssl
from collections.abc import Callable, Sequence
from typing import Any

import uvicorn

from config import tls

APPLICATION = "config.asgi:application"
OPTIONS: dict[str, Any] = {
    "ws": "websockets-sansio",
    "ws_max_size": 65536,
    "ws_ping_interval": 20.0,
    "ws_per_message_deflate": False,
    "proxy_headers": False,
    "server_header": False,
    "access_log": False,
    "log_config": None,  # the settings say how logs are written
    "timeout_graceful_shutdown": 5,
}


def main(argv: Sequence[str] | None = None) -> None:
    arguments = argparse.ArgumentParser(prog="python -m config.stream_server", description=__doc__)
    arguments.add_argument("application", nargs="?", default=APPLICATION)
    arguments.add_argument("--host", default="127.0.0.1")
    arguments.add_argument("--port", type=int, default=8001)
    arguments.add_argument("--certificate", default="")
    arguments.add_argument("--key", default="")
    given = arguments.parse_args(argv)
    identity = tls.identity(given.certificate, given.key)
    factory = _modern(identity) if identity else None
    uvicorn.run(given.application, host=given.host, port=given.port, ssl_context_factory=factory, **OPTIONS)


def _modern(identity: tls.Identity) -> Callable[[uvicorn.Config, Callable[[], ssl.SSLContext]], ssl.SSLContext]:
    return lambda config, default: tls.context(identity)


if __name__ == "__main__":
    main()
