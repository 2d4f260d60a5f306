"""Every row of the guide's table of the specification's interfaces, asked for through the API."""

import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from bugs.models import IngestKey
from tests.journeys import bug_rows, error_rows
from tests.journeys.shop import KEY, ROWS, Shop

FILLING = (bug_rows, error_rows)  # ROWS
GUIDE = Path(__file__).resolve().parents[2] / "docs" / "api" / "bug-dashboard-api.md"


@pytest.fixture
def shop(api: Callable[..., Any], client: Any, bug: Any, web: Any, settings: Any) -> Shop:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}
    IngestKey.objects.create(project=web, public_key=KEY)
    shop = Shop(api("alice"), client, web.number)
    shop.crash()
    return shop


@pytest.mark.parametrize("name", list(ROWS))
def test_what_the_specification_names_is_there(name: str, shop: Shop) -> None:
    ROWS[name](shop)


def test_the_table_has_exactly_the_rows_that_are_tried() -> None:
    table = GUIDE.read_text().partition("## The specification's interfaces")[2]
    named = re.findall(r"^\| `([^`]+)`", table, re.MULTILINE)
    assert sorted(named) == sorted(ROWS)
