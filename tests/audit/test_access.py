"""One record for every call, with what it was about; nothing is answered that is not written down."""

import re
from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.contrib.auth import get_user_model
from django.db import connection
from django.test import Client
from django.urls import URLResolver, get_resolver

from audit import access, persons, records, routes
from audit.models import AccessRecord, Event
from bugs.models import Bug

API = "/api/v1/"


def last() -> AccessRecord:
    return AccessRecord.objects.order_by("-id")[0]


def personal(record: AccessRecord) -> dict[str, Any]:
    return persons.opened([(record.pk, record.person, record.sealed)])[record.pk]


def test_every_answer_has_exactly_one_record(api: Any, bug: Any, people_of_web: Any) -> None:
    alice, bob, carol, nobody = api("alice"), api("bob"), api("carol"), api()
    calls: list[Callable[[], Any]] = [
        lambda: bob.get(f"{API}bugs/"),
        lambda: bob.get(f"{API}bugs/WEB-1/"),
        lambda: bob.get(f"{API}bugs/WEB-999/"),
        lambda: bob.get(f"{API}bugs/?nonsense=1"),
        lambda: bob.head(f"{API}bugs/"),
        lambda: bob.options(f"{API}bugs/"),
        lambda: bob.put(f"{API}bugs/", {}),
        lambda: bob.post(f"{API}bugs/", {"project": "WEB", "title": "Another"}),
        lambda: bob.post(f"{API}bugs/", {"project": "WEB"}),
        lambda: bob.post(f"{API}bugs/?dry_run=true", {"project": "WEB", "title": "Perhaps"}),
        lambda: bob.post(f"{API}bugs/WEB-1/status/", {"to": "new"}),
        lambda: bob.post(f"{API}bugs/", "{", content_type="application/json"),
        lambda: bob.patch(f"{API}bugs/WEB-1/", {"title": "x"}, HTTP_IF_MATCH='"9"'),
        lambda: bob.post(f"{API}bugs/", {"title": "x"}, HTTP_IDEMPOTENCY_KEY="k" * 300),
        lambda: carol.post(f"{API}bugs/WEB-1/status/", {"to": "triaged"}),
        lambda: carol.get(f"{API}audit/access/"),
        lambda: alice.get(f"{API}audit/access/"),
        lambda: alice.post(f"{API}exports/", {"format": "json"}),
        lambda: nobody.get(f"{API}bugs/"),
        lambda: nobody.get(f"{API}bugs/", HTTP_AUTHORIZATION="Bearer bw_live_nonsense"),
        lambda: nobody.get("/nothing/here/"),
        lambda: nobody.get("/login/"),
        lambda: nobody.post("/login/", {"username": "alice", "password": "wrong"}),
        lambda: nobody.get("/admin/"),
        lambda: nobody.get("/api/docs/"),
    ]
    ids = [call()["X-Request-ID"] for call in calls for _ in range(3)]
    written = list(AccessRecord.objects.values_list("request_id", flat=True))
    assert len(ids) == len(set(ids)) == 75
    assert sorted(written) == sorted(ids)


@pytest.mark.parametrize("path", ["/healthz", "/readyz", "/static/nothing.css"])
def test_what_is_exempt_leaves_none(api: Any, path: str, db: None) -> None:
    api().get(path)
    assert not AccessRecord.objects.exists()


def test_a_record_says_who_what_and_what_about(api: Any, bug: Any, web: Any, people_of_web: Any) -> None:
    answer = api("bob").get(f"{API}bugs/WEB-1/?fields=title", HTTP_USER_AGENT="curl/8", HTTP_TRACEPARENT="00-ab-cd-01")
    record = last()
    assert (record.operation, record.method, record.path) == ("bugs_retrieve", "GET", "/api/v1/bugs/{pk}/")
    assert (record.target, record.targets, record.project_ids) == (f"bug:{bug.pk}", 1, [web.pk])
    assert (record.status, record.outcome, record.code, record.count) == (200, "allowed", "", 1)
    assert record.actor.startswith("key:") and record.size == len(answer.content)
    assert personal(record) == {
        "ip": "127.0.0.1",
        "user_agent": "curl/8",
        "path": f"{API}bugs/WEB-1/",
        "trace": "00-ab-cd-01",
        "query": "fields=title",
    }


