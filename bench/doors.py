"""Where events are sent to, and each event once."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

AGENT = "sentry.python/2.75.0"


class UsedUp(Exception):
    """More events were asked for than were made."""


@dataclass(frozen=True, slots=True)
class Door:
    """A DSN: what SDKs know a project by."""

    number: int
    key: str

    def request(self, body: bytes) -> bytes:
        """The bytes that sentry-sdk sends."""
        head = (
            f"POST /api/{self.number}/envelope/ HTTP/1.1\r\nHost: 127.0.0.1\r\nUser-Agent: {AGENT}\r\n"
            f"X-Sentry-Auth: Sentry sentry_key={self.key}, sentry_version=7, sentry_client={AGENT}\r\n"
            "Content-Type: application/x-sentry-envelope\r\nContent-Encoding: gzip\r\n"
            f"Content-Length: {len(body)}\r\n\r\n"
        )
        return head.encode() + body


class Supply:
    """Each body once through each door, so that none is a duplicate."""

    def __init__(self, doors: Sequence[Door], bodies: Sequence[bytes]) -> None:
        self._requests = self._all(doors, bodies)

    def __call__(self) -> bytes:
        """The next request. Raises UsedUp."""
        for request in self._requests:
            return request
        raise UsedUp

    @staticmethod
    def _all(doors: Sequence[Door], bodies: Sequence[bytes]) -> Iterator[bytes]:
        for door in doors:
            for body in bodies:
                yield door.request(body)
