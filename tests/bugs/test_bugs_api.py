"""Bugs over REST, as the cast sees them."""

import pytest

from audit.actors import SYSTEM
from audit.models import AccessRecord, Event
from bugs import people, services
from bugs.models import Bug

URL = "/api/v1/bugs/"


def code_of(response):
    body = response.json()
    assert response["Content-Type"] == "application/problem+json"
    assert body["status"] == response.status_code and body["request_id"] == response["X-Request-ID"]
    return body["code"]


def report(web, **fields):
    return services.report(project_id=web.pk, by=SYSTEM, **{"title": "A bug", **fields})


def test_alice_reports_a_bug_and_reads_it_by_its_reference(api, web):
    client = api("alice")
    made = client.post(URL, {"project": "WEB", "title": "It broke", "severity": "high", "tags": {"browser": "safari"}})

    assert made.status_code == 201, made.content
    read = client.get(f"{URL}{made.json()['reference']}/").json()
    assert read.items() >= made.json().items()
    assert read["reference"] == "WEB-1" and read["reporter"] == "alice" and read["tags"] == {"browser": "safari"}


def test_the_list_shows_the_newest_first(api, web):
    numbers = [report(web).number for _ in range(3)]

    rows = api("carol").get(URL).json()["results"]
    assert [row["reference"] for row in rows] == [f"WEB-{number}" for number in reversed(numbers)]


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("status=new", 3),
        ("status=closed", 0),
        ("severity=high&severity=low", 2),
        ("bug_type=crash", 1),
        ("component_name=checkout", 1),
        ("has_errors=false", 3),
        ("created_after=2020-01-01T00:00:00Z", 3),
        ("created_after=2020-01-01", 3),
        ("created_after=-1d", 3),
        ("created_before=-1d", 0),
        ("created_before=2020-01-01T00:00:00Z", 0),
        ("project=WEB", 3),
        ("project=NONE", 0),
        ("assigned_to=bob", 0),
        ("assigned_to=nobody-of-that-name", 0),
    ],
)
def test_filters(api, web, query, expected):
    report(web, severity="high", bug_type="crash")
    report(web, severity="low", component="checkout")
    report(web, severity="medium")

    assert len(api("carol").get(f"{URL}?{query}").json()["results"]) == expected


@pytest.mark.parametrize("query", ["has_errors=maybe", "has_attachments=2"])
def test_what_is_neither_true_nor_false_is_refused_and_not_ignored(api, bug, query):
    response = api("carol").get(f"{URL}?{query}")

    assert (response.status_code, response.json()["errors"][0]["pointer"]) == (400, f"/{query.partition('=')[0]}")


@pytest.mark.parametrize("order", ["-created_at", "created_at", "-updated_at", "updated_at"])
def test_pages_show_every_bug_once_in_both_directions(api, web, order):
    made = {str(report(web).pk) for _ in range(7)}
    client = api("carol")
    url, forward, pages = f"{URL}?limit=3&ordering={order}", [], []
    while url:
        page = client.get(url).json()
        forward += [row["id"] for row in page["results"]]
        pages.append(page)
        url = page["next"]

    assert len(forward) == 7 and set(forward) == made
    back = client.get(pages[-1]["previous"]).json()
    assert [row["id"] for row in back["results"]] == forward[3:6]
    assert client.get(back["previous"]).json()["results"] == pages[0]["results"]


def test_a_cursor_of_another_filter_key_or_hand_is_refused(api, web):
    for _ in range(3):
        report(web)
    client = api("carol")
    url = client.get(f"{URL}?limit=1").json()["next"]

    assert code_of(client.get(url + "&status=new")) == "invalid_cursor"
    assert code_of(api("bob").get(url)) == "invalid_cursor"
    assert code_of(client.get(url[:-3] + "abc")) == "invalid_cursor"


