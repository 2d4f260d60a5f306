"""Keys are replaced while webhooks go out: none is lost, none has a wrong signature."""

import io
import os
import threading
from typing import Any

import pytest
from django.core.management import call_command
from django.db import connection
from standardwebhooks.webhooks import Webhook

from audit.identifiers import uuid7
from bugs.models import Project
from config import keyring
from integrations import delivery, signing
from integrations.models import Delivery, DeliveryState, Endpoint

ONE, TWO = "b3d1a06f3c9e4f0d8c2f7b56d9e01a74", "Zk8-xq2Lw_0vTn5Rb7Yc1Hd4Jf6Mg9Ps"
ENDPOINTS = int(os.environ.get("ROTATED_SECRETS", "1200"))  # more than two pages


@pytest.mark.django_db(transaction=True)
def test_every_webhook_arrives_signed_while_all_secrets_are_sealed_anew(receiver: Any, settings: Any) -> None:
    settings.ENCRYPTION_KEYS = {"1": ONE}
    project = Project.objects.create(number=1, key="WEB", name="Web shop")
    secrets = _endpoints(project, receiver.url)
    settings.ENCRYPTION_KEYS = {"1": ONE, "2": TWO}
    said = io.StringIO()
    rotating = threading.Thread(target=_rotate, args=[said])
    rotating.start()
    targets, sent = list(secrets), 0
    while rotating.is_alive() or not sent:
        sent += _send(targets[sent % len(targets) :: 97])
    rotating.join()
    assert "Nothing is sealed under version 1 any more" in said.getvalue()
    settings.ENCRYPTION_KEYS = {"2": TWO}
    sent += _send(targets[::97])
    assert Delivery.objects.filter(state=DeliveryState.DELIVERED).count() == sent == len(receiver.calls)
    owners = dict(Delivery.objects.values_list("event_id", "endpoint_id"))
    for headers, body in receiver.calls:
        secret = secrets[next(pk for event, pk in owners.items() if str(event) == headers["webhook-id"])]
        Webhook(secret).verify(body, headers)


def _endpoints(project: Project, url: str) -> dict[Any, str]:
    made = {uuid7(): signing.new_secret() for _ in range(ENDPOINTS)}
    Endpoint.objects.bulk_create(
        Endpoint(pk=pk, project=project, url=url, secret=keyring.seal(secret.encode(), place=Endpoint.PLACE, row=pk))
        for pk, secret in made.items()
    )
    return made


def _rotate(said: io.StringIO) -> None:
    try:
        call_command("rotate_keys", stdout=said)
    finally:
        connection.close()


def _send(endpoints: list[Any]) -> int:
    """Owe each one delivery, and send what is due."""
    Delivery.objects.bulk_create(
        Delivery(endpoint_id=pk, event_id=uuid7(), event_type="webhook.test", payload={"n": 1}) for pk in endpoints
    )
    while delivery.deliver_batch():
        pass
    return len(endpoints)
