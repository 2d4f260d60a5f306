"""What waits for a client: bounded, in order, and never left out without a word."""

from typing import Any

import orjson
import pytest
from hypothesis import given
from hypothesis import strategies as st

from streaming.fanout import outbox
from streaming.fanout.outbox import Outbox, Overflow


def gap(sub: str, token: str) -> str:
    return f"gap {sub} from {token}"


@pytest.fixture
def box() -> Outbox:
    return Outbox(gap)


def taken(box: Outbox) -> list[str]:
    return [entry.text for _ in range(len(box)) if (entry := box.take())]


def fill(box: Outbox, count: int, sub: str = "s") -> None:
    for number in range(count):
        box.put_event(f"event {number}", sub, str(number))


def test_everything_comes_in_order(box: Outbox) -> None:
    box.put("hello")
    box.put_event("one", "s", "1")
    box.put("pong")
    assert taken(box) == ["hello", "one", "pong"]


def test_as_many_as_there_is_room_for_all_come(box: Outbox) -> None:
    fill(box, outbox.MAX_MESSAGES)
    assert box.lagging_since is None
    assert len(taken(box)) == outbox.MAX_MESSAGES


def test_one_too_many_becomes_one_gap_from_the_first(box: Outbox) -> None:
    fill(box, outbox.MAX_MESSAGES + 1)
    assert taken(box) == ["gap s from 0"]


def test_each_subscription_has_its_own_gap(box: Outbox) -> None:
    box.put_event("a", "one", "7")
    fill(box, outbox.MAX_MESSAGES, "two")
    assert sorted(taken(box)) == ["gap one from 7", "gap two from 0"]


def test_too_many_bytes_are_too_much_as_well(box: Outbox) -> None:
    box.put_event("x" * (outbox.MAX_BYTES // 2), "s", "1")
    box.put_event("x" * (outbox.MAX_BYTES // 2 + 1), "s", "2")
    assert taken(box) == ["gap s from 1"]


def test_while_a_gap_waits_its_events_are_left_out(box: Outbox) -> None:
    fill(box, outbox.MAX_MESSAGES + 1)
    box.put_event("later", "s", "999")
    box.put_event("other", "t", "999")
    assert taken(box) == ["gap s from 0", "other"]
    box.put_event("live again", "s", "1000")
    assert taken(box) == ["live again"]


def test_answers_are_never_left_out(box: Outbox) -> None:
    fill(box, outbox.MAX_MESSAGES)
    box.put("pong")
    assert taken(box) == ["gap s from 0", "pong"]


def test_whoever_does_not_even_take_answers_is_refused(box: Outbox) -> None:
    for _ in range(outbox.MAX_MESSAGES):
        box.put("pong")
    with pytest.raises(Overflow):
        box.put("pong")


def test_lagging_ends_when_all_is_taken(box: Outbox) -> None:
    fill(box, outbox.MAX_MESSAGES + 1)
    assert box.lagging_since is not None
    taken(box)
    assert box.lagging_since is None


def test_a_newer_figure_replaces_the_one_that_waits(box: Outbox) -> None:
    box.put_event("old", "s", "1", "web")
    box.put_event("other project", "s", "1", "ops")
    box.put_event("new", "s", "2", "web")
    assert taken(box) == ["other project", "new"]  # whose token is behind both
    box.put_event("newer", "s", "3", "web")
    assert taken(box) == ["newer"]


def test_figures_alone_never_fill_it(box: Outbox) -> None:
    for number in range(outbox.MAX_MESSAGES * 2):
        box.put_event(str(number), "s", "1", "web")
    assert taken(box) == [str(outbox.MAX_MESSAGES * 2 - 1)]


def test_what_waits_of_a_subscription_that_ends_is_forgotten(box: Outbox) -> None:
    fill(box, outbox.MAX_MESSAGES + 1, "one")
    box.put_event("other", "two", "1", "web")
    box.forget("one")
    fill(box, 1, "one")  # no gap waits any more
    box.put_event("newer", "two", "2", "web")
    assert taken(box) == ["event 0", "newer"]


def test_a_gap_behind_events_stays_one_gap_when_they_go(box: Outbox) -> None:
    box.put_event("event", "one", "1")
    box.put_gap("gap one 2", "one")
    fill(box, outbox.MAX_MESSAGES, "two")
    assert taken(box) == ["gap one from 1", "gap two from 0"]


def test_a_gap_that_waits_says_so_until_it_is_taken_itself(box: Outbox) -> None:
    box.put_event("event", "s", "1")
    box.put_gap("gap s 2", "s")
    assert box.take().text == "event"  # type: ignore[union-attr]
    box.put_event("later", "s", "3")
    assert taken(box) == ["gap s 2"]


def test_figures_that_wait_when_it_overflows_go_like_other_events(box: Outbox) -> None:
    box.put_event("figures", "one", "1", "web")
    box.put_gap("gap one 2", "one")
    fill(box, outbox.MAX_MESSAGES, "two")
    box.put_event("newer", "one", "3", "web")
    assert taken(box) == ["gap one from 1", "gap two from 0"]


STEPS = st.lists(
    st.one_of(
        st.sampled_from([("take_all",), ("take_one",), ("put_gap", "a"), ("put_gap", "b")]),
        st.tuples(st.just("put"), st.sampled_from("ab"), st.integers(1, 150)),
    ),
    max_size=60,
)


class Told:
    """A client that replays each gap from its token as soon as it hears of it."""

    def __init__(self) -> None:
        self.box = Outbox(lambda sub, token: orjson.dumps([sub, int(token)]).decode())
        self.sent = {"a": 0, "b": 0}
        self.got: dict[str, set[int]] = {"a": set(), "b": set()}

    def take(self, entry: Any) -> None:
        if entry.is_gap:
            sub, number = orjson.loads(entry.text)
            self.got[sub] |= set(range(number, self.sent[sub]))
        else:
            self.got[entry.sub].add(int(entry.text))

    def take_all(self) -> None:
        while entry := self.box.take():
            self.take(entry)

    def take_one(self) -> None:
        if entry := self.box.take():
            self.take(entry)

    def put(self, sub: str, count: int) -> None:
        for _ in range(count):
            self.box.put_event(str(self.sent[sub]), sub, str(self.sent[sub]))
            self.sent[sub] += 1

    def put_gap(self, sub: str) -> None:
        """An event that could not be shown."""
        self.box.put_gap(orjson.dumps([sub, self.sent[sub]]).decode(), sub)
        self.sent[sub] += 1


@given(STEPS)
def test_what_a_client_gets_and_what_gaps_name_is_everything(steps: list[Any]) -> None:
    told = Told()
    for name, *values in steps:
        getattr(told, name)(*values)
    told.take_all()
    assert told.got == {sub: set(range(count)) for sub, count in told.sent.items()}
