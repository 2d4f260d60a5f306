"""Signed links: whoever has one has the file, as a download, until it expires."""

from collections.abc import Callable
from typing import Any
from urllib.parse import urlsplit

import pytest

from audit.models import AccessRecord
from bugs import signed_links
from tests.bugs.discussion.conftest import PNG

Api = Callable[..., Any]
HOLDER = "user:1"


@pytest.fixture
def link(attach: Any, api: Api) -> Callable[..., str]:
    """A link to a new attachment, as carol gets it."""

    def get(*upload: Any) -> str:
        place = attach(*upload)["Location"]
        answer = api("carol").post(f"{place}link/")
        assert answer.status_code == 200, answer.json()
        return str(answer.json()["url"])

    return get


def test_a_link_gives_the_file_without_a_key(link: Any, api: Api) -> None:
    answer = api().get(link())
    assert answer.status_code == 200
    assert b"".join(answer.streaming_content) == PNG


def test_a_file_is_never_shown_inline(link: Any, api: Api) -> None:
    answer = api().get(link())
    assert answer["Content-Disposition"] == 'attachment; filename="shot.png"'
    assert answer["Content-Type"] == "image/png"
    assert answer["X-Content-Type-Options"] == "nosniff"
    assert answer["Content-Security-Policy"] == "default-src 'none'; sandbox"
    assert answer["Cache-Control"] == "private, no-store"


def test_a_name_with_quotes_and_umlauts_does_not_break_the_header(link: Any, api: Api) -> None:
    header = api().get(link(PNG, 'a"b ü.png'))["Content-Disposition"]
    assert header == "attachment; filename*=utf-8''a%22b%20%C3%BC.png"


def test_what_a_client_accepts_does_not_matter(link: Any, api: Api) -> None:
    assert api().get(link(), HTTP_ACCEPT="image/png").status_code == 200


def test_a_download_is_recorded_for_whoever_got_the_link(link: Any, api: Api) -> None:
    url = link()
    asked = AccessRecord.objects.get(operation="attachments_link")
    api().get(url)
    record = AccessRecord.objects.get(operation="attachments_download")
    assert (record.actor, record.status, record.project_ids) == (asked.actor, 200, asked.project_ids)


def test_a_link_leads_to_its_own_attachment_alone(link: Any, api: Api) -> None:
    first, second = urlsplit(link()), urlsplit(link())
    answer = api().get(f"{first.path}?{second.query}")
    assert (answer.status_code, answer.json()["code"]) == (403, "link_invalid")


@pytest.mark.parametrize("signature", ["", "x", "x:y:z", "\x00", "é", "a" * 5_000])
def test_another_signature_opens_nothing(link: Any, api: Api, signature: str) -> None:
    answer = api().get(urlsplit(link()).path, {"signature": signature})
    assert (answer.status_code, answer.json()["code"]) == (403, "link_invalid")


def test_a_signature_that_was_changed_opens_nothing(link: Any, api: Api) -> None:
    url = link()
    changed = url[:-1] + ("A" if url[-1] != "A" else "B")
    assert api().get(changed).json()["code"] == "link_invalid"


def test_a_link_expires(link: Any, api: Api) -> None:
    path = urlsplit(link()).path
    name = path.split("/")[-3]
    answer = api().get(path, {"signature": signed_links.sign(name, until=1, holder=HOLDER)})  # type: ignore[arg-type]
    assert (answer.status_code, answer.json()["code"]) == (403, "link_expired")


def test_a_link_to_a_deleted_file_leads_nowhere(link: Any, api: Api) -> None:
    url = link()
    api("alice").delete(urlsplit(url).path.removesuffix("download/"))
    assert api().get(url).status_code == 404


@pytest.mark.parametrize("seconds", [0, signed_links.MAX_LIFETIME + 1, "soon"])
def test_a_link_is_good_for_an_hour_at_most(attach: Any, api: Api, seconds: Any) -> None:
    answer = api("carol").post(f"{attach()['Location']}link/", {"expires_in": seconds})
    assert answer.json()["errors"][0]["pointer"] == "/expires_in"


def test_outsiders_get_no_link(attach: Any, api: Api) -> None:
    assert api("mallory").post(f"{attach()['Location']}link/").status_code in (403, 404)


def test_an_unknown_parameter_is_refused(link: Any, api: Api) -> None:
    assert api().get(f"{link()}&inline=true").json()["code"] == "unknown_parameter"
