"""What machines send is redacted before anything is made of it: planted values are nowhere, look-alikes stay."""

from uuid import uuid4

import orjson
import pytest
from django.db import connection
from django.utils import timezone

from audit.actors import SYSTEM
from bugs import people
from bugs.ingest.digest import digester, surroundings
from bugs.ingest.door import bodies, native, parcels, senders
from bugs.ingest.wire import envelope
from bugs.models import Bug, ErrorGroup, ErrorReport, Project, Session
from bugs.privacy import originals, redaction
from bugs.selectors import payloads, privacy
from bugs.services import contexts
from config import keyring
from tests.bugs.ingest import planted

TABLE = "bugs_errorreport"


def item(kind, payload):
    body = orjson.dumps(payload)
    return b'{"type":"%s","length":%d}\n%s\n' % (kind.encode(), len(body), body)


def send(project, *items, event_id=None):
    sender = senders.Sender(project.pk, None, frozenset(), 0, 0, 0.0)
    body = orjson.dumps({"event_id": (event_id or uuid4()).hex}) + b"\n" + b"".join(items)
    parcels.accept(sender, envelope.parse(body), bodies.Body(body, "", body), peer=planted.IP)


def digest(project, *items, **more):
    send(project, *items, **more)
    digester.digest_waiting()


def stored():
    """All that is in the tables of bugs and of the audit, as text; payloads unpacked."""
    with connection.cursor() as cursor:
        tables = [name for name in connection.introspection.table_names() if name.startswith(("bugs_", "audit_"))]
        rows = []
        for table in tables:
            cursor.execute(f'SELECT t::text FROM "{table}" t')
            rows += [row[0] for row in cursor.fetchall()]
    rows += [payloads.unpack(packed).decode() for packed in ErrorReport.objects.values_list("payload", flat=True)]
    return "\n".join(rows).lower()


def found(text):
    """Planted values in it, as they are or as bytes are shown."""
    return [one for one in planted.VALUES if one.lower() in text or one.encode().hex() in text]


def document():
    return orjson.loads(payloads.unpack(ErrorReport.objects.get().payload))


def test_what_an_sdk_sent_is_nowhere(project):
    digest(project, item("event", planted.event()))
    assert ErrorReport.objects.count() == Bug.objects.count() == 1
    assert found(stored()) == []


def test_the_second_report_of_a_group_leaves_nothing_either(project):
    for _ in range(2):
        digest(project, item("event", planted.event()))
    contexts.fold()
    assert ErrorGroup.objects.get().reports == 2
    assert found(stored()) == []


def test_what_a_native_report_said_is_nowhere(web):
    principal = people_of(web)
    (result,) = native.accept([planted.report()], by=principal, project="WEB")
    assert result.outcome == "accepted"
    assert found(stored()) == []
    assert found(str(result.errors).lower()) == []


def test_sessions_feedback_and_files_leave_nothing(project):
    event_id = uuid4()
    attrs = {"release": f"shop-{planted.EMAIL}", "environment": planted.EMAIL}
    started = timezone.now().isoformat()
    session = {"sid": planted.EMAIL, "did": planted.EMAIL, "status": "exited", "started": started, "attrs": attrs}
    counts = {"aggregates": [{"started": started, "exited": 1}], "attrs": attrs}
    said = {"message": planted.OF_OTHERS, "name": planted.NAME, "contact_email": planted.EMAIL}
    file = b'{"type":"attachment","length":5,"filename":"%s.txt"}\nhello\n' % planted.EMAIL.encode()
    discarded = {"discarded_events": [{"reason": planted.EMAIL, "category": planted.EMAIL, "quantity": 1}]}
    digest(project, item("event", planted.event()), file, event_id=event_id)
    digest(project, item("session", session), item("sessions", counts), item("client_report", discarded))
    digest(project, item("feedback", {"contexts": {"feedback": {**said, "associated_event_id": event_id.hex}}}))
    old = {"event_id": event_id.hex, "comments": planted.OF_OTHERS, "email": planted.EMAIL}
    digest(project, item("user_report", old))
    assert Bug.objects.count() == 3
    assert found(stored()) == []


