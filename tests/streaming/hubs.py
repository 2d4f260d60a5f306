"""A hub without a server, sockets without a client, and facts as listeners get them."""

import asyncio
from collections.abc import Callable, Coroutine
from dataclasses import replace
from typing import Any
from uuid import uuid4

import orjson
from django.db import transaction
from django.utils import timezone

from audit import replays
from audit.actors import SYSTEM, Principal
from bugs import services
from bugs.events import errors as events
from bugs.models import ErrorGroup, Project
from streaming.consumers import FRAMES
from streaming.fanout.hub import Hub
from streaming.fanout.sockets import Credential, Socket
from streaming.streams import STREAMS, Subscription


def report(project: Project) -> dict[str, Any]:
    """A bug's first fact, as its listeners get it."""
    bug = services.report(project_id=project.pk, by=SYSTEM, title="Checkout is blank")
    start = replace(replays.recent_position(1_000), fence=0)
    return next(one for one in replays.facts_since(start, types=["bug.*"]) or () if one["subject"] == f"bug:{bug.pk}")


def spike(project: Project) -> dict[str, Any]:
    """A fact of a group of errors."""
    now = timezone.now()
    group = ErrorGroup.objects.create(project=project, fingerprint="f", first_seen_at=now, last_seen_at=now)
    with transaction.atomic():
        events.group_spiking(group, observed=10, expected=1.0, by=SYSTEM)
    start = replace(replays.recent_position(1_000), fence=0)
    return (replays.facts_since(start, types=["error_group.spiking"]) or [])[0]


def socket(project: Project, *streams: str) -> Socket:
    """Of somebody who subscribed to these, each named like it."""
    who = Principal(label="user:1", roles={project.pk: frozenset({"exporter"})})
    one = Socket(who, Credential("key", str(uuid4())), FRAMES, lambda code, retry_ms=None: None)
    one.subscriptions = {name: Subscription(id=name, stream=STREAMS[name]) for name in streams}
    return one


def heard(one: Socket) -> list[dict[str, Any]]:
    return [orjson.loads(entry.text) for _ in range(len(one.outbox)) if (entry := one.outbox.take())]


def run(play: Callable[[Hub], Coroutine[Any, Any, None]]) -> None:
    """On a hub that does nothing by itself."""
    asyncio.run(play(Hub(lambda hub: ())))
