"""What a subject hands back, and the rounds in turn that make its figures comparable."""

import statistics
from collections.abc import Callable, Mapping
from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Figure:
    """One line of the table: ours, the naive way, and what the machine can do at most."""

    subject: str
    case: str
    unit: str
    bugwire: float | None
    naive: float | None = None
    limit: float | None = None
    note: str = ""


def in_turn(ways: Mapping[str, Callable[[], Mapping[str, float]]], rounds: int) -> dict[str, dict[str, float]]:
    """Run each way once per round, so that a busy moment of the machine hits all alike; the medians."""
    taken: dict[str, list[Mapping[str, float]]] = {name: [] for name in ways}
    for _ in range(rounds):
        for name, way in ways.items():
            taken[name].append(way())
    return {
        name: {key: statistics.median(one[key] for one in results) for key in results[0]}
        for name, results in taken.items()
    }


def percentile(values: list[float], share: float) -> float:
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]
