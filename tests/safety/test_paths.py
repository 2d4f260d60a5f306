"""Paths written in other ways lead to the same operation or to nothing, never to another one, and break nothing."""

from typing import Any
from urllib.parse import unquote_to_bytes

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.models import AccessRecord
from bugs.ingest.door import doors as ingest

pytestmark = pytest.mark.usefixtures("quiet")
API = "/api/v1/"
# {p}: the path without its last slash; {h}: all but its last part; {t}: its last part.
TRICKS = (
    *(
        "/{p}/",
        "//{p}/",
        "/{p}//",
        "{p}/./",
        "{p}/../{t}/",
        "{h}//{t}/",
        "{h}/./{t}/",
        "{h}/x/../{t}/",
        "{p}/.",
        "{p}/..",
    ),
    *(
        "{h}/%2e/{t}/",
        "{h}/%2e%2e/{t}/",
        "{h}/x/%2e%2e/{t}/",
        "{h}%2f{t}/",
        "{h}%2F{t}%2F",
        "{h}%252f{t}/",
        "{h}%5c{t}/",
    ),
    *("{p};/", "{p};x=y/", "{h};x/{t}/", "{p}/;x", "{p}/;/", "{p}..;/", "{h}/..;/{t}/", "{p}%3b/", "{p},/", "{p}&x/"),
    *(
        "{p}./",
        "{p}/.json",
        "{p}.json",
        "{p}.html/",
        "{p}.",
        "{p}%2e/",
        "{p} /",
        "{p}%20/",
        "%20{p}/",
        "{p}%09/",
        "{p}~/",
    ),
    *(
        "{p}%00/",
        "%00{p}/",
        "{p}/%00",
        "{p}%00.json",
        "{h}/%00{t}/",
        "{p}%0a/",
        "{p}%0d%0a/",
        "{p}/%0d%0aX-A: b",
        "{p}\x7f/",
    ),
    *(
        "{p}%c0%af",
        "{h}%c0%af{t}/",
        "{h}%e0%80%af{t}/",
        "{h}%c0%ae%c0%ae/{t}/",
        "{p}%ff/",
        "{p}%ed%a0%80/",
        "{p}%u002f",
    ),
    *(
        "{h}\\{t}/",
        "\\{p}\\",
        "{h}/\\{t}/",
        "{p}%5c/",
        "{p}%5c..%5c",
        "{p}%3f/",
        "{p}%3Fx=y",
        "{p}%23/",
        "{p}%26/",
        "{p}/%3f",
    ),
    *(
        "{h}%2525{t}/",
        "{h}/%25%32%65/{t}/",
        "{p}%/",
        "{p}%zz/",
        "{p}%2/",
        "%{p}/",
        "{p}%c3%a9/",
        "{h}／{t}/",
        "{h}∕{t}/",
    ),
    *(
        "http://h.example{p}/",
        "{p}/http://h.example/",
        "{p}@h.example/",
        "/.{p}/",
        "/x/..{p}/",
        "/static/..{p}/",
        "/admin/..{p}/",
    ),
    *(
        "{p}" + "/x" * 2_000,
        "{p}" + "x" * 8_000,
        "{p}" + "%2e%2e/" * 500,
        "{p}/" + "a" * 300 + "/",
        "/" * 3_000 + "{p}/",
    ),
)
NOWHERE = (301, 302, 400, 404, 405)
LETTERS = ("upper", "title", "swapcase")


def spelled(path: str) -> list[str]:
    """The path in all those ways."""
    whole = path.rstrip("/")
    head, _, tail = whole.rpartition("/")
    ways = [trick.replace("{p}", whole).replace("{h}", head).replace("{t}", tail) for trick in TRICKS]
    return ways + [getattr(path, how)() for how in LETTERS]


def call(client: Any, path: str, method: str = "GET", **more: Any) -> Any:
    """As a server hands it on: percent signs undone once, bytes taken for Latin-1."""
    path, _, query = path.partition("?")
    info = unquote_to_bytes(path.encode()).decode("latin-1")
    return client.generic(method, "/", PATH_INFO=info, QUERY_STRING=query, **more)


def last() -> AccessRecord | None:
    return AccessRecord.objects.order_by("-id").first()


PLACES = {
    "bugs_retrieve": "bugs/WEB-1/",
    "bugs_list": "bugs/",
    "audit_access_list": "audit/access/",
    "members_retrieve": "projects/WEB/members/",
    "bugs_raw": "bugs/WEB-1/raw/",
    "api_keys_who": "api-keys/self/",
}


