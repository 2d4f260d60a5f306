"""What other systems tell, in our words. Pure."""

from dataclasses import dataclass

from bugs.commits import Commit


@dataclass(frozen=True, slots=True)
class Pushed:
    """Commits came to the branch that releases are made from, oldest first."""

    commits: list[Commit]


@dataclass(frozen=True, slots=True)
class Tagged:
    """A commit was made a release."""

    version: str
    commit: str


Fact = Pushed | Tagged
