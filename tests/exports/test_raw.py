"""Raw exports: for those who may, with the texts of those who agreed, and gone when one of them takes it back."""

from collections.abc import Callable
from typing import Any

import orjson
import pytest

from audit import log
from audit.actors import SYSTEM, Principal
from audit.models import AccessRecord
from bugs import people, policy, services
from bugs.choices import Purpose
from bugs.models import Bug, Project, User
from bugs.services import consents
from exports import files, runner, selectors, tasks
from exports import services as exports
from exports.formats import Format
from exports.models import Export, State

pytestmark = pytest.mark.django_db(transaction=True)
SECRET = "Mail me: ann.miller@corp.example"


@pytest.fixture
def told(web: Any, alice: Principal) -> Callable[[str], Bug]:
    """A bug that a member filed."""

    def tell(name: str) -> Bug:
        user, _ = User.objects.get_or_create(username=name)
        people.join(project=web, user=user, role="reporter", by=SYSTEM)  # type: ignore[arg-type]
        by = Principal(label=f"user:{user.pk}", user_id=user.pk, roles={web.pk: frozenset({"reporter"})})
        return services.report(project_id=web.pk, by=by, title="It broke", description=SECRET)

    return tell


@pytest.fixture
def agree(web: Any, alice: Principal) -> Callable[..., None]:
    def say(name: str, is_granted: bool = True, purpose: Purpose = Purpose.ANALYSIS) -> None:
        consents.record(web.pk, reporter=name, purpose=purpose, is_granted=is_granted, by=alice)

    return say


def _made(export: Export) -> list[dict[str, Any]]:
    assert runner.run_due() == 1
    export.refresh_from_db()
    return [orjson.loads(line) for line in (files.folder() / export.file).read_bytes().splitlines()]


def test_only_who_agreed_is_exported_as_written(request_export: Any, told: Any, agree: Any) -> None:
    told("ann"), told("ben")
    agree("ann")
    export = request_export(Format.NDJSON, purpose=Purpose.ANALYSIS)
    texts = sorted(row["description"] for row in _made(export))
    assert texts == sorted([SECRET, "Mail me: [redacted:email]"])
    assert export.rows_raw == 1


def test_another_purpose_is_no_consent(request_export: Any, told: Any, agree: Any) -> None:
    told("ann")
    agree("ann", purpose=Purpose.SUPPORT)
    assert SECRET not in str(_made(request_export(Format.NDJSON, purpose=Purpose.ANALYSIS)))


def test_a_plain_export_is_clean_whoever_agreed(request_export: Any, told: Any, agree: Any) -> None:
    told("ann")
    agree("ann")
    assert SECRET not in str(_made(request_export(Format.NDJSON)))


def test_raw_exports_need_the_permission(web: Any) -> None:
    lacking = Principal(label="user:3", roles={web.pk: frozenset({"admin"})}, permissions=frozenset({"read", "export"}))
    with pytest.raises(policy.Refused):
        exports.request_export(by=lacking, project_ids=[web.pk], format=Format.CSV, purpose=Purpose.ANALYSIS)


def test_who_may_not_see_raw_texts_does_not_see_the_export(request_export: Any, web: Any) -> None:
    raw, plain = request_export(purpose=Purpose.ANALYSIS), request_export()
    lacking = Principal(label="user:3", roles={web.pk: frozenset({"admin"})}, permissions=frozenset({"read", "export"}))
    assert list(selectors.exports_for(lacking)) == [plain] and raw.pk != plain.pk


def test_taking_it_back_counts_at_once(request_export: Any, told: Any, agree: Any) -> None:
    told("ann")
    agree("ann")
    export = request_export(Format.NDJSON, purpose=Purpose.ANALYSIS)
    _made(export)
    assert not selectors.is_taken_back(export)
    agree("ann", is_granted=False)
    assert selectors.is_taken_back(export)


def test_the_file_goes_when_it_is_taken_back(
    request_export: Any, told: Any, agree: Any, settings: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    settings.EVENT_ROUTES = {"exports.tasks.revoke": ["consent.recorded"]}
    monkeypatch.setattr(log, "wake", lambda route: None)
    told("ann")
    agree("ann")
    tasks.revoke()
    export = request_export(Format.NDJSON, purpose=Purpose.ANALYSIS)
    _made(export)
    agree("ann", is_granted=False)
    tasks.revoke()
    export.refresh_from_db()
    assert export.state == State.REVOKED and not list(files.of_export(export.pk))


def export_project(export: Export) -> Project:
    return Project.objects.get(pk=export.project_ids[0])


def test_the_download_says_why(request_export: Any, told: Any, agree: Any, alice: Principal, client: Any) -> None:
    told("ann")
    agree("ann")
    export = request_export(Format.NDJSON, purpose=Purpose.ANALYSIS)
    _made(export)
    user = User.objects.get(pk=alice.user_id)
    people.join(project=export_project(export), user=user, role="admin", by=SYSTEM)  # type: ignore[arg-type]
    client.force_login(user)
    assert client.get(f"/api/v1/exports/{export.pk}/download/").status_code == 200
    assert AccessRecord.objects.filter(operation="exports_download", data_class="raw").exists()
    agree("ann", is_granted=False)
    answer = client.get(f"/api/v1/exports/{export.pk}/download/")
    assert (answer.status_code, answer.json()["code"]) == (409, "consent_withdrawn")