@pytest.mark.parametrize("place", PLACES)
def test_a_path_leads_to_its_operation_or_to_none(api: Any, everything: dict[str, str], place: str) -> None:
    client, wrong = api("alice", permissions=("read", "admin", "pii")), []
    right = call(client, API + PLACES[place])
    operation, template = last().operation, last().path  # type: ignore[union-attr]
    assert right.status_code == 200 and template.startswith("/api/v1/")
    for path in spelled(API + PLACES[place]):
        answer, record = call(client, path), last()
        is_same = record is not None and (record.operation, record.path) == (operation, template)
        is_none = answer.status_code in NOWHERE and record is not None and answer.status_code == record.status
        if not ((is_same and answer.status_code in (200, 301)) or is_none):
            wrong.append((path[:80], answer.status_code, record and (record.operation, record.path)))
    assert not wrong


@pytest.mark.parametrize("place", PLACES)
def test_no_record_repeats_a_path_that_nobody_knows(api: Any, everything: dict[str, str], place: str) -> None:
    client = api("alice")
    for path in spelled(API + PLACES[place]):
        call(client, path)
    known = {record.path for record in AccessRecord.objects.all()}
    assert all(path.isprintable() and "%" not in path and ".." not in path for path in known if path)


@pytest.mark.parametrize("path", ["/admin/", "/admin/bugs/bug/", "/admin/audit/accessrecord/", "/admin/login/", "/"])
def test_no_way_of_writing_the_console_opens_it(client: Any, people_of_web: Any, path: str) -> None:
    client.raise_request_exception = False
    client.force_login(people_of_web["alice"])  # who may use the API, and is no operator
    usual = call(client, path).status_code
    told = {way[:80]: call(client, way).status_code for way in spelled(path if path != "/" else "/x/")}
    assert {*told.values()} <= {usual, 301, 302, 400, 403, 404}


@pytest.fixture
def link(api: Any, bug: Any) -> str:
    file = SimpleUploadedFile("notes.txt", b"words", content_type="text/plain")
    made = api("bob").post(f"{API}bugs/{bug.pk}/attachments/", {"file": file}, format="multipart")
    url: str = api("carol").post(f"{made['Location']}link/").json()["url"]
    return url.partition("://")[2].partition("/")[2]


def test_a_download_is_written_in_one_way(api: Any, link: str) -> None:
    path, _, query = f"/{link}".partition("?")
    client, wrong = api(), []
    assert call(client, f"{path}?{query}").status_code == 200
    for way in spelled(path):
        way = way.replace("?", "%3F")
        is_same = unquote_to_bytes(way) == path.encode()
        if call(client, f"{way}?{query}").status_code not in ((200,) if is_same else (*NOWHERE, 403)):
            wrong.append(way[:80])
    assert not wrong


def test_the_door_of_sdks_takes_its_own_paths_alone(db: None) -> None:
    for path in spelled("/api/1/envelope/"):
        info = unquote_to_bytes(path.encode()).decode("latin-1")
        assert not ingest.PATHS.fullmatch(info) or info == "/api/1/envelope/", path


@pytest.mark.parametrize("number", ["1" * 500, "０", "1.0", "-1", "+1", "1e3", " 1", "0x1", "١", "1/../2"])
def test_the_door_of_sdks_takes_numbers_alone(client: Any, db: None, number: str) -> None:
    client.raise_request_exception = False
    answer = call(client, f"/api/{number}/envelope/", "POST", content_type="text/plain")
    assert answer.status_code in (400, 403, 404)


@pytest.mark.parametrize("path", ["/static/", "/static/dashboard.css", "/favicon.ico"])
def test_no_file_beside_the_static_ones_is_served(client: Any, db: None, path: str) -> None:
    client.raise_request_exception = False
    up = ("../" * 8, "..%2f" * 8, "%2e%2e/" * 8, "..\\" * 8, "%252e%252e/" * 8, "....//" * 8, "/", "~root/")
    for way in up:
        for file in ("etc/passwd", "config/settings.py", "manage.py", ".data/secret_key"):
            answer = call(client, f"{path.rpartition('/')[0]}/{way}{file}")
            content = b"".join(answer.streaming_content) if answer.streaming else answer.content
            assert answer.status_code in (301, 400, 404) and b"root:" not in content and b"DJANGO" not in content
