"""What is signed cannot be made up, changed, or used elsewhere: links to files, cursors, deliveries of connectors."""

import hashlib
import hmac
import random
import string
import time
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs, quote, urlencode, urlsplit
from uuid import UUID, uuid4

import orjson
import pytest
from django.conf import settings
from django.core import signing
from django.core.files.uploadedfile import SimpleUploadedFile

from audit.actors import SYSTEM
from bugs import services, signed_links
from bugs.models import Attachment, Project

pytestmark = pytest.mark.usefixtures("quiet")
API = "/api/v1/"
LETTERS = string.ascii_letters + string.digits + "-_:.=/+"
FORGERIES = 1_000
SECRET = "what the connector and GitHub have"


def attach(api: Any, bug: Any, name: str) -> Attachment:
    file = SimpleUploadedFile(name, name.encode(), content_type="text/plain")
    made = api("bob").post(f"{API}bugs/{bug.pk}/attachments/", {"file": file}, format="multipart").json()
    return Attachment.objects.get(pk=made["id"])


@pytest.fixture
def files(api: Any, bug: Any) -> tuple[Attachment, Attachment]:
    return attach(api, bug, "one.txt"), attach(api, bug, "other.txt")


@pytest.fixture
def signature(api: Any, files: Any) -> str:
    """Of the link to the first file, which carol asked for."""
    url = api("carol").post(f"{API}attachments/{files[0].pk}/link/").json()["url"]
    return parse_qs(urlsplit(url).query)["signature"][0]


def changed(text: str, count: int) -> Iterator[str]:
    """With letters changed, lost, doubled, in another order."""
    chance = random.Random(text[:5])
    yield from (text[:length] for length in range(len(text)))
    yield from (text[:at] + text[at + 1 :] for at in range(len(text)))
    yield from (text[:at] + text[at] + text[at:] for at in range(len(text)))
    for _ in range(count):
        at, letter = chance.randrange(len(text)), chance.choice(LETTERS)
        if text[at] != letter:
            yield text[:at] + letter + text[at + 1 :]
    yield from (text.upper(), text.lower(), text.swapcase(), text[::-1], text * 2, f".{text}", f"{text}=", f"{text}:")


def invented(files: tuple[Attachment, Attachment], signature: str) -> Iterator[str]:
    """Made by whoever knows all but the key, or has what was signed for something else."""
    one, until, holder = str(files[0].pk), int(time.time()) + 300, "user:1"
    wanted: list[Any] = [[one, until, holder], [one, 2**40, holder], [one, until, "system"], [one], {}, None, one]
    for value in wanted:
        for key in ("x", "secret", "a" * 50, settings.SECRET_KEY[:-1], settings.SECRET_KEY.upper()):
            yield signing.dumps(value, key=key, salt="bugwire.attachment")
        for salt in ("", "bugwire.cursor", "django.core.signing", "bugwire.attachment.", "Bugwire.attachment"):
            yield signing.dumps(value, salt=salt)
        payload = signing.b64_encode(orjson.dumps(value)).decode()
        yield f"{payload}:{signature.split(':', 1)[1]}"
        yield f"{payload}:{signature.rpartition(':')[2]}"
        yield payload
    for algorithm in ("md5", "sha1", "sha224", "sha512"):
        text = signature.rpartition(":")[0]
        mac = hmac.new(b"bugwire.attachmentsigner" + settings.SECRET_KEY.encode(), text.encode(), algorithm).digest()
        yield f"{text}:{signing.b64_encode(mac).decode()}"
    yield from (
        "",
        "x",
        ":",
        "::",
        "null",
        "0",
        "true",
        "é",
        "\0",
        "a" * 10_000,
        "[]",
        quote(signature),
        f" {signature}",
    )


def test_a_thousand_forged_links_open_nothing(files: tuple[Attachment, Attachment], signature: str) -> None:
    assert signed_links.check(files[0].pk, signature).startswith("key:")
    tried = {*changed(signature, 900), *invented(files, signature)} - {signature}
    taken = [forged for forged in tried if _opens(files[0].pk, forged)]
    assert taken == [] and len(tried) >= FORGERIES


def _opens(attachment_id: UUID, signature: str) -> bool:
    try:
        signed_links.check(attachment_id, signature)
    except signed_links.BadLink:
        return False
    return True


def test_forged_links_are_refused_at_the_door_and_break_nothing(
    api: Any, files: tuple[Attachment, Attachment], signature: str
) -> None:
    client, at = api(), f"{API}attachments/{files[0].pk}/download/"
    assert client.get(at, {"signature": signature}).status_code == 200
    for forged in [*invented(files, signature), *list(changed(signature, 50))[::7]]:
        if forged != signature:
            assert client.get(at, {"signature": forged}).status_code in (400, 403), forged


def test_parameters_of_a_link_are_what_was_signed_and_nothing_more(
    api: Any, files: tuple[Attachment, Attachment], signature: str
) -> None:
    client, at = api(), f"{API}attachments/{files[0].pk}/download/"
    queries = [
        *(
            f"signature={signature}&{more}=1"
            for more in ("until", "expires", "holder", "id", "inline", "x", "Signature")
        ),
        *(f"{name}={signature}" for name in ("Signature", "SIGNATURE", "sig", "s", "signature[]", "signature%00")),
        *(f"signature={signature}&signature={bad}" for bad in ("", "x", signature[:-1])),
        *("", "signature", "signature=", f"signature={signature}%00", f"signature={signature}%20", f"={signature}"),
    ]
    told = {query: client.get(f"{at}?{query}").status_code for query in queries}
    assert {*told.values()} <= {400, 403}, told


