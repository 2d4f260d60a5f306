"""What someone got while they had rights is not given again once they have lost them."""

from typing import Any
from urllib.parse import urlsplit

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from apikeys import authentication
from apikeys.models import ApiKey
from bugs.models import Membership

API = "/api/v1/"


def leave(user: Any, project: Any) -> None:
    Membership.objects.filter(user=user, project=project).delete()
    authentication.forget()


def test_an_answer_is_not_repeated_to_who_has_left_the_project(
    api: Any, web: Any, own: Any, people_of_web: Any
) -> None:
    bob = people_of_web["bob"]
    Membership.objects.create(user=bob, project=own, role="triager")
    client, body = api("bob"), {"project": "WEB", "title": "It broke"}
    first = client.post(f"{API}bugs/", body, HTTP_IDEMPOTENCY_KEY="k")
    assert client.post(f"{API}bugs/", body, HTTP_IDEMPOTENCY_KEY="k").content == first.content
    leave(bob, web)
    again = client.post(f"{API}bugs/", body, HTTP_IDEMPOTENCY_KEY="k")
    assert (again.status_code, again.json()["code"]) == (404, "not_found")


def test_an_answer_is_repeated_to_who_has_joined_another_project(
    api: Any, web: Any, own: Any, people_of_web: Any
) -> None:
    client, body = api("bob"), {"project": "WEB", "title": "It broke"}
    first = client.post(f"{API}bugs/", body, HTTP_IDEMPOTENCY_KEY="k")
    Membership.objects.create(user=people_of_web["bob"], project=own, role="triager")
    authentication.forget()
    assert client.post(f"{API}bugs/", body, HTTP_IDEMPOTENCY_KEY="k").content == first.content


def test_an_answer_is_not_repeated_to_who_has_become_a_viewer(api: Any, web: Any, own: Any, people_of_web: Any) -> None:
    bob = people_of_web["bob"]
    Membership.objects.create(user=bob, project=own, role="triager")
    client, body = api("bob"), {"project": "WEB", "title": "It broke"}
    client.post(f"{API}bugs/", body, HTTP_IDEMPOTENCY_KEY="k")
    Membership.objects.filter(user=bob, project=web).update(role="viewer")
    authentication.forget()
    assert client.post(f"{API}bugs/", body, HTTP_IDEMPOTENCY_KEY="k").status_code == 404


@pytest.fixture
def link(api: Any, bug: Any) -> str:
    """A link that carol asked for."""
    file = SimpleUploadedFile("notes.txt", b"words", content_type="text/plain")
    made = api("bob").post(f"{API}bugs/{bug.pk}/attachments/", {"file": file}, format="multipart")
    url = urlsplit(api("carol").post(f"{made['Location']}link/").json()["url"])
    return f"{url.path}?{url.query}"


def test_a_link_of_someone_who_has_left_leads_nowhere(api: Any, link: str, web: Any, people_of_web: Any) -> None:
    assert api().get(link).status_code == 200
    leave(people_of_web["carol"], web)
    assert api().get(link).status_code == 404


def test_a_link_of_someone_who_is_switched_off_leads_nowhere(api: Any, link: str, people_of_web: Any) -> None:
    people_of_web["carol"].is_active = False
    people_of_web["carol"].save()
    assert api().get(link).status_code == 404


def test_a_link_of_a_deleted_bug_leads_nowhere_until_it_is_back(api: Any, link: str, bug: Any) -> None:
    api("alice").delete(f"{API}bugs/{bug.pk}/")
    assert api().get(link).status_code == 404
    api("alice").post(f"{API}bugs/{bug.pk}/restore/")
    assert api().get(link).status_code == 200


def test_a_key_for_one_project_sees_no_views_of_another(api: Any, web: Any, own: Any, people_of_web: Any) -> None:
    Membership.objects.create(user=people_of_web["bob"], project=own, role="triager")
    both = api("bob")
    for name, project in (("of WEB", "WEB"), ("of OWN", "OWN"), ("of all", None)):
        assert both.post(f"{API}views/", {"name": name, "project": project}).status_code == 201
    narrow = api("bob")
    newest = ApiKey.objects.order_by("-created_at", "-id").values("pk")[:1]
    ApiKey.objects.filter(pk__in=newest).update(project_ids=[own.pk])
    authentication.forget()
    assert {view["name"] for view in narrow.get(f"{API}views/").json()["results"]} == {"of OWN", "of all"}
    assert len(both.get(f"{API}views/").json()["results"]) == 3
