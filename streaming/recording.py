"""What a socket leaves in the access log: connecting, subscribing, resuming, closing; never each event."""

import time
import uuid
from collections.abc import Iterable
from typing import Any
from uuid import UUID

from audit import access
from audit.actors import Principal
from streaming import threads, writing

SWITCHING, GOOD, BAD = 101, 200, 400  # HTTP's own numbers, as REST has them


class SocketRecord:
    """One socket's part of the log; its records share a request id. events: how many were sent so far."""

    def __init__(self, scope: Any) -> None:
        self.began = time.perf_counter()
        self.request_id = str(uuid.uuid4())
        self.source, self.path = _source(scope), scope["path"]
        self.events = 0

    async def write(
        self,
        operation: str,
        status: int,
        *,
        principal: Principal | None,
        code: str = "",
        rows: int | None = None,
        targets: int = 0,
        project_ids: Iterable[UUID] = (),
        began: float | None = None,
    ) -> None:
        """Raises records.Unrecorded: what was asked for must not be done then."""
        note = access.Access(channel="stream", principal=principal, operation=operation, code=code, rows=rows)
        note.project_ids, note.targets = project_ids, targets
        note.began = began or time.perf_counter()
        call = access.Call(note, status, "GET", self.path, self.request_id, self.source)
        is_end = began is not None
        if access.outcome_of(status) == "allowed":
            writers = writing.current()
            await (writers.ends if is_end else writers.awaited).write(call)
        else:  # an end refuses nobody anything
            await (threads.run_last if is_end else threads.run)(access.write, call, durable=not is_end)


def _source(scope: Any) -> access.Source:
    headers = {name.decode("latin-1").lower(): value.decode("latin-1") for name, value in scope["headers"]}
    return access.Source(
        ip=scope["client_ip"],
        user_agent=headers.get("user-agent", ""),
        path=scope["path"],
        query=scope.get("query_string", b"").decode("latin-1"),
        forwarded=headers.get("x-forwarded-for", ""),
        trace=headers.get("traceparent", ""),
    )
