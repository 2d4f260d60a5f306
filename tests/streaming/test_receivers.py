"""Receivers: whatever clients did before, they are those that a look at all sockets finds."""

from collections.abc import Callable
from typing import Any
from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from audit.actors import Principal
from bugs import policy
from streaming.consumers import FRAMES
from streaming.fanout import receivers
from streaming.fanout.hub import Hub
from streaming.fanout.sockets import Credential, Socket
from streaming.streams import STREAMS, Subscription

WEB, OPS = UUID(int=1), UUID(int=2)
NAMES = ("new_bugs", "exports")
STEPS = st.lists(
    st.tuples(
        st.sampled_from(("subscribe", "unsubscribe", "leave", "rights", "look")),
        st.integers(0, 2),
        st.sampled_from(NAMES),
        st.sampled_from((WEB, OPS)),
    ),
    max_size=40,
)


def somebody(*projects: UUID) -> Principal:
    return Principal(label="user:1", roles={project: frozenset({"exporter"}) for project in projects})


def client(*projects: UUID) -> Socket:
    return Socket(somebody(*projects), Credential("key", "1"), FRAMES, lambda code, retry_ms=None: None)


def hub_of(*clients: Socket) -> Hub:
    hub = Hub(lambda hub: ())
    hub.sockets = set(clients)  # as if they had joined
    return hub


def found(hub: Hub, name: str, project: UUID) -> set[int]:
    return {id(one.subscription) for one in hub._receivers.of(STREAMS[name], project)}


def looked_up(hub: Hub, name: str, project: UUID) -> set[int]:
    return {
        id(one)
        for socket in hub.sockets
        for one in socket.subscriptions.values()
        if one.stream.name == name and policy.allows(socket.principal, one.stream.action, project)
    }


@given(STEPS)
def test_they_are_always_those_that_a_look_at_all_sockets_finds(steps: list[Any]) -> None:
    clients = [client(WEB), client(OPS), client(WEB, OPS)]
    hub = hub_of(*clients)
    acts: dict[str, Callable[[Socket, str, UUID], Any]] = {
        "subscribe": lambda one, name, project: hub.subscribe(one, Subscription(name, STREAMS[name])),
        "unsubscribe": lambda one, name, project: hub.unsubscribe(one, name),
        "leave": lambda one, name, project: hub.leave(one),
        "rights": lambda one, name, project: (one.become(somebody(project)), hub.changed()),
        "look": lambda one, name, project: found(hub, name, project),
    }
    for act, number, name, project in steps:
        acts[act](clients[number], name, project)
    for name in NAMES:
        for project in (WEB, OPS):
            assert found(hub, name, project) == looked_up(hub, name, project)


def test_who_comes_changes_nothing_for_others_and_who_goes_does() -> None:
    alice = client(WEB)
    hub = hub_of(alice)
    before = hub._receivers.change
    hub.subscribe(alice, Subscription("s1", STREAMS["new_bugs"]))
    assert hub._receivers.change == before
    hub.unsubscribe(alice, "s1")
    assert hub._receivers.change > before


def test_who_comes_gets_nothing_that_is_handed_out_already() -> None:
    alice = client(WEB)
    hub = hub_of(alice)
    now = hub._receivers.of(STREAMS["new_bugs"], WEB)
    hub.subscribe(alice, Subscription("s1", STREAMS["new_bugs"]))
    assert now == []


def test_they_are_kept_within_bounds_however_they_grow(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(receivers, "KEPT", 60)
    projects = [UUID(int=number) for number in range(1, 50)]
    clients = [client(*projects) for _ in range(10)]
    hub = hub_of(*clients)
    for project in projects:
        assert found(hub, "new_bugs", project) == set()
    for one in clients:
        hub.subscribe(one, Subscription("s1", STREAMS["new_bugs"]))
        assert hub._receivers._kept <= 60
    for project in projects:
        assert len(found(hub, "new_bugs", project)) == 10
        assert hub._receivers._kept <= 60


def test_what_is_kept_is_counted_right() -> None:
    alice, hub = client(WEB, OPS), hub_of()
    for project in (WEB, OPS):
        found(hub, "new_bugs", project)
    hub.sockets = {alice}
    hub.subscribe(alice, Subscription("s1", STREAMS["new_bugs"]))
    assert hub._receivers._kept == 4
    hub.unsubscribe(alice, "s1")
    assert hub._receivers._kept == 2
