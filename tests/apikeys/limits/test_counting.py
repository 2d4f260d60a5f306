"""Counting in Redis: as the pure rules say, in one round trip, together with others, and what Redis forgets stays."""

from collections import Counter
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from uuid import uuid4

import redis
from hypothesis import given, settings
from hypothesis import strategies as st

from apikeys.limits import counting, windows
from apikeys.limits.script import script
from apikeys.limits.windows import Bucket, Count, Numbers

limits = st.tuples(*[st.integers(0, 12)] * 3)
steps = st.lists(st.tuples(st.integers(0, 8), st.sampled_from(["", "", "", "flush", "forget", "reload"])), max_size=20)


@settings(max_examples=60, deadline=None)
@given(st.lists(limits, min_size=1, max_size=2), steps)
def test_redis_counts_as_the_rules_say_whatever_is_forgotten(
    bounds: list[Numbers], steps: list[tuple[int, str]]
) -> None:
    """Flushed, or this process's memory gone: one of the two remembers."""
    client = redis.Redis(connection_pool=script._maker)
    buckets = [Bucket(f"test:{uuid4()}", one) for one in bounds]
    counts = [Count() for _ in buckets]
    for cost, event in steps:
        {"": bool, "flush": client.flushdb, "forget": counting.callers.clear, "reload": client.script_flush}[event]()
        usage = counting.spend(buckets, cost)
        before = [count.as_of(usage.now) for count in counts]
        after = [windows.spent(used, one.limits, cost) for used, one in zip(before, buckets, strict=True)]
        assert usage.allowed == (None not in after)
        counts = [Count(usage.now, used) for used in (after if usage.allowed else before) if used]
        assert usage.used == tuple(count.used for count in counts)


def test_twenty_clients_at_once_are_admitted_as_often_as_one(bucket: Callable[..., Bucket]) -> None:
    one = bucket(100)
    with ThreadPoolExecutor(20) as threads:
        answers = list(threads.map(lambda _: counting.spend([one]), range(600)))
    admitted = Counter(usage.now // 60 for usage in answers if usage.allowed)
    asked = Counter(usage.now // 60 for usage in answers)
    assert all(number == min(asked[minute], 100) for minute, number in admitted.items())


def test_the_hour_refuses_and_the_minute_does_not_count(bucket: Callable[..., Bucket]) -> None:
    one = bucket(10, hour=2)
    answers = [counting.spend([one]) for _ in range(5)]
    assert [usage.allowed for usage in answers] == [True, True, False, False, False]
    assert answers[-1].used[0] == (2, 2, 2)


def test_one_bucket_refuses_and_the_other_does_not_count(bucket: Callable[..., Bucket]) -> None:
    wide, narrow = bucket(10), bucket(1)
    answers = [counting.spend([wide, narrow]) for _ in range(3)]
    assert [usage.allowed for usage in answers] == [True, False, False]
    assert answers[-1].used == ((1, 1, 1), (1, 1, 1))


def test_to_look_takes_nothing(bucket: Callable[..., Bucket]) -> None:
    one = bucket(2)
    for _ in range(5):
        assert counting.spend([one], 0).used == ((0, 0, 0),)


def test_a_call_is_one_round_trip(bucket: Callable[..., Bucket]) -> None:
    buckets = [bucket(10), bucket(10)]
    counting.spend(buckets)
    before = script.calls
    counting.spend(buckets)
    assert script.calls - before == 1


def test_counters_do_not_stay_for_ever(bucket: Callable[..., Bucket], valkey: redis.Redis) -> None:
    one = bucket(10)
    counting.spend([one])
    assert 0 < valkey.ttl(one.name) <= 86400


def test_buckets_of_one_owner_are_in_one_slot_of_a_cluster() -> None:
    from dataclasses import replace

    from redis.cluster import key_slot

    from apikeys.limits import callers
    from audit.actors import Principal

    key = Principal(label=f"key:{uuid4()}", user_id=7, rate_limits=(1, 1, 1))
    names = [callers.buckets_of(one)[0].name for one in (key, replace(key, label=f"key:{uuid4()}"))]
    assert len({key_slot(name.encode()) for name in [*names, "limit:{user:7}:all"]}) == 1


def test_memory_is_bounded(bucket: Callable[..., Bucket]) -> None:
    memory = counting.Memory()
    for number in range(counting.REMEMBERED + 10):
        memory.keep(str(number), Count(1, (1, 1, 1)))
    assert len(memory._counts) == counting.REMEMBERED
    assert memory.of("0") == Count() and memory.of("10") != Count()


def test_looks_that_come_in_the_wrong_order_do_not_give_anything_back() -> None:
    memory = counting.Memory()
    memory.keep("b", Count(100, (5, 6, 7)))
    memory.keep("b", Count(99, (4, 5, 6)))
    assert memory.of("b") == Count(100, (5, 6, 7))
