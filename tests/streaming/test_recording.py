"""Records of sockets: those that are asked for at the same time share a statement, and each is answered for itself."""

import asyncio
import threading
from collections.abc import Coroutine, Iterator, Sequence
from typing import Any

import pytest
from django.db import connection

from audit import access, records
from audit.models import AccessRecord
from streaming import writing
from streaming.recording import GOOD, SocketRecord
from streaming.writing import GROUP, Writer

SCOPE = {"path": "/ws/v1/stream", "client_ip": "192.0.2.7", "headers": []}
in_the_database = pytest.mark.usefixtures("transactional_db", "short_lived")


def write(operation: str = "stream_connect", status: int = GOOD, **more: Any) -> Coroutine[Any, Any, None]:
    return SocketRecord(SCOPE).write(operation, status, principal=None, **more)


@in_the_database
def test_one_alone_is_written_at_once() -> None:
    async def play() -> None:
        before = records.LATER.runs, records.MANY_LATER.runs
        await write()
        assert (records.LATER.runs, records.MANY_LATER.runs) == (before[0] + 1, before[1])

    asyncio.run(play())
    assert AccessRecord.objects.get().operation == "stream_connect"


@in_the_database
def test_a_crowd_shares_statements() -> None:
    async def play() -> None:
        await asyncio.gather(*(write() for _ in range(GROUP * 2)))

    before = records.MANY_LATER.runs
    asyncio.run(play())
    assert AccessRecord.objects.count() == GROUP * 2
    assert records.MANY_LATER.runs - before == 2


@in_the_database
def test_one_that_is_refused_fails_alone() -> None:
    async def play() -> list[Any]:
        some = [write(code="\x00" if number == 3 else "") for number in range(8)]
        return await asyncio.gather(*some, return_exceptions=True)

    answers = asyncio.run(play())
    assert isinstance(answers.pop(3), records.Unrecorded) and answers == [None] * 7
    assert AccessRecord.objects.count() == 7


@pytest.fixture
def unwritable(transactional_db: None) -> Iterator[None]:
    """The table is gone for who writes records."""
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_accessrecord RENAME TO audit_elsewhere")
        yield
        cursor.execute("ALTER TABLE audit_elsewhere RENAME TO audit_accessrecord")


@in_the_database
def test_what_cannot_be_written_is_said_to_each(unwritable: None) -> None:
    async def play() -> list[Any]:
        return await asyncio.gather(*(write() for _ in range(50)), return_exceptions=True)

    before = records.MANY_LATER.runs
    answers = asyncio.run(play())
    assert {type(one) for one in answers} == {records.Unrecorded} and len(answers) == 50
    assert records.MANY_LATER.runs - before == 1


@in_the_database
def test_a_refusal_waits_for_the_disk() -> None:
    before = records.NOW.runs
    asyncio.run(write(status=403))
    assert records.NOW.runs == before + 1 and AccessRecord.objects.get().outcome == "refused"


def test_ends_hold_up_nobody(monkeypatch: pytest.MonkeyPatch) -> None:
    held = threading.Event()

    def slow_for_ends(calls: Sequence[access.Call]) -> list[None]:
        if calls[0].note.operation == "stream_close":
            held.wait(30)
        return [None] * len(calls)

    async def play() -> None:
        ending = [asyncio.create_task(write("stream_close", 1006, began=1.0)) for _ in range(GROUP * 3)]
        await asyncio.sleep(0)
        try:
            await asyncio.wait_for(write(), 10)
            assert not any(one.done() for one in ending)
        finally:
            held.set()
        await asyncio.gather(*ending)

    monkeypatch.setattr(access, "write_many", slow_for_ends)
    asyncio.run(play())


class Gated:
    """Writes a group when it is told to."""

    def __init__(self, failure: Exception | None = None) -> None:
        self.gate, self.failure = asyncio.Semaphore(0), failure
        self.groups: list[list[Any]] = []

    async def __call__(self, function: Any, calls: Any) -> Any:
        self.groups.append(calls)
        await self.gate.acquire()
        if self.failure:
            raise self.failure
        return [None] * len(calls)


def asked(writer: Writer, *calls: Any) -> list[asyncio.Task[None]]:
    return [asyncio.create_task(writer.write(call)) for call in calls]


async def settled() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


async def test_who_comes_while_some_are_written_is_in_the_next_group() -> None:
    writer = Writer(run := Gated())
    first = asked(writer, 1)
    await settled()
    others = asked(writer, 2, 3)
    await settled()
    assert run.groups == [[1]]
    run.gate.release()
    await asyncio.gather(*first)
    run.gate.release()
    await asyncio.gather(*others)
    assert run.groups == [[1], [2, 3]]


async def test_a_group_is_bounded() -> None:
    writer = Writer(run := Gated())
    some = asked(writer, *range(GROUP + 1))
    run.gate.release()
    run.gate.release()
    await asyncio.gather(*some)
    assert [len(group) for group in run.groups] == [GROUP, 1]


async def test_who_is_cancelled_while_waiting_takes_the_record_along() -> None:
    writer = Writer(run := Gated())
    first, second, third = asked(writer, 1)[0], *asked(writer, 2, 3)
    await settled()
    fourth, fifth = asked(writer, 4, 5)
    await settled()
    fourth.cancel()
    await settled()
    run.gate.release()
    run.gate.release()
    await asyncio.gather(first, second, third, fifth)
    assert run.groups == [[1, 2, 3], [5]] and not writer._waiting


async def test_who_is_cancelled_while_being_written_disturbs_no_other() -> None:
    writer = Writer(run := Gated())
    gone, stays = asked(writer, 1, 2)
    await settled()
    gone.cancel()
    run.gate.release()
    assert await stays is None
    assert gone.cancelled()


async def test_whatever_goes_wrong_each_is_told() -> None:
    run = Gated(RuntimeError("no threads any more"))
    some = asked(Writer(run), 1, 2)
    run.gate.release()
    assert [str(one) for one in await asyncio.gather(*some, return_exceptions=True)] == ["no threads any more"] * 2


async def test_a_writer_that_was_cancelled_before_it_began_is_followed_by_another() -> None:
    writer = Writer(run := Gated())
    some = asked(writer, 1, 2)
    await asyncio.sleep(0)
    assert writer._task is not None
    writer._task.cancel()
    run.gate.release()
    await asyncio.gather(*some)
    assert run.groups == [[1, 2]]


def test_each_loop_has_its_own_writers() -> None:
    async def ask() -> writing.Writers:
        assert writing.current() is writing.current()
        return writing.current()

    assert asyncio.run(ask()) is not asyncio.run(ask())
