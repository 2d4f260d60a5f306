"""How many messages a client may send: bursts, a steady rate, and nothing more."""

from hypothesis import given
from hypothesis import strategies as st

from streaming.admission.flow import BURST, RATE, Flow

Pauses = st.lists(st.floats(0, 2, allow_nan=False), max_size=300)


def test_a_burst_is_taken_and_one_more_is_not() -> None:
    flow = Flow(0.0)
    assert all(flow.take(0.0) for _ in range(BURST))
    assert not flow.take(0.0)


def test_tokens_come_back_at_the_rate() -> None:
    flow = Flow(0.0)
    while flow.take(0.0):
        pass
    assert not flow.take(0.9 / RATE)
    assert flow.take(1.1 / RATE)


def test_a_long_rest_gives_one_burst_and_no_more() -> None:
    flow = Flow(0.0)
    assert sum(flow.take(3_600.0) for _ in range(2 * BURST)) == BURST


@given(Pauses)
def test_no_client_gets_more_than_a_burst_and_the_rate(pauses: list[float]) -> None:
    flow, now, taken = Flow(0.0), 0.0, 0
    for pause in pauses:
        now += pause
        taken += flow.take(now)
    assert taken <= BURST + RATE * now + 1e-6


@given(Pauses)
def test_who_keeps_to_the_rate_is_never_refused(pauses: list[float]) -> None:
    flow, now = Flow(0.0), 0.0
    for pause in pauses:
        now += 1.001 / RATE + pause
        assert flow.take(now)


@given(st.lists(st.floats(-5, 5, allow_nan=False), max_size=300))
def test_a_clock_that_goes_back_gives_nothing(moves: list[float]) -> None:
    flow, now, highest, taken = Flow(0.0), 0.0, 0.0, 0
    for move in moves:
        now += move
        highest = max(highest, now)
        taken += flow.take(now)
    assert taken <= BURST + RATE * highest + 1e-6
