"""Where `make run` listens, and whether it is ready there."""

import http.client
import ipaddress
import socket
import ssl
from dataclasses import dataclass

from config import tls


@dataclass(frozen=True, slots=True)
class Doorway:
    """The address of `web` and `stream`, and their certificate."""

    host: str
    identity: tls.Identity | None = None

    @property
    def is_for_this_machine(self) -> bool:
        return self.host == "localhost" or ipaddress.ip_address(self.host).is_loopback

    @property
    def here(self) -> str:
        """Where this machine reaches it."""
        return {"0.0.0.0": "127.0.0.1", "::": "[::1]"}.get(self.host, self.host)  # noqa: S104

    def url(self, scheme: str, port: int) -> str:
        """scheme: `http` or `ws`, which TLS makes `https` or `wss`."""
        return f"{scheme}{'s' if self.identity else ''}://{self.here}:{port}"

    def why_not(self, port: int) -> str:
        """Why the port cannot be listened on; empty when it can."""
        with socket.socket(socket.AF_INET6 if ":" in self.host else socket.AF_INET) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.host, port))
            except OSError as error:
                return error.strerror or str(error)
        return ""

    def not_ready(self, port: int) -> str:
        """Empty when `/readyz` is content, else what it said."""
        connection = self._connection(port)
        try:
            connection.request("GET", "/readyz")
            answer = connection.getresponse()
            return "" if answer.status == 200 else f"{answer.status} {answer.read(500).decode(errors='replace')}"
        except (OSError, http.client.HTTPException) as error:
            return str(error)
        finally:
            connection.close()

    def _connection(self, port: int) -> http.client.HTTPConnection:
        if not self.identity:
            return http.client.HTTPConnection(self.here.strip("[]"), port, timeout=2)
        # Our own process, asked whether it is ready: its certificate is for the name that others call it by.
        context = ssl._create_unverified_context()  # noqa: S323
        return http.client.HTTPSConnection(self.here.strip("[]"), port, timeout=2, context=context)
