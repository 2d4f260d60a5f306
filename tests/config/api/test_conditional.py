"""Entity tags: for readers they follow the whole body, for writers the version."""

import pytest

from config.api import conditional

URL = "/api/v1/bugs/"


@pytest.mark.parametrize(
    ("header", "version"),
    [
        ("", None),
        ("*", None),
        ('"7"', 7),
        ("7", 7),
        ('"7-0a1b2c3d"', 7),
        (' "7" ', 7),
        ('W/"7"', -1),
        ('"7", "8"', -1),
        ('"x"', -1),
        ('"7-zz"', -1),
        ('"1234567890"', -1),
        ('"-1"', -1),
        ('"٧"', -1),
    ],
)
def test_the_version_that_a_header_names(header, version):
    assert conditional.expected_version(header) == version


@pytest.mark.parametrize("known", ["{}", "W/{}", '"1-00000000", {}', "*"])
def test_what_a_reader_has_is_not_sent_again(api, bug, known):
    client = api("carol")
    first = client.get(f"{URL}{bug.pk}/")
    again = client.get(f"{URL}{bug.pk}/", HTTP_IF_NONE_MATCH=known.format(first["ETag"]))

    assert again.status_code == 304 and again.content == b""
    assert again["ETag"] == first["ETag"] and "RateLimit" in again and "X-Request-ID" in again


def test_a_change_makes_another_tag(api, bug):
    client = api("bob")
    first = client.get(f"{URL}{bug.pk}/")["ETag"]
    client.post(f"{URL}{bug.pk}/status/", {"to": "triaged"})
    again = client.get(f"{URL}{bug.pk}/", HTTP_IF_NONE_MATCH=first)
    assert again.status_code == 200 and again["ETag"] != first


def test_the_same_bug_in_another_shape_has_another_tag(api, bug):
    client = api("bob")
    tags = {client.get(f"{URL}{bug.pk}/{query}")["ETag"] for query in ("", "?fields=title", "?expand=")}
    assert len(tags) == 3 and all(tag.startswith('"1-') for tag in tags)


def test_the_tag_of_a_reader_serves_a_writer_once(api, bug):
    client = api("bob")
    tag = client.get(f"{URL}{bug.pk}/")["ETag"]
    first = client.patch(f"{URL}{bug.pk}/", {"title": "One"}, HTTP_IF_MATCH=tag)
    second = client.patch(f"{URL}{bug.pk}/", {"title": "Two"}, HTTP_IF_MATCH=tag)

    assert first.status_code == 200 and (second.status_code, second.json()["code"]) == (412, "version_changed")
    assert client.patch(f"{URL}{bug.pk}/", {"title": "Three"}, HTTP_IF_MATCH=first["ETag"]).status_code == 200
