"""Whose address an envelope came from: as everywhere, only proxies of ours are believed."""

from typing import Any

import pytest

from bugs.ingest import sealing
from bugs.models import Arrival

ENVELOPE = b'{}\n{"type":"event"}\n{"message":"bad"}\n'


@pytest.mark.parametrize(
    ("peer", "kept"),
    [("10.0.0.1", "198.51.100.9"), ("203.0.113.7", "203.0.113.7"), ("::ffff:10.0.0.1", "198.51.100.9")],
)
def test_the_sender_is_whom_a_proxy_of_ours_names(client: Any, key: str, settings: Any, peer: str, kept: str) -> None:
    settings.TRUSTED_PROXIES = ["10.0.0.0/8"]
    sent = {"X-Sentry-Auth": f"Sentry sentry_key={key}", "X-Forwarded-For": "1.1.1.1, 198.51.100.9"}
    answer = client.post("/api/7/envelope/", ENVELOPE, content_type="text/plain", headers=sent, REMOTE_ADDR=peer)
    assert answer.status_code == 200
    arrival = Arrival.objects.get()
    assert sealing.unseal(arrival.pk, bytes(arrival.body)).peer == kept
