"""What real SDKs sent of their users' words and files, in the order in which it came and in the other."""

from pathlib import Path

import pytest
import zstandard
from django.utils import timezone

from bugs.ingest.digest import digester
from bugs.ingest.wire import envelope, shapes
from bugs.models import Arrival, Attachment, Bug, Feedback
from bugs.selectors import raw

FOLDER = Path(__file__).resolve().parents[2] / "data" / "envelopes"


def digest(project, *names):
    """Each envelope in a batch of its own."""
    for name in names:
        body = (FOLDER / f"{name}.envelope").read_bytes()
        event_id = shapes.identifier(envelope.parse(body).headers.get("event_id"))
        Arrival.objects.create(
            project_id=project.pk,
            event_id=event_id,
            received_at=timezone.now(),
            size=len(body),
            body=zstandard.compress(body),
        )
        assert digester.digest_waiting() == 1


@pytest.mark.parametrize("sdk", ["python", "node", "browser"])
@pytest.mark.parametrize("order", [1, -1])
def test_feedback_of_sdks_is_linked_to_its_error(web, sdk, order):
    digest(web, *[f"{sdk}-feedback.{kind}" for kind in ("event", "feedback")][::order])
    row = Feedback.objects.get()
    shown = raw.feedback_of(row.pk)
    assert (row.message, row.name) == ("I pressed send and everything was gone", "[redacted:name]")
    assert (shown["name"], shown["email"]) == ("Ann", "ann@example.com")
    error = Bug.objects.exclude(pk=row.bug_id).get()
    assert row.error_bug == error and row.bug.links_out.get().target == error
    assert "the form was lost" in error.title


@pytest.mark.parametrize("order", [1, -1])
def test_a_user_report_is_linked_to_its_error(web, order):
    digest(web, *["python-feedback.event", "python-feedback.user_report"][::order])
    row = Feedback.objects.get()
    assert (row.message, raw.feedback_of(row.pk)["name"], row.source) == (
        *("It happened to me as well", "Ben", "user_report"),
    )
    assert row.error_bug and row.error_bug != row.bug


def test_files_of_an_sdk_stand_beside_the_bug(web):
    digest(web, "python-attachments.event+attachment", "python-attachments.event+attachment")
    files = dict(Attachment.objects.values_list("name", "content_type"))
    assert files == {"shop.log": "text/plain", "basket.json": "application/json"}
    assert Bug.objects.get().attachment_count == Attachment.objects.count() == 2
