"""An internal comment changes nothing that a viewer can see, anywhere."""

from typing import Any

import pytest

from audit.models import OutboxEntry
from bugs.models import Bug, Word
from bugs.query import matcher
from bugs.selectors.matching import filter_documents

SECRET = "Zanzibar"
PATHS = (
    *("", "comments/", "comments/?count=exact", "timeline/", "events/?count=exact", "watchers/", "related/"),
    *("attachments/", "errors/", "error-groups/"),
)
LISTS = (
    *("bugs/?expand=comments,lifecycle", "bugs/?q=comments:>0", "bugs/?ordering=-updated_at", "views/"),
    *(f"bugs/?q={SECRET}&count=exact", f"bugs/?q=comment:{SECRET}", f"bugs/search/?text={SECRET}"),
    *(f"bugs/search/?text={SECRET[:5]}*", f"bugs/search/?text={SECRET[:-1]}x", f"bugs/search/?similar_to={SECRET}"),
    *("bugs/search/?text=Checkout&facets=all", "analytics/bugs/?from=-1d&interval=none&group_by=status"),
)


def _seen(client: Any) -> dict[str, Any]:
    urls = [f"bugs/WEB-1/{path}" for path in PATHS] + list(LISTS)
    seen = {}
    for url in urls:
        answer = client.get(f"/api/v1/{url}")
        document = answer.json()
        for moving in ("analytics", "from", "to", "points", "request_id"):  # what follows the clock
            document.pop(moving, None)
        seen[url] = (answer.status_code, document, answer.headers.get("ETag"))
    return seen


@pytest.fixture
def viewer(api: Any, bug: Any) -> Any:
    api("bob").post(f"/api/v1/bugs/{bug.pk}/comments/", {"body": "Public."})  # bob watches from now on
    return api("carol")


def test_a_viewer_sees_no_trace_of_one(viewer: Any, api: Any, bug: Any) -> None:
    before = _seen(viewer)
    team, url = api("bob"), f"/api/v1/bugs/{bug.pk}/comments/"
    made = team.post(url, {"body": f"{SECRET} knows why.", "is_internal": True}).json()
    assert _seen(viewer) == before
    team.patch(f"{url}{made['id']}/", {"body": f"{SECRET} said otherwise."})
    assert _seen(viewer) == before
    team.delete(f"{url}{made['id']}/")
    assert _seen(viewer) == before


def test_nothing_that_leaves_tells_of_one(viewer: Any, api: Any, bug: Any, settings: Any) -> None:
    settings.EVENT_ROUTES = {"integrations.tasks.dispatch": ["bug.*", "error_group.*"]}
    api("bob").post(f"/api/v1/bugs/{bug.pk}/comments/", {"body": SECRET, "is_internal": True})
    assert not OutboxEntry.objects.exists()
    assert not Word.objects.filter(word=SECRET.casefold()).exists()
    assert Bug.objects.get(pk=bug.pk).comment_count == 1


def test_no_filter_in_memory_finds_one(viewer: Any, api: Any, bug: Any, as_principal: Any) -> None:
    api("bob").post(f"/api/v1/bugs/{bug.pk}/comments/", {"body": SECRET, "is_internal": True})
    document = filter_documents([bug.pk])[str(bug.pk)]
    assert not matcher(SECRET, principal=as_principal("alice"))(document)


def test_a_bulk_change_by_its_words_finds_nothing(viewer: Any, api: Any, bug: Any) -> None:
    api("bob").post(f"/api/v1/bugs/{bug.pk}/comments/", {"body": SECRET, "is_internal": True})
    answer = api("alice").post("/api/v1/bugs/bulk/", {"q": SECRET, "set": {"severity": "low"}})
    assert answer.json()["results"] == []


@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_one_answers_a_viewer_as_a_missing_one_does(viewer: Any, api: Any, bug: Any, method: str) -> None:
    url = f"/api/v1/bugs/{bug.pk}/comments/"
    made = api("bob").post(url, {"body": SECRET, "is_internal": True}).json()
    body = {} if method == "get" else {"body": "x"}
    answers = [getattr(viewer, method)(f"{url}{name}/", body) for name in (made["id"], str(bug.pk))]
    one, other = ({**answer.json(), "request_id": ""} for answer in answers)
    assert one == other and answers[0].status_code in (403, 404)
