"""`manage.py redact`: texts read again by hand."""

from io import StringIO
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from audit.actors import SYSTEM
from bugs import services
from bugs.models import Bug, Redaction
from bugs.services import redacting as work


@pytest.fixture(autouse=True)
def quiet(settings: Any, monkeypatch: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}
    monkeypatch.setattr(work, "SETTLES", work.REST * 0)


def call(**options: Any) -> str:
    said = StringIO()
    call_command("redact", stdout=said, **options)
    return said.getvalue()


def test_it_cleans_and_tells(web: Any) -> None:
    bug = services.report(project_id=web.pk, by=SYSTEM, title="x")
    Bug.objects.filter(pk=bug.pk).update(title="Of ann@example.com", redaction_version=0)
    assert "1 of 1, 1 changed" in call(project="WEB")
    assert Bug.objects.get().title == "Of [redacted:email]"
    assert "WEB: " in call() and set(Redaction.objects.values_list("state", flat=True)) == {"done"}


def test_what_a_worker_is_at_is_left_to_it(web: Any) -> None:
    from bugs.services import privacy

    privacy.enqueue(web)
    assert work.claim()
    assert "a worker is at it" in call(project="WEB")


def test_a_project_that_is_not_there(db: None) -> None:
    with pytest.raises(CommandError, match="no project NONE"):
        call(project="NONE")