def test_an_error_and_its_session_stay_together_and_two_sessions_apart(project):
    for sid in (planted.EMAIL, "other@mailbox.example"):
        session = {"sid": sid, "status": "ok", "started": timezone.now().isoformat()}
        digest(project, item("event", {"message": "bad", "tags": {"session_id": sid}}), item("session", session))
    assert Session.objects.count() == 2
    assert {*ErrorReport.objects.values_list("session_id", flat=True)} == {
        *Session.objects.values_list("key", flat=True)
    }


def test_what_only_looks_like_it_stays(project):
    said = " / ".join(planted.LOOK_ALIKES)
    digest(project, item("event", {"message": said, "release": "1.8.0.1", "modules": {"torch": "2.9.1.1"}}))
    report = ErrorReport.objects.get()
    kept = document()
    assert (report.release, kept["modules"]) == ("1.8.0.1", {"torch": "2.9.1.1"})
    assert [one for one in planted.LOOK_ALIKES[1:] if one not in kept["message"]] == []


def test_the_user_keeps_the_id_and_is_the_same_to_counts(project):
    digest(project, item("event", planted.event()))
    user = {"id": "4711", "email": planted.EMAIL, "username": planted.USER}
    assert document()["user_key"] == surroundings.user_key(project.pk, user)
    assert document()["user"] == {
        "id": "4711",
        "email": "[redacted:email]",
        "username": "[redacted:name]",
        "name": "[redacted:name]",
        "ip_address": "[redacted:ip]",
    }


@pytest.mark.parametrize("user", [{"email": planted.EMAIL}, {"id": planted.EMAIL}, {"ip_address": "{{auto}}"}])
def test_whoever_is_known_by_an_address_is_counted_by_it(project, user):
    for text in ("one", "two"):
        digest(project, item("event", {"message": f"bad {text}", "fingerprint": ["x"], "user": user}))
    assert ErrorGroup.objects.get().users == 1
    assert found(stored()) == []


def test_where_something_was_taken_out_is_told(project):
    digest(project, item("event", {"message": "bad", "user": {"email": planted.EMAIL}}))
    assert document()["meta"]["redacted"] == ["/user/email"]


def test_what_was_taken_out_opens_with_the_key_and_only_there(project, settings):
    sent = planted.event()
    digest(project, item("event", sent))
    report = ErrorReport.objects.get()
    taken = originals.opened(report.originals, table=TABLE, row=report.pk)
    whole = redaction.restored(document(), taken)
    assert whole["user"] == sent["user"]
    assert whole["exception"]["value"] == planted.SAID
    assert whole["frames"][0]["vars"] == sent["exception"]["values"][1]["stacktrace"]["frames"][0]["vars"]
    with pytest.raises(keyring.Unreadable):
        originals.opened(report.originals, table=TABLE, row=uuid4())
    settings.SECRET_KEY = "another key, which opens nothing of this"
    with pytest.raises(keyring.Unreadable):
        originals.opened(report.originals, table=TABLE, row=report.pk)


def test_a_report_without_anything_has_no_originals(project):
    digest(project, item("event", {"message": "bad"}))
    report = ErrorReport.objects.get()
    assert report.originals is None
    assert report.redaction_version == ErrorGroup.objects.get().redaction_version == privacy.active(project.pk).version


def test_an_envelope_that_failed_first_is_as_clean(project, monkeypatch):
    with monkeypatch.context() as broken:
        broken.setattr(digester.claims, "finish", lambda claimed: 1 / 0)
        digest(project, item("event", planted.event()))
    assert ErrorReport.objects.count() == 0 and found(stored()) == []
    with connection.cursor() as cursor:
        cursor.execute("UPDATE bugs_arrival SET leased_until = NULL")
    digester.digest_waiting()
    assert ErrorReport.objects.count() == 1 and found(stored()) == []


def test_rules_of_the_project_hold(project):
    Project.objects.filter(pk=project.pk).update(privacy={"off": ["ip"], "allow": ["*@mailbox.example"]})
    privacy.forget(project.pk)
    digest(project, item("event", {"message": f"from {planted.IP} by {planted.EMAIL} with {planted.CARD}"}))
    assert document()["message"] == f"from {planted.IP} by {planted.EMAIL} with [redacted:card]"


def people_of(web):
    from apikeys.authentication import principal_for_user
    from bugs.models import User

    user = User.objects.create(username="bob")
    people.join(project=web, user=user, role="triager", by=SYSTEM)
    return principal_for_user(user)
