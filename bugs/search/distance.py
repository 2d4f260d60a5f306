"""How far a typed word is from one that is known. Pure."""

from collections.abc import Iterable

MIN_LETTERS = 4  # of a word that is put right
_LONG = 7  # letters from which two slips are forgiven


def nearest(word: str, known: Iterable[str]) -> str | None:
    """The known word that is nearest, when it is near enough; the first of those that are equally near."""
    allowed = 2 if len(word) >= _LONG else 1
    measured = [(distance(word, other), other) for other in known if abs(len(word) - len(other)) <= allowed]
    near = min(measured, key=lambda pair: pair[0], default=(allowed + 1, ""))
    return near[1] if 0 < near[0] <= allowed else None


def distance(one: str, other: str) -> int:
    """Letters left out, put in, changed, or swapped with their neighbour, between two words."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        last, row = row, [i]
        for j, b in enumerate(other, 1):
            cost = min(last[j] + 1, row[j - 1] + 1, last[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                cost = min(cost, before[j - 2] + 1)
            row.append(cost)
        before = last
    return row[-1]


def swaps(word: str) -> list[str]:
    """The word with two neighbours swapped, each way: trigrams of short words do not find these."""
    return [word[:i] + word[i + 1] + word[i] + word[i + 2 :] for i in range(len(word) - 1) if word[i] != word[i + 1]]