@pytest.mark.parametrize(
    ("query", "code"),
    [
        ("statsu=new", "unknown_parameter"),
        ("status=melted", "invalid"),
        ("limit=0", "invalid_limit"),
        ("limit=201", "invalid_limit"),
        ("limit=many", "invalid_limit"),
        ("ordering=secret", "invalid_ordering"),
        ("created_after=yesterday-ish", "invalid"),
        ("cursor=x", "invalid_cursor"),
        ("component_name=a%00b", "invalid"),
    ],
)
def test_bad_parameters_are_named(api, query, code):
    assert code_of(api("carol").get(f"{URL}?{query}")) == code


def test_an_unknown_parameter_comes_with_the_nearest_one(api):
    assert "Did you mean status?" in api("carol").get(f"{URL}?statsu=new").json()["detail"]


def test_bob_moves_a_bug_and_history_tells_it(api, bug):
    client = api("bob")
    moved = client.post(f"{URL}{bug.pk}/status/", {"to": "resolved", "resolution": "duplicate"})

    assert moved.status_code == 200 and moved.json()["resolution"] == "duplicate"
    steps = client.get(f"{URL}{bug.pk}/events/").json()["results"]
    assert [step["type"] for step in steps] == ["bug.status_changed", "bug.created"]


def test_a_move_that_the_lifecycle_forbids_changes_nothing(api, bug):
    client = api("bob")
    client.post(f"{URL}{bug.pk}/status/", {"to": "closed"})
    events = Event.objects.count()

    assert code_of(client.post(f"{URL}{bug.pk}/status/", {"to": "triaged"})) == "forbidden_move"
    bug.refresh_from_db()
    assert bug.status == "closed" and Event.objects.count() == events


def test_two_writers_with_one_version(api, bug):
    client = api("bob")
    tag = client.get(f"{URL}{bug.pk}/")["ETag"]

    assert client.patch(f"{URL}{bug.pk}/", {"title": "First"}, HTTP_IF_MATCH=tag).status_code == 200
    assert code_of(client.patch(f"{URL}{bug.pk}/", {"title": "Second"}, HTTP_IF_MATCH=tag)) == "version_changed"
    assert Bug.objects.get(pk=bug.pk).title == "First"


def test_assigning_to_a_member_and_to_nobody(api, bug):
    client = api("bob")

    assert client.post(f"{URL}{bug.pk}/assign/", {"assignee": "carol"}).json()["assignee"] == "carol"
    assert client.post(f"{URL}{bug.pk}/assign/", {"assignee": None}).json()["assignee"] is None
    assert code_of(client.post(f"{URL}{bug.pk}/assign/", {"assignee": "mallory"})) == "not_a_member"


def test_alice_deletes_a_bug_and_its_history_stays(api, bug):
    client = api("alice")

    assert client.delete(f"{URL}{bug.pk}/").status_code == 204
    assert code_of(client.get(f"{URL}{bug.pk}/")) == "not_found"
    assert Event.objects.filter(type="bug.deleted").exists()


def test_carol_reads_but_does_not_write(api, bug):
    client = api("carol")

    assert client.get(f"{URL}{bug.pk}/").status_code == 200
    assert code_of(client.post(f"{URL}{bug.pk}/status/", {"to": "triaged"})) == "role_missing"
    assert code_of(client.post(URL, {"project": "WEB", "title": "x"})) == "role_missing"


def test_a_read_key_of_alice_does_not_write(api, bug):
    client = api("alice", permissions=["read"])

    assert code_of(client.post(f"{URL}{bug.pk}/status/", {"to": "triaged"})) == "permission_missing"


def test_a_foreign_bug_looks_like_a_missing_one(api, bug, join):
    other = people.make_project(key="EVIL", name="Elsewhere", by=SYSTEM)
    join("eve", "admin", other)
    from apikeys import services as keys
    from bugs.models import User

    key = keys.issue(name="e", owner_id=User.objects.get(username="eve").pk, permissions=["read"], by=SYSTEM)[1]
    client = api(key=key)
    foreign, missing = (client.get(f"{URL}{name}/").json() for name in (bug.pk, "00000000-0000-7000-8000-000000000000"))
    foreign.pop("request_id"), missing.pop("request_id")

    assert foreign == missing
    assert code_of(client.get(f"{URL}WEB-{bug.number}/")) == "not_found"