def test_a_link_is_for_one_file_one_time_and_one_holder(
    api: Any, files: tuple[Attachment, Attachment], signature: str, own: Any, people_of_web: Any
) -> None:
    client, one, other = api(), *files
    now = int(time.time())
    mallory = f"user:{people_of_web['mallory'].pk}"
    tries = [
        (other.pk, signature),
        (uuid4(), signature),
        (one.pk, signed_links.sign(one.pk, until=now - 1, holder="user:1")),
        (one.pk, signed_links.sign(one.pk, until=now + 60, holder=mallory)),
        (one.pk, signed_links.sign(one.pk, until=now + 60, holder="user:999999")),
        (one.pk, signed_links.sign(one.pk, until=now + 60, holder=f"key:{uuid4()}")),
        (one.pk, signed_links.sign(one.pk, until=now + 60, holder="system")),
        (one.pk, signed_links.sign(one.pk, until=now + 60, holder="")),
    ]
    told = [client.get(f"{API}attachments/{pk}/download/", {"signature": one}).status_code for pk, one in tries]
    assert {*told} <= {403, 404}, told


@pytest.fixture
def cursor(api: Any, web: Any) -> str:
    for number in range(3):
        services.report(project_id=web.pk, by=SYSTEM, title=f"Bug {number}")
    url = api("carol").get(f"{API}bugs/?limit=1").json()["next"]
    return parse_qs(urlsplit(url).query)["cursor"][0]


def test_no_changed_cursor_goes_on(api: Any, cursor: str, key_of: Any) -> None:
    client, told = api("carol"), {}
    values = signing.loads(cursor, salt="bugwire.cursor")
    made = [signing.dumps({**values, name: "x"}, salt=salt) for name in values for salt in ("", "bugwire.attachment")]
    for forged in [*list(changed(cursor, 200))[::3], *made, "x", ":", "{}", "null", "é", "a" * 9_000]:
        if forged not in (cursor, ""):
            told[forged] = client.get(f"{API}bugs/", {"limit": 1, "cursor": forged}).status_code
    assert {*told.values()} == {400} and len(told) > 150


def test_a_cursor_is_of_one_caller_one_list_and_one_filter(api: Any, key_of: Any, own: Any, cursor: str) -> None:
    keys = {name: key_of(name) for name in ("alice", "carol", "mallory")}
    mine = api(key=keys["carol"])
    url = mine.get(f"{API}bugs/?limit=1").json()["next"]
    assert mine.get(url).status_code == 200
    query = urlsplit(url).query
    for client in (api(key=keys["alice"]), api(key=keys["mallory"]), api("carol")):
        assert client.get(f"{API}bugs/?{query}").json()["code"] == "invalid_cursor"
    for path in ("errors/", "bugs/search/", "feedback/", "views/", f"bugs/?{urlencode({'status': 'new'})}"):
        joined = f"{API}{path}{'&' if '?' in path else '?'}{query}"
        assert mine.get(joined).status_code == 400, joined


def test_a_cursor_of_the_trail_shows_nothing_of_others(api: Any, everything: dict[str, str], own: Any) -> None:
    """It is a place and no right: whoever makes one up sees what they may see anyway."""
    theirs = api("mallory", permissions=("admin", "read"))
    pulled = theirs.get(f"{API}audit/access/?format=ndjson")
    mark = pulled["Next-Cursor"].partition(".")[0]
    for cursor in (f"{mark}.0.0", f"{mark}.1.1", f"{mark}.999999999999999999.1"):
        answer = theirs.get(f"{API}audit/access/?format=ndjson&cursor={cursor}")
        ids = {one for line in answer.content.splitlines() for one in orjson.loads(line)["project_ids"]}
        assert answer.status_code == 200 and str(Project.objects.get(key="WEB").pk) not in ids
    for cursor in (
        "x.0.0",
        f"{mark}.-1.0",
        f"{mark}.1",
        f"{mark}.1.1.1",
        f"{mark}.1e3.0",
        f"{mark}.１.0",
        "..",
        "é.0.0",
        "\0",
    ):
        assert theirs.get(f"{API}audit/access/", {"format": "ndjson", "cursor": cursor}).status_code == 400, cursor


def test_no_forged_delivery_of_a_connector_is_read(api: Any, web: Any) -> None:
    made = api("alice").post(f"{API}connectors/", {"project": "WEB", "kind": "github", "secret": SECRET}).json()
    body, client = b'{"zen": "x"}', api()
    right = "sha256=" + hmac.new(SECRET.encode(), body, hashlib.sha256).hexdigest()

    def send(signature: str, content: bytes = body) -> int:
        heads = {"HTTP_X_GITHUB_EVENT": "ping", "HTTP_X_HUB_SIGNATURE_256": signature}
        path = f"{API}inbound/{made['id']}/"
        return int(client.generic("POST", path, content, content_type="application/json", **heads).status_code)

    assert send(right) == 200
    forged = {*list(changed(right, 100))[::5], right.replace("sha256", "sha1"), right[7:], f"{right},{right}", ""}
    assert {send(one) for one in forged - {right}} == {404} and len(forged) > 50
    assert {send(right, content) for content in (b"", b"{}", body + b" ", body.upper(), b"\xef\xbb\xbf" + body)} == {
        404
    }
