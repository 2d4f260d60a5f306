"""All that is drawn before the workers start, so that each can write its part alone and all parts fit."""

import random
from array import array
from dataclasses import dataclass
from functools import cache

from bench.seed import calendar, frames, lifecycles, packing
from bench.seed.cast import Cast, zipf

_WEYL = 0x2545F4914F6CDD1D9E3779B97F4A7C15
_TAIL = (1 << 74) - 1
POOL = 4_096  # drawn once; a row takes one by a single random number
RELEASE_MS = 14 * calendar.DAY_MS


@dataclass(frozen=True, slots=True)
class Groups:
    """Of each group of errors: its bug, how often, until when, how many people. reports: week -> time and group."""

    bug: "array[int]"
    reports: "array[int]"
    users: "array[int]"
    last: "array[int]"
    weeks: list["array[int]"]
    of_bug: dict[int, int]


@dataclass(frozen=True, slots=True)
class Plan:
    seed: int
    until: int
    since: int
    cast: Cast
    calendar: calendar.Calendar
    frames: list[frames.Frame]
    frame: "array[int]"  # of each bug
    texts: list[bytes]
    stems: list[bytes]
    lives: list[lifecycles.Life]
    groups: Groups
    payloads: list[bytes]
    contexts: list[bytes]  # of groups: columns `context` and `context_words`

    def dice(self, *names: object) -> random.Random:
        """The same for the same part of the same plan, whichever worker writes it."""
        return random.Random(f"{self.seed} {names}")

    def place(self, bug: int) -> int:
        """Where in the stream of words a bug's texts begin."""
        return (bug * 2_654_435_761 + self.seed) % (len(self.texts) // frames.SLOTS) * frames.SLOTS

    def given(self, bug: int) -> list[bytes]:
        at = self.place(bug)
        return self.texts[at : at + frames.SLOTS]

    def stage(self, bug: int) -> lifecycles.Stage:
        life = self.lives[bug * 40_503 % lifecycles.COUNT]
        return lifecycles.stage(life, self.calendar.created[bug], self.until)

    def bug_id(self, bug: int) -> bytes:
        tail = (bug + self.seed + 1) * _WEYL >> 20 & _TAIL  # as `tail` has it; called for every row
        return packing.identifier(self.calendar.created[bug], tail)

    def group_id(self, group: int) -> bytes:
        return packing.identifier(self.calendar.created[self.groups.bug[group]], self.tail(group) ^ 0x5A5A)

    def tail(self, number: int) -> int:
        return (number + self.seed + 1) * _WEYL >> 20 & _TAIL

    def release(self, project: int, moment: int) -> bytes:
        """One a fortnight; each project counts on its own. As a column."""
        return _release(project % 5, (moment - self.since) // RELEASE_MS)


@cache
def _release(project: int, number: int) -> bytes:
    return packing.text(f"{1 + project}.{number // 6}.{number % 6}")


def pool(dice: random.Random, values: list[bytes], slope: float = 1.0) -> list[bytes]:
    """Many draws of values, the first ones more often."""
    return dice.choices(values, cum_weights=zipf(len(values), slope), k=POOL)


def make_groups(
    dice: random.Random,
    *,
    bugs: list[int],
    created: "array[int]",
    resolved: list[int | None],
    reports: int,
    since: int,
    until: int,
) -> Groups:
    """One group for each of these bugs; few have most of the reports, most of which come soon after the first."""
    weights = [min(dice.paretovariate(0.9), 30_000.0) for _ in bugs]
    share = max(0, reports - len(bugs)) / max(sum(weights), 1)
    counts = array("I", (1 + int(weight * share) for weight in weights))
    for group in range(reports - sum(counts) if bugs else 0):
        counts[group % len(bugs)] += 1
    weeks = [array("Q") for _ in range((until - since) // (7 * calendar.DAY_MS) + 1)]
    last = array("q")
    throw = dice.random
    for group, (bug, count, end) in enumerate(zip(bugs, counts, resolved, strict=True)):
        first = latest = created[bug] - since
        weeks[first // 604_800_000].append(first << 20 | group)
        span = (end or until) - created[bug]
        for _ in range(count - 1):
            at = first + int(span * throw() ** 2)
            weeks[at // 604_800_000].append(at << 20 | group)
            if at > latest:
                latest = at
        last.append(since + latest)
    users = array("I", (min(300, max(1, int(count**0.75 * (0.2 + throw())))) for count in counts))
    return Groups(array("I", bugs), counts, users, last, weeks, {bug: group for group, bug in enumerate(bugs)})
