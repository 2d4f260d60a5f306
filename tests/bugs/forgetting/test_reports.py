"""Error reports: hers lose their user and their originals, others only what is about her; counts stay."""

from typing import Any
from uuid import UUID

import orjson
import pytest

from bugs.forgetting import reports
from bugs.models import AffectedUser, ErrorGroup, ErrorReport, Session
from bugs.selectors import payloads, raw
from tests.bugs.forgetting.conftest import ANN, BEN


def _document(report_id: UUID) -> dict[str, Any]:
    found: dict[str, Any] = orjson.loads(payloads.unpack(ErrorReport.objects.get(pk=report_id).payload))
    return found


def test_her_report_does_not_know_her(crash: Any, forget: Any) -> None:
    report_id = crash({"id": "7", "email": ANN})
    forget()
    assert not raw.of_row(ErrorReport, report_id)
    assert _document(report_id)["user"] == {} and _document(report_id)["user_key"] == ""


def test_by_the_id_that_her_program_gives_her(crash: Any, forget: Any) -> None:
    report_id = crash({"id": "customer-77"})
    forget("customer-77")
    assert _document(report_id)["user"] == {}


def test_another_report_loses_what_is_about_her(crash: Any, forget: Any) -> None:
    report_id = crash({"id": "8", "email": BEN}, value=f"no account for {ANN}")
    forget()
    left = raw.of_row(ErrorReport, report_id)
    assert ANN not in str(left) and BEN in str(left)
    assert _document(report_id)["user"]["id"] == "8"


def test_that_users_were_met_stays_counted(crash: Any, forget: Any) -> None:
    report_id = crash({"id": "7", "email": ANN})
    crash({"id": "8", "email": BEN})
    group = ErrorReport.objects.get(pk=report_id).group_id
    before = set(AffectedUser.objects.filter(group_id=group).values_list("user_key", flat=True))
    forget()
    after = set(AffectedUser.objects.filter(group_id=group).values_list("user_key", flat=True))
    assert len(after) == 2 and len(before & after) == 1
    assert ErrorGroup.objects.get(pk=group).users == 2


def test_sessions_forget_whose_they_were(crash: Any, forget: Any, web: Any) -> None:
    crash({"id": "customer-77"})
    assert Session.objects.exclude(user_key="").exists()
    forget("customer-77")
    assert not Session.objects.exclude(user_key="").exists()


@pytest.mark.parametrize(("window", "chunk"), [(1, 200), (2, 1), (3, 2)])
def test_no_report_falls_between_two_windows(
    crash: Any, forget: Any, monkeypatch: pytest.MonkeyPatch, window: int, chunk: int
) -> None:
    end, following = (getattr(reports, name) for name in ("_END", "_NEXT"))
    monkeypatch.setattr(reports, "_END", end.replace(f"OFFSET {reports.WINDOW - 1}", f"OFFSET {window - 1}"))
    monkeypatch.setattr(reports, "_NEXT", following.replace(f"LIMIT {reports.CHUNK}", f"LIMIT {chunk}"))
    monkeypatch.setattr(reports, "CHUNK", chunk)
    ids = [crash({"id": str(number), "email": ANN if number % 2 else BEN}) for number in range(6)]
    erasure = forget()
    assert [bool(raw.of_row(ErrorReport, one)) for one in ids] == [True, False] * 3
    assert erasure.counts["error_reports"] == 3
