"""What a caller may take of the loop that serves all, and what follows for those who take more."""

import asyncio
from dataclasses import replace
from typing import Any

import pytest

from bugs.models import Project
from streaming.fanout import replaying, ring, spending
from streaming.fanout.hub import Hub
from streaming.fanout.sockets import Socket
from streaming.fanout.spending import ALLOWED_SECONDS, WINDOW_SECONDS, Spending
from streaming.streams import bugs
from tests.streaming.hubs import heard, report, run, socket

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.usefixtures("short_lived")]


def filtered(project: Project, caller: str, *filters: str) -> Socket:
    """With a subscription for each."""
    one = socket(project, "new_bugs")
    like = one.subscriptions.pop("new_bugs")
    one.principal = replace(one.principal, label=caller)
    for text in filters:
        asked = {"q": text} if text else {}
        one.subscriptions[text] = replace(like, id=text, filters=asked, filter_key=text.encode(), _questions={})
    return one


def test_a_window_has_so_much_and_no_more() -> None:
    account = Spending()
    assert not account.is_used_up("a", 10.0)
    account.add("a", ALLOWED_SECONDS)
    assert not account.is_used_up("a", 10.1)
    account.add("a", 0.001)
    assert account.is_used_up("a", 10.2)
    assert not account.is_used_up("b", 10.2)
    assert not account.is_used_up("a", 10.0 + WINDOW_SECONDS)


def test_filters_of_one_take_nothing_of_others(web: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(spending, "ALLOWED_SECONDS", 0.0)
    greedy, other = (
        filtered(web, "key:1", "title:a*", "title:b*", "title:c*", ""),
        filtered(web, "key:2", "severity:medium"),
    )

    async def play(hub: Hub) -> None:
        for one in (greedy, other):
            await hub.join(one)
        await hub.deliver([await asyncio.to_thread(report, web)])

    run(play)
    assert [one["op"] for one in heard(other)] == ["event"]
    told = {one["sub"]: one.get("reason") for one in heard(greedy)}
    assert told == {"": None, "title:b*": "rate_limited", "title:c*": "rate_limited"}


def test_a_filter_is_made_ready_once(web: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    made: list[Any] = []
    matcher = bugs.matcher
    monkeypatch.setattr(bugs, "matcher", lambda *args, **more: made.append(args) or matcher(*args, **more))
    listening = filtered(web, "key:1", "severity:medium")

    async def play(hub: Hub) -> None:
        await hub.join(listening)
        for _ in range(3):
            await hub.deliver([await asyncio.to_thread(report, web)])

    run(play)
    assert (len(heard(listening)), len(made)) == (3, 1)


def test_what_reads_the_log_is_a_call_though_it_finds_nothing(web: Project, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(ring.Ring.__init__, "__defaults__", ((), 1))
    listening = socket(web, "resolutions")

    async def refused(principal: Any) -> bool:
        return False

    monkeypatch.setattr(replaying.calls, "is_allowed", refused)

    async def play(hub: Hub) -> None:
        await hub.join(listening)
        start, one = str(hub.position), listening.subscriptions["resolutions"]
        assert (await replaying.missed(hub, listening.principal, one, start)).gap == ""
        for _ in range(2):
            await hub.deliver([await asyncio.to_thread(report, web)])
        found = await replaying.missed(hub, listening.principal, one, start)
        assert (found.gap, found.token) == ("rate_limited", start)

    run(play)


def test_what_is_found_in_memory_is_not_found_for_ever(web: Project) -> None:
    listening = socket(web, "new_bugs")

    async def play(hub: Hub) -> None:
        await hub.join(listening)
        start, one = str(hub.position), listening.subscriptions["new_bugs"]
        for count in (1, 2):
            await hub.deliver([await asyncio.to_thread(report, web)])
            assert len((await replaying.missed(hub, listening.principal, one, start)).bodies) == count

    run(play)
