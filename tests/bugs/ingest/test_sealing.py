"""An envelope that waits to be read lies encrypted, with who sent it."""

from uuid import uuid4

import orjson
import pytest
import zstandard
from django.db import connection
from django.utils import timezone

from bugs.ingest import sealing
from bugs.ingest.digest import claims, digester
from bugs.ingest.door import bodies, parcels, senders
from bugs.ingest.wire import envelope
from bugs.models import Arrival, ErrorReport
from config import keyring

PEER = "198.51.100.77"


def plain(user):
    event = orjson.dumps({"exception": [{"type": "ValueError", "value": "bad"}], "user": user})
    return b'{"event_id":"%s"}\n{"type":"event","length":%d}\n%s\n' % (uuid4().hex.encode(), len(event), event)


def send(project, body, raw=None, encoding=""):
    sender = senders.Sender(project.pk, None, frozenset(), 0, 0, 0.0)
    parcels.accept(sender, envelope.parse(body), bodies.Body(raw or body, encoding, body), peer=PEER)


def stored():
    with connection.cursor() as cursor:
        cursor.execute("SELECT a::text FROM bugs_arrival a")
        return "".join(row[0] for row in cursor.fetchall())


def test_nothing_of_it_can_be_read_without_the_key(project):
    send(project, plain({"email": "ann@example.org"}))
    kept = stored()
    assert PEER not in kept and b"ann@example".hex() not in kept
    assert zstandard.MAGIC_NUMBER.to_bytes(4, "little").hex() not in kept


@pytest.mark.parametrize("encoding", ["", "zstd"])
def test_it_is_read_as_it_came(project, encoding):
    body = plain({"id": "7"})
    send(project, body, zstandard.compress(body) if encoding else None, encoding)
    assert digester.digest_waiting() == 1
    assert ErrorReport.objects.count() == 1


def test_in_the_place_of_another_it_does_not_open(project):
    for _ in range(2):
        send(project, plain({}))
    one, other = Arrival.objects.order_by("id")
    with pytest.raises(keyring.Unreadable):
        sealing.unseal(one.pk, bytes(other.body))


def test_one_that_does_not_open_stays_and_takes_no_other_along(project):
    for _ in range(2):
        send(project, plain({}))
    Arrival.objects.filter(pk=Arrival.objects.earliest("id").pk).update(body=b"broken")
    digester.digest_waiting()
    assert (Arrival.objects.count(), ErrorReport.objects.count()) == (1, 1)


def test_one_that_came_before_envelopes_were_encrypted_is_read(project):
    body = plain({"id": "7"})
    Arrival.objects.create(
        project_id=project.pk, received_at=timezone.now(), peer=PEER, size=len(body), body=zstandard.compress(body)
    )
    assert digester.digest_waiting() == 1
    assert ErrorReport.objects.count() == 1


def test_its_sender_is_kept_for_users_whose_sdk_asks_for_that(project):
    send(project, plain({"ip_address": "{{auto}}"}))
    (claimed,) = claims.claim(project.pk)
    assert claimed.peer == "" and sealing.unseal(claimed.id, claimed.body).peer == PEER
