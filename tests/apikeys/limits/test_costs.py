"""What the document says that calls cost is what they cost."""

import re
from pathlib import Path

from apikeys.limits import costs

DOCUMENT = Path(__file__).resolve().parents[3] / "docs" / "limits.md"


def test_the_table_of_costs_is_that_of_the_code() -> None:
    told = {name: int(cost) for name, cost in re.findall(r"^\| `(\w+)` \| (\d+) \|", DOCUMENT.read_text(), re.M)}
    assert told == {name: cost for name, cost in costs.by_operation().items() if cost != costs.USUAL}


def test_nothing_costs_less_than_nothing() -> None:
    assert min(costs.by_operation().values()) == 0