def test_paths_of_records_are_routes_without_what_was_filled_in(db: None) -> None:
    told = {routes.template(route) for route in _routes(get_resolver().url_patterns)}
    assert {"/api/v1/bugs/", "/api/v1/bugs/{pk}/", "/api/v1/bugs/{bug}/comments/{pk}/", "/login/", "/"} <= told
    assert not [one for one in told if not re.fullmatch(r"(/[\w.-]*|/\{\w+\}|\.\{\w+\})+", one)]


def _routes(patterns: Any, prefix: str = "") -> Iterator[str]:
    for each in patterns:
        route = prefix + str(each.pattern)
        if isinstance(each, URLResolver):
            yield from _routes(each.url_patterns, route)
        elif route != routes.NOTHING and r"\d+" not in route:  # those are of SDKs, which leave no records
            yield route


def test_a_change_names_its_bug_and_its_size(api: Any, bug: Any, web: Any) -> None:
    answer = api("bob").post(f"{API}bugs/WEB-1/status/", {"to": "triaged"})
    record = last()
    assert (record.target, record.project_ids, record.size) == (f"bug:{bug.pk}", [web.pk], len(answer.content))


def test_who_may_not_is_recorded_with_what_it_was_about(api: Any, bug: Any, web: Any) -> None:
    assert api("carol").patch(f"{API}bugs/WEB-1/", {"title": "x"}).status_code == 403
    assert (last().outcome, last().code, last().project_ids) == ("refused", "role_missing", [web.pk])


def test_a_list_names_every_project_that_it_could_reach(api: Any, bug: Any, web: Any, join: Any) -> None:
    from audit.actors import SYSTEM
    from bugs import people

    other = people.make_project(key="OTH", name="Other", by=SYSTEM)
    people.join(project=other, user=get_user_model().objects.get(username="bob"), role="viewer", by=SYSTEM)  # type: ignore[arg-type]
    api("bob").get(f"{API}bugs/")
    assert set(last().project_ids) == {web.pk, other.pk} and last().target == ""
    api("bob").get(f"{API}bugs/WEB-1/")
    assert last().project_ids == [web.pk]


def test_many_bugs_of_one_call_are_counted(api: Any, bug: Any) -> None:
    client = api("bob")
    other = client.post(f"{API}bugs/", {"project": "WEB", "title": "Another"}).json()
    client.post(f"{API}bugs/bulk/", {"ids": [str(bug.pk), other["id"]], "set": {"severity": "low"}})
    assert (last().operation, last().targets) == ("bugs_bulk_create", 2)


def test_what_opens_something_is_cut_out(api: Any, db: None) -> None:
    api().get(f"{API}attachments/x/download/?signature=abc:def&api_key=bw_live_abcdefghij&q=title&sort_token=1")
    fields = personal(last())
    assert fields["query"] == "signature=…&api_key=…&q=title&sort_token=…"
    api().get(f"{API}nothing/bw_live_abcdefghij/")
    assert personal(last())["path"] == f"{API}nothing/bw_…/" and last().path == ""


def test_any_bytes_of_a_caller_are_written(api: Any, db: None) -> None:
    answer = api().get("/%00%ff%ed%a0%80/?q=%00\\", HTTP_USER_AGENT="\x00é\udc80" + "x" * 5_000)
    assert AccessRecord.objects.filter(request_id=answer["X-Request-ID"]).exists()
    assert len(personal(last())["user_agent"]) == access.TEXT_MAX


