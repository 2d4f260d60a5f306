"""One client's place in the hub: its rights, its subscriptions, its bounded outbox."""

import time
from dataclasses import dataclass, field
from typing import NamedTuple, Protocol
from uuid import UUID

from audit.actors import Principal
from bugs import policy
from streaming import closing
from streaming.fanout.outbox import Outbox, Overflow
from streaming.streams import Subscription


class Credential(NamedTuple):
    """What a socket was opened with: equal ones are reread once.

    kind: `key` or `session`. name: the id of the key, or the session's. address: from where the key was shown.
    """

    kind: str
    name: str
    address: str = ""


class Close(Protocol):
    def __call__(self, code: int, retry_ms: int | None = None) -> None: ...


class Framing(Protocol):
    """How a door writes messages: frames of a WebSocket, or lines of an event stream."""

    def event(self, sub: str, token: str, body: bytes) -> str: ...

    def said(self, op: str, **fields: object) -> str: ...


@dataclass(eq=False, slots=True)
class Socket:
    """close: called with a close code by whoever finds the reason first, and with the wait in milliseconds when it is
    not the usual one. answers_pings: whether it must."""

    principal: Principal
    credential: Credential
    framing: Framing
    close: Close
    answers_pings: bool = True
    subscriptions: dict[str, Subscription] = field(default_factory=dict)
    outbox: Outbox = field(init=False)
    heard_at: float = field(default_factory=time.monotonic)
    pinged_at: float = field(default_factory=time.monotonic)

    def __post_init__(self) -> None:
        self.outbox = Outbox(self._too_slow)

    def may_see(self, sub: str, project_id: str) -> bool:
        """Whether events of a project are still for a subscription: there is such, and the rights are there."""
        one = self.subscriptions.get(sub)
        return one is not None and policy.allows(self.principal, one.stream.action, UUID(project_id))

    def become(self, principal: Principal) -> None:
        """With other rights than before; what waits and may not be seen any more is not sent."""
        self.principal = principal
        self.outbox.keep(lambda entry: not entry.project or self.may_see(entry.sub, entry.project))

    def say(self, op: str, **fields: object) -> None:
        self.put(self.framing.said(op, **fields))

    def put(self, text: str) -> None:
        try:
            self.outbox.put(text)
        except Overflow:
            self.close(closing.TOO_SLOW)

    def gap(self, sub: str, token: str, reason: str) -> str:
        """The message that events of a subscription may be missing from a token on."""
        one = self.subscriptions.get(sub)
        refetch = one.stream.rest if one else None
        return self.framing.said("gap", sub=sub, resume=token, reason=reason, refetch=refetch)

    def _too_slow(self, sub: str, token: str) -> str:
        return self.gap(sub, token, "too_slow")