def test_mallory_has_no_role_anywhere(api, bug):
    assert code_of(api("mallory").get(URL)) == "role_missing"


def test_no_key_and_wrong_keys(api, bug, django_assert_num_queries):
    anonymous = api().get(URL)
    assert code_of(anonymous) == "no_credentials" and anonymous["WWW-Authenticate"].startswith("Bearer")
    assert code_of(api(key="bw_live_" + "0" * 36).get(URL)) == "invalid_key"
    assert code_of(api(key="nonsense").get(URL)) == "invalid_key"


@pytest.mark.parametrize(
    ("body", "status", "code"),
    [
        (b"{", 400, "invalid_json"),
        (b"\xff", 400, "invalid_json"),
        (b"[" * 1000 + b"]" * 1000, 400, "invalid_json"),
        (b'{"a":' * 1000 + b"1" + b"}" * 1000, 400, "invalid_json"),
        (b'{"title": "a\\u0000b"}', 400, "invalid_json"),
        (b'{"title": "\\ud800"}', 400, "invalid_json"),
        (b'{"title": NaN}', 400, "invalid_json"),
        (b'{"title": "a", "title": "b"}', 400, "invalid_json"),
        (b"[]", 400, "invalid"),
        (b"null", 400, "invalid"),
        (b'{"title": "x", "project": "WEB", "colour": "red"}', 400, "invalid"),
        (b'{"title": "x", "project": "WEB", "id": "1"}', 400, "invalid"),
        (b'{"title": "x", "project": "NONE"}', 400, "unknown_project"),
        (b'{"title": "x"}', 400, "invalid"),
        (b'{"title": "", "project": "WEB"}', 400, "invalid"),
        (b'{"title": "' + b"x" * 1_100_000 + b'"}', 413, "body_too_large"),
    ],
    ids=lambda value: str(value)[:24],
)
def test_bad_bodies_are_problems_and_nothing_is_written(api, web, body, status, code):
    answer = api("alice").post(URL, body, content_type="application/json")

    assert (answer.status_code, code_of(answer)) == (status, code)
    assert not Bug.objects.exists()


def test_an_unknown_field_is_pointed_at(api, web):
    answer = api("alice").post(URL, {"project": "WEB", "title": "x", "titel": "y"}).json()

    assert answer["errors"] == [
        {
            "pointer": "/titel",
            "code": "unknown_field",
            "detail": "There is no such field. Did you mean title?",
        }
    ]


def test_other_media_types_and_methods(api, web):
    client = api("alice")

    assert code_of(client.post(URL, "<xml/>", content_type="application/xml")) == "unsupported_media_type"
    assert code_of(client.put(URL, {})) == "method_not_allowed"
    assert code_of(client.get("/api/v1/nothing/")) == "not_found"


def test_every_call_is_written_down_once(api, bug):
    client = api("bob")
    client.get(URL)
    client.post(f"{URL}{bug.pk}/status/", {"to": "triaged"})
    client.post(f"{URL}{bug.pk}/status/", {"to": "new"})
    api().get(URL)

    records = AccessRecord.objects.order_by("id").values_list("operation", "method", "status", "code")
    assert list(records) == [
        ("bugs_list", "GET", 200, ""),
        ("bugs_move", "POST", 200, ""),
        ("bugs_move", "POST", 409, "forbidden_move"),
        ("bugs_list", "GET", 401, "no_credentials"),
    ]


@pytest.mark.django_db(transaction=True)
def test_when_the_audit_cannot_be_written_nothing_happens(api, bug):
    from django.db import connection

    client = api("bob")
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE audit_accessrecord RENAME TO hidden")
    try:
        written = client.post(f"{URL}{bug.pk}/status/", {"to": "triaged"})
        read = client.get(URL)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("ALTER TABLE hidden RENAME TO audit_accessrecord")

    assert (written.status_code, read.status_code) == (503, 503)
    bug.refresh_from_db()
    assert bug.status == "new"
