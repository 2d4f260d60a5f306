"""The trail in the console: for reading alone, and who reads personal fields leaves a record."""

from typing import Any

import pytest

from audit.models import AccessRecord, Event, Seal

PAGES = "/admin/audit/"


@pytest.fixture
def record(api: Any, bug: Any) -> AccessRecord:
    api("bob").get("/api/v1/bugs/WEB-1/?q=Miller", HTTP_USER_AGENT="curl/8")
    return AccessRecord.objects.get(operation="bugs_retrieve")


def test_the_list_shows_nothing_personal(console: Any, record: AccessRecord) -> None:
    page = console.get(f"{PAGES}accessrecord/").content.decode()
    assert record.target in page and not [word for word in ("127.0.0.1", "curl/8", "Miller") if word in page]


def test_one_record_shows_personal_fields_and_that_is_recorded(console: Any, record: AccessRecord) -> None:
    page = console.get(f"{PAGES}accessrecord/{record.pk}/change/").content.decode()
    assert all(word in page for word in ("127.0.0.1", "curl/8", "Miller"))
    seen = AccessRecord.objects.order_by("-id")[0]
    assert (seen.channel, seen.data_class, seen.target) == ("admin", "raw", f"access:{record.pk}")
    assert seen.actor.startswith("user:")


@pytest.mark.parametrize("query", ["?q=bugs", "?outcome=allowed", "?channel=rest&status=200", "?p=2", "?o=1"])
@pytest.mark.parametrize("model", ["accessrecord", "event", "seal", "pruning"])
def test_lists_can_be_filtered(console: Any, record: AccessRecord, model: str, query: str) -> None:
    assert console.get(f"{PAGES}{model}/{query}").status_code in (200, 302)


@pytest.mark.parametrize("model", [AccessRecord, Event, Seal])
def test_nothing_can_be_added_changed_or_deleted(console: Any, record: AccessRecord, model: Any) -> None:
    name, row = model._meta.model_name, model.objects.first()
    assert console.get(f"{PAGES}{name}/add/").status_code in (403, 404)
    for page in ("delete", "change") if row else ():
        assert console.post(f"{PAGES}{name}/{row.pk}/{page}/", {}).status_code in (403, 404)


@pytest.mark.parametrize("name", ["x", "%00", "../", "a" * 300])
def test_what_is_no_record_harms_nothing(console: Any, record: AccessRecord, name: str) -> None:
    assert console.get(f"{PAGES}accessrecord/{name}/change/").status_code in (302, 400, 404)
