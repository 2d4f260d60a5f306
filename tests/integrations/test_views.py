"""Webhooks through the REST door."""

from typing import Any

import pytest
from rest_framework.test import APIRequestFactory, force_authenticate

from audit.actors import Principal
from audit.models import Event
from bugs.models import Project
from config import keyring
from integrations import delivery
from integrations.models import Delivery, Endpoint
from integrations.views import WebhookDeliveryViewSet, WebhookViewSet

NEW = {"project": "WEB", "url": "https://example.org/hook", "event_types": ["bug.*"]}


def _call(by: Principal, view: Any, method: str, actions: dict[str, str], body: Any = None, **kwargs: Any) -> Any:
    request = getattr(APIRequestFactory(), method)("/api/v1/webhooks/", body, format="json")
    force_authenticate(request, user=by)
    return view.as_view(actions)(request, **kwargs)


def _create(by: Principal, **changes: Any) -> Any:
    return _call(by, WebhookViewSet, "post", {"post": "create"}, NEW | changes)


@pytest.fixture
def endpoint(alice: Principal) -> Endpoint:
    return Endpoint.objects.get(pk=_create(alice).data["id"])


def test_the_secret_is_shown_once(alice: Principal, project: Project) -> None:
    created = _create(alice)
    assert created.status_code == 201 and created.data["project"] == "WEB"
    kept = Endpoint.objects.get()
    assert keyring.unseal(kept.secret, place=kept.PLACE, row=kept.pk).decode() == created.data["secret"]
    shown = _call(alice, WebhookViewSet, "get", {"get": "retrieve"}, pk=created.data["id"])
    assert shown.status_code == 200 and "secret" not in shown.data


@pytest.mark.parametrize(
    ("changes", "pointer"),
    [
        ({"url": "https://127.1/"}, "/url"),
        ({"url": "http://example.org/"}, "/url"),
        ({"project": "NONE"}, "/project"),
        ({"project": "EVIL"}, "/project"),
        ({"event_types": []}, "/event_types"),
        ({"event_types": ["bug"]}, "/event_types/0"),
        ({"event_types": ["*"] * 51}, "/event_types"),
        ({"secret": "whsec_mine"}, "/secret"),
    ],
)
def test_refused_bodies(alice: Principal, mallory: Principal, changes: dict[str, Any], pointer: str) -> None:
    refused = _create(alice, **changes)
    assert refused.status_code == 400
    assert refused.data["errors"][0]["pointer"] == pointer
    assert (refused.data["code"] == "unknown_project") == (pointer == "/project")
    assert not Endpoint.objects.exists()


def test_each_change_is_recorded_without_the_url(alice: Principal, endpoint: Endpoint) -> None:
    name = str(endpoint.pk)
    changed = _call(alice, WebhookViewSet, "patch", {"patch": "partial_update"}, {"is_active": False}, pk=name)
    assert (changed.data["is_active"], changed.data["disabled_reason"]) == (False, "by_hand")
    assert _call(alice, WebhookViewSet, "delete", {"delete": "destroy"}, pk=name).status_code == 204
    events = list(Event.objects.filter(subject=f"webhook:{name}").order_by("seq"))
    assert [event.type for event in events] == ["webhook.created", "webhook.updated", "webhook.deleted"]
    assert not any("example.org" in str(event.data) for event in events)


def test_a_test_is_owed_and_shown(alice: Principal, endpoint: Endpoint) -> None:
    name = str(endpoint.pk)
    assert _call(alice, WebhookViewSet, "post", {"post": "test"}, pk=name).status_code == 202
    listed = _call(alice, WebhookViewSet, "get", {"get": "deliveries"}, pk=name)
    assert [row["event_type"] for row in listed.data["results"]] == ["webhook.test"]


def test_redelivery_waits_for_the_end(alice: Principal, endpoint: Endpoint) -> None:
    _call(alice, WebhookViewSet, "post", {"post": "test"}, pk=str(endpoint.pk))
    name = str(Delivery.objects.get().pk)
    again = _call(alice, WebhookDeliveryViewSet, "post", {"post": "redeliver"}, pk=name)
    assert (again.status_code, again.data["code"]) == (409, "delivery_pending")
    Delivery.objects.update(state="failed", attempts=10)
    assert _call(alice, WebhookDeliveryViewSet, "post", {"post": "redeliver"}, pk=name).status_code == 202
    assert len(delivery.claim()) == 1


def test_who_does_not_manage_the_project_finds_nothing(
    mallory: Principal, carol: Principal, endpoint: Endpoint
) -> None:
    name = str(endpoint.pk)
    for method, actions in [
        ("get", {"get": "retrieve"}),
        ("delete", {"delete": "destroy"}),
        ("post", {"post": "test"}),
    ]:
        assert _call(mallory, WebhookViewSet, method, actions, pk=name).status_code == 404
        assert _call(carol, WebhookViewSet, method, actions, pk=name).status_code in (403, 404)
    assert _call(mallory, WebhookViewSet, "get", {"get": "list"}).data["results"] == []
    assert _create(carol).status_code == 403
    assert Endpoint.objects.count() == 1