def test_signing_in_and_failing_to_is_told(db: None, people_of_web: Any) -> None:
    user = people_of_web["alice"]
    user.set_password("a pass phrase of hers")
    user.save()
    client = Client()
    client.post("/login/", {"username": "alice", "password": "wrong"})
    record = last()
    assert (record.code, record.outcome, record.actor) == ("login_failed", "refused", "anonymous")
    assert personal(record)["tried"] == "alice" and "alice" not in str(record.__dict__.values())
    client.post("/login/", {"username": "alice", "password": "a pass phrase of hers"})
    assert (last().code, last().outcome, last().actor) == ("logged_in", "allowed", f"user:{user.pk}")
    client.get("/")
    assert last().actor == f"user:{user.pk}"
    client.post("/logout/")
    assert (last().code, last().actor) == ("logged_out", f"user:{user.pk}")


# Failing closed -------------------------------------------------------------------------------------------------


@pytest.fixture
def unwritable(transactional_db: None) -> Iterator[None]:
    """The table is gone for who writes records."""
    run("ALTER TABLE audit_accessrecord RENAME TO audit_elsewhere")
    yield
    run("ALTER TABLE audit_elsewhere RENAME TO audit_accessrecord")


def run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)


@pytest.mark.django_db(transaction=True)
def test_a_read_that_cannot_be_recorded_is_not_answered(api: Any, bug: Any, unwritable: None) -> None:
    answer = api("bob").get(f"{API}bugs/WEB-1/")
    assert (answer.status_code, answer.json()["code"], answer["Retry-After"]) == (503, "unavailable", "2")
    assert "Checkout" not in answer.content.decode() and answer["X-Request-ID"] == answer.json()["request_id"]


@pytest.mark.django_db(transaction=True)
def test_a_change_that_cannot_be_recorded_is_not_made(api: Any, bug: Any, unwritable: None) -> None:
    client, events = api("bob"), Event.objects.count()
    answer = client.post(f"{API}bugs/WEB-1/status/", {"to": "triaged"})
    assert (answer.status_code, answer.json()["code"]) == (503, "unavailable")
    assert Bug.objects.get().status == "new" and Event.objects.filter(type="bug.status_changed").count() == 0
    assert Event.objects.count() >= events


@pytest.mark.django_db(transaction=True)
def test_nobody_signs_in_unrecorded(people_of_web: Any, unwritable: None) -> None:
    user = people_of_web["alice"]
    user.set_password("a pass phrase of hers")
    user.save()
    client = Client()
    answer = client.post("/login/", {"username": "alice", "password": "a pass phrase of hers"})
    user.refresh_from_db()
    assert answer.status_code == 503 and user.last_login is None and not client.cookies


@pytest.mark.django_db(transaction=True)
def test_a_locked_table_refuses_instead_of_waiting_for_ever(api: Any, bug: Any) -> None:
    client = api("bob")
    client.get(f"{API}bugs/WEB-1/")  # whose key is known now
    own = connection.copy()
    with own.cursor() as cursor, connection.cursor() as ours:
        own.set_autocommit(False)
        cursor.execute("LOCK TABLE audit_accessrecord IN ACCESS EXCLUSIVE MODE")
        ours.execute("SET lock_timeout = '200ms'")
        try:
            assert client.get(f"{API}bugs/WEB-1/").status_code == 503
            assert client.post(f"{API}bugs/WEB-1/status/", {"to": "triaged"}).status_code == 503
        finally:
            own.rollback()
            own.close()
            ours.execute("RESET lock_timeout")
    assert Bug.objects.get().status == "new"
    assert client.get(f"{API}bugs/WEB-1/").status_code == 200


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    ("call", "later"),
    [
        (lambda client: client.get(f"{API}bugs/"), True),
        (lambda client: client.get(f"{API}bugs/WEB-9/"), False),
        (lambda client: client.post(f"{API}bugs/WEB-1/status/", {"to": "triaged"}), False),
        (lambda client: client.get(f"{API}audit/access/raw/"), False),
        (lambda client: client.get(f"{API}audit/access/"), True),
    ],
)
def test_only_plain_reads_do_not_wait_for_the_disk(api: Any, bug: Any, call: Any, later: bool) -> None:
    client = api("alice", permissions=("read", "write", "admin", "pii"))
    call(client)
    before, count = records.LATER.runs, AccessRecord.objects.count()
    call(client)
    assert AccessRecord.objects.count() == count + 1
    assert (records.LATER.runs == before + 1) == later
