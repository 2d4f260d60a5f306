"""Webhooks with a filter hear of those events whose bugs it matches."""

import pytest
from django.db import transaction

from audit.actors import SYSTEM
from bugs import people, services
from bugs.choices import Severity
from bugs.query import BadQuery
from integrations import dispatch
from integrations import services as webhooks
from integrations.models import Delivery

pytestmark = pytest.mark.django_db


@pytest.fixture
def shop():
    return people.make_project(key="SHOP", name="Shop", by=SYSTEM)


def hook(shop, q):
    return webhooks.create_endpoint(
        project_id=shop.pk, url="https://example.com/x", event_types=["bug.*"], by=SYSTEM, q=q
    )[0]


def heard(endpoint):
    dispatch.dispatch()
    return list(Delivery.objects.filter(endpoint=endpoint).order_by("pk").values_list("event_type", flat=True))


def test_a_webhook_hears_of_bugs_that_its_filter_matches(shop):
    cart, everything = hook(shop, "component:cart fails"), hook(shop, "")
    services.report(project_id=shop.pk, by=SYSTEM, title="Payment fails", component="cart")
    services.report(project_id=shop.pk, by=SYSTEM, title="Payment fails", component="mail")

    assert heard(cart) == ["bug.created"] and heard(everything) == ["bug.created"] * 2


def test_a_webhook_hears_of_what_changed(shop):
    rose = hook(shop, "severity.was:low severity:>=high")
    one = services.report(project_id=shop.pk, by=SYSTEM, title="x", severity="low")
    services.edit(one.pk, by=SYSTEM, changes={"severity": Severity.MEDIUM})
    services.edit(one.pk, by=SYSTEM, changes={"severity": Severity.HIGH})
    two = services.report(project_id=shop.pk, by=SYSTEM, title="y", severity="low")
    services.edit(two.pk, by=SYSTEM, changes={"severity": Severity.CRITICAL})

    assert "bug.severity_changed" in heard(rose)
    assert {d.payload["data"]["bug_id"] for d in Delivery.objects.filter(endpoint=rose)} == {str(two.pk)}


def test_a_filter_that_nobody_can_read_is_refused(shop):
    for q in ("nonsense:1", "age:>7d"):
        with pytest.raises(BadQuery), transaction.atomic():
            hook(shop, q)
