"""Every move a bug may and may not make."""

import itertools

import pytest

from bugs.choices import Resolution, Status
from bugs.lifecycle import MOVES, ForbiddenMove, check_move, resolution_after


@pytest.mark.parametrize(("old", "new"), list(itertools.permutations(Status, 2)))
def test_moves(old, new):
    if new in MOVES[old]:
        check_move(old, new)
    else:
        with pytest.raises(ForbiddenMove):
            check_move(old, new)


def test_a_closed_bug_can_only_be_reopened():
    assert MOVES[Status.CLOSED] == {Status.REOPENED}


def test_nothing_goes_back_to_new():
    assert not any(Status.NEW in ways for ways in MOVES.values())


@pytest.mark.parametrize(
    ("new", "old", "asked", "expected"),
    [
        (Status.RESOLVED, "", None, "fixed"),
        (Status.RESOLVED, "", Resolution.DUPLICATE, "duplicate"),
        (Status.CLOSED, "wont_fix", None, "wont_fix"),
        (Status.REOPENED, "fixed", None, ""),
    ],
)
def test_resolutions(new, old, asked, expected):
    assert resolution_after(new, old, asked) == expected
