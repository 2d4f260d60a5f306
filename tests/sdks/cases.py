"""What a program with an SDK does, and what must be found here afterwards; the rows of the conformance table."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from tests.sdks.arrived import Arrived
from tests.sdks.running import Program

Check = Callable[[Arrived], bool]


@dataclass(frozen=True)
class Case:
    """sdk: its package. checks: what arrives -> whether it did; one that raises did not."""

    sdk: str
    name: str
    program: Program
    checks: Mapping[str, Check]

    @property
    def what_arrives(self) -> str:
        return ", ".join(self.checks)
