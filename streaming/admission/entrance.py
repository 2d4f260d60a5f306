"""Who may come in, by whatever door: the checks in their order, each refusal written down, and the way out."""

import contextlib
from collections.abc import MutableMapping
from functools import partial
from typing import Any

from django.db import DatabaseError

from audit.actors import Principal
from streaming import closing
from streaming.admission import handshakes
from streaming.admission.places import Held, NoPlace
from streaming.conversation import Conversation
from streaming.fanout import tailing
from streaming.fanout.delivery import Delivery, Send, SendNow, never
from streaming.fanout.sockets import Close, Framing, Socket
from streaming.recording import BAD, SWITCHING, SocketRecord


class Refused(Exception):
    """status, code: as HTTP says it. closing: the close code where there is a socket already; None before that."""

    def __init__(self, status: int, code: str, detail: str, closing: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.closing = status, code, closing


async def check(scope: MutableMapping[str, Any], record: SocketRecord) -> None:
    """What is refused before anything is answered. Raises Refused."""
    if scope["origin_refused"]:
        raise await _refused(record, 403, "origin_refused", "This Origin is not in STREAM_ORIGINS.")
    if misplaced := scope["misplaced"]:
        raise await _refused(record, BAD, misplaced.code, str(misplaced))


async def enter(
    scope: MutableMapping[str, Any],
    record: SocketRecord,
    held: Held,
    *,
    send: Send,
    send_now: SendNow = never,
    framing: Framing,
    close: Close,
    answers_pings: bool = True,
) -> Conversation:
    """A place in the hub for whoever the scope says it is, kept until `held` ends. Raises Refused."""
    principal: Principal | None = scope["principal"]
    if scope["is_unavailable"]:
        raise await _refused(record, 503, "unavailable", "The credential cannot be looked up.", closing.UNAVAILABLE)
    if principal is None:
        detail = "There is no valid credential."
        raise await _refused(record, 401, "unauthenticated", detail, closing.UNAUTHENTICATED)
    if scope["is_over_limit"]:
        detail = "A limit of the key or person is used up."
        raise await _refused(record, 429, "rate_limited", detail, closing.RATE_LIMITED, principal)
    try:
        held.add(handshakes.CALLERS.take(principal.label))
    except NoPlace:
        detail = "The caller has as many sockets as it may have."
        raise await _refused(record, 429, "too_many_sockets", detail, closing.TOO_MANY_SOCKETS, principal) from None
    socket = Socket(principal, scope["credential"], framing, close, answers_pings)
    hub = tailing.current()
    try:
        await record.write("stream_connect", SWITCHING, principal=principal, project_ids=principal.roles)
        await hub.join(socket)
    except DatabaseError:
        raise Refused(503, "unavailable", "PostgreSQL does not answer.", closing.UNAVAILABLE) from None
    held.add(partial(hub.leave, socket))
    return Conversation(hub, socket, record, Delivery(socket.outbox, record, send, send_now))


async def leave(socket: Socket, record: SocketRecord, code: int) -> None:
    """Write down how it ended and how much was sent."""
    with contextlib.suppress(DatabaseError):  # nobody is left to be refused
        await record.write(
            "stream_close",
            code,
            principal=socket.principal,
            rows=record.events,
            targets=len(socket.subscriptions),
            project_ids=socket.principal.roles,
            began=record.began,
        )


async def _refused(
    record: SocketRecord,
    status: int,
    code: str,
    detail: str,
    close_code: int | None = None,
    principal: Principal | None = None,
) -> Refused:
    with contextlib.suppress(DatabaseError):  # it is refused either way
        await record.write("stream_connect", status, principal=principal, code=code)
    return Refused(status, code, detail, close_code)
