"""Agreement of a clustering with the truth: pairs, B-cubed, and whole groups."""

from collections import Counter
from collections.abc import Hashable, Iterable, Sequence
from dataclasses import dataclass

Labels = Sequence[Hashable]


@dataclass(frozen=True, slots=True)
class Quality:
    """pairs: of reports put together, how many belong together, and the reverse. cubed: the same, seen from a report.

    exact: the share of reports whose group is just the true one.
    """

    pair_precision: float
    pair_recall: float
    cubed_precision: float
    cubed_recall: float
    exact: float
    groups: int

    @property
    def cubed_f1(self) -> float:
        return 2 * self.cubed_precision * self.cubed_recall / (self.cubed_precision + self.cubed_recall)


def compare(truth: Labels, found: Labels) -> Quality:
    """Both name a group for each report, in one order."""
    true, made = Counter(truth), Counter(found)
    both = Counter(zip(truth, found, strict=True))
    together, right = _pairs(made.values()), _pairs(both.values())
    return Quality(
        pair_precision=right / together if together else 1.0,
        pair_recall=right / _pairs(true.values()) if _pairs(true.values()) else 1.0,
        cubed_precision=sum(n * n / made[group] for (_, group), n in both.items()) / len(truth),
        cubed_recall=sum(n * n / true[group] for (group, _), n in both.items()) / len(truth),
        exact=sum(n for (one, other), n in both.items() if n == true[one] == made[other]) / len(truth),
        groups=len(made),
    )


def _pairs(sizes: Iterable[int]) -> int:
    return sum(size * (size - 1) // 2 for size in sizes)
