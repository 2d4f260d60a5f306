"""Who may ask for what."""

import pytest

from audit import selectors as history
from audit.actors import Principal
from bugs import policy
from bugs.models import Project
from exports import filters, selectors, services
from exports.formats import Format
from exports.models import Export, State

pytestmark = pytest.mark.django_db(transaction=True)


def test_a_reader_may_not_export(web):
    carol = Principal(label="user:2", roles={web.pk: frozenset({"viewer"})})
    with pytest.raises(policy.Refused):
        services.request_export(by=carol, project_ids=[web.pk], format=Format.CSV)


def test_a_fourth_unfinished_export_is_refused(request_export, alice):
    exports = [request_export() for _ in range(services.MAX_UNFINISHED)]
    with pytest.raises(services.TooManyExports):
        request_export()
    services.cancel(exports[0].pk, by=alice)
    request_export()


def test_an_unknown_filter_is_refused(request_export):
    with pytest.raises(filters.BadFilters) as reason:
        request_export(filters={"project__ingest_keys__public_key": "a"})
    assert list(reason.value.problems) == ["project__ingest_keys__public_key"]
    assert not Export.objects.exists()


def test_a_wrong_value_is_refused(request_export):
    with pytest.raises(filters.BadFilters):
        request_export(filters={"severity": "purple"})


def test_the_event_names_the_export_and_nothing_of_it(request_export):
    export = request_export(filters={"severity": "high"})
    (event,) = history.history_of(f"export:{export.pk}")
    assert event.data == {"export_id": str(export.pk), "format": "json", "rows": 0}
    assert event.project_id == export.project_ids[0]


def test_exports_of_several_projects_need_all_of_them(alice, web):
    other = Project.objects.create(key="APP", name="App", number=2)
    both = Principal(label="user:9", roles={web.pk: frozenset({"admin"}), other.pk: frozenset({"admin"})})
    export = services.request_export(by=both, project_ids=[web.pk, other.pk], format=Format.CSV)
    assert not selectors.exports_for(alice).exists()
    assert selectors.exports_for(both).get() == export
    (event,) = history.history_of(f"export:{export.pk}")
    assert event.data["project_ids"] == [str(one) for one in export.project_ids]
    left = Principal(label="user:9", roles={web.pk: frozenset({"admin"})})
    assert not selectors.exports_for(left).exists()


def test_a_colleague_who_may_export_sees_it_and_a_reader_does_not(request_export, web):
    export = request_export()
    bob = Principal(label="user:8", roles={web.pk: frozenset({"exporter"})})
    carol = Principal(label="user:7", roles={web.pk: frozenset({"viewer"})})
    assert selectors.exports_for(bob).get() == export
    assert not selectors.exports_for(carol).exists()
    with pytest.raises(services.NotThere):
        services.cancel(export.pk, by=carol)


def test_what_is_finished_cannot_be_cancelled(request_export, alice):
    export = request_export()
    assert services.cancel(export.pk, by=alice).state == State.CANCELLED
    with pytest.raises(services.AlreadyFinished):
        services.cancel(export.pk, by=alice)
