"""Webhooks in the operator console."""

from typing import Any

import pytest
from django.urls import reverse

from audit.actors import Principal
from audit.models import Event
from bugs.models import Project
from integrations import services
from integrations.models import Endpoint


@pytest.fixture
def endpoint(project: Project, alice: Principal) -> Endpoint:
    url = "https://example.org/"
    return services.create_endpoint(project_id=project.pk, url=url, event_types=["*"], by=alice)[0]


@pytest.fixture
def operator(console: Any) -> Any:
    return console


def test_an_operator_looks_and_never_sees_the_secret(operator: Any, endpoint: Endpoint) -> None:
    services.send_test(endpoint.pk, by=Principal(label="system"))
    for name in ("endpoint", "delivery"):
        assert operator.get(reverse(f"admin:integrations_{name}_changelist")).status_code == 200
    page = operator.get(reverse("admin:integrations_endpoint_change", args=[endpoint.pk]))
    assert page.status_code == 200 and b"ecret" not in page.content
    delivery = endpoint.deliveries.get()
    assert operator.get(reverse("admin:integrations_delivery_change", args=[delivery.pk])).status_code == 200


def test_switching_goes_through_the_service(operator: Any, endpoint: Endpoint) -> None:
    body = {"action": "switch_off", "_selected_action": str(endpoint.pk)}
    operator.post(reverse("admin:integrations_endpoint_changelist"), body)
    endpoint.refresh_from_db()
    assert (endpoint.is_active, endpoint.disabled_reason) == (False, "by_hand")
    assert Event.objects.latest("seq").type == "webhook.updated"


def test_nothing_else_can_be_changed(operator: Any, endpoint: Endpoint) -> None:
    assert operator.get(reverse("admin:integrations_endpoint_add")).status_code == 403
    change = reverse("admin:integrations_endpoint_change", args=[endpoint.pk])
    assert operator.post(change, {"url": "https://evil.example/"}).status_code == 403
