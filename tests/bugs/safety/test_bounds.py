"""Whatever is sent, nothing answers 500: numbers, moments, names and texts at and beyond their bounds."""

from typing import Any

import pytest
from django.db import connection

from bugs import custom
from bugs.models import Bug
from bugs.query import context, words

API = "/api/v1/"
WIDE = "\U00010428"  # a letter of four bytes


@pytest.mark.parametrize("limit", ["00000000150000", "99999999999", "201", "0", "-1", "²", "１", ""])
@pytest.mark.parametrize("url", ["bugs/", "bugs/WEB-1/events/", "errors/", "audit/access/"])
def test_no_way_of_writing_a_number_gets_a_longer_page(api: Any, bug: Any, url: str, limit: str) -> None:
    answer = api("alice").get(API + url, {"limit": limit})
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_limit")


@pytest.mark.parametrize("url", ["sessions/%00/", "sessions/a%00b/", "releases/%00/", "releases/1.0%00/"])
def test_no_row_has_a_name_with_nul(api: Any, bug: Any, url: str) -> None:
    assert api("carol").get(API + url).status_code == 404


@pytest.mark.parametrize("name", ["occurred_after", "occurred_before"])
@pytest.mark.parametrize("moment", ["0001-01-01T00:00:00Z", "1969-12-31T23:59:59Z", "9999-12-31T23:59:59Z"])
def test_errors_are_asked_for_from_the_first_to_the_last_moment(
    api: Any, crash: Any, people_of_web: Any, name: str, moment: str
) -> None:
    crash()
    answer = api("carol").get(f"{API}errors/", {name: moment})
    is_all = (name == "occurred_before") == moment.startswith("9999")
    assert (answer.status_code, len(answer.json()["results"])) == (200, int(is_all))


@pytest.mark.parametrize("number", [10**400, -(10**400), custom.MAX_NUMBER + 1, 1e308])
def test_a_number_beyond_its_bound_is_refused(api: Any, bug: Any, number: Any) -> None:
    client = api("alice")
    client.patch(f"{API}projects/WEB/", {"custom_fields": {"points": {"type": "number"}}})
    body = f'{{"custom": {{"points": {number}}}}}'
    answer = client.patch(f"{API}bugs/WEB-1/", body, content_type="application/json")
    assert (answer.status_code, answer.json()["code"]) == (400, "invalid_custom_field")


def _parts(count: int, *, file: bool) -> bytes:
    of_file = '; filename="a.txt"' if file else ""
    part = '--B\r\nContent-Disposition: form-data; name="f{}"{}\r\n\r\nx\r\n'
    return "".join(part.format(number, of_file) for number in range(count)).encode() + b"--B--\r\n"


@pytest.mark.parametrize("file", [True, False])
@pytest.mark.parametrize("headers", [{}, {"HTTP_IDEMPOTENCY_KEY": "k"}])
def test_a_body_of_too_many_parts_is_refused(api: Any, bug: Any, file: bool, headers: dict[str, str]) -> None:
    answer = api("bob").generic(
        "POST",
        f"{API}bugs/WEB-1/attachments/",
        _parts(2_000, file=file),
        content_type="multipart/form-data; boundary=B",
        **headers,
    )
    assert (answer.status_code, answer.json()["code"]) == (400, "bad_request")


def _long_words(letters: int) -> str:
    """Distinct words as long as the index keeps them."""
    count = letters // words.MAX_LETTERS
    return " ".join(f"{number:05}{WIDE * (words.MAX_LETTERS - 5)}" for number in range(count))


def test_a_bug_takes_comments_of_nothing_but_long_words(bug: Any) -> None:
    from audit.actors import SYSTEM
    from bugs.models import Comment
    from bugs.services import comments

    for _ in range(3):
        Comment.objects.create(bug=bug, actor="system", body=_long_words(300_000), created_at=bug.created_at)
    Bug.objects.filter(pk=bug.pk).update(description=_long_words(300_000))
    comments.add(bug.pk, body="One more.", by=SYSTEM)
    assert Bug.objects.get(pk=bug.pk).comment_count == 1


def test_the_words_of_a_part_end_where_a_tsvector_would(db: None) -> None:
    exact = words.vector((weight, _long_words(1_000_000)) for weight in "ABCD")
    with connection.cursor() as cursor:
        cursor.execute("SELECT length(%s::tsvector)", [exact])
        assert cursor.fetchone()[0] == words.MAX_PART // words.MAX_LETTERS


def test_the_fullest_context_fits_into_a_tsvector(db: None) -> None:
    def text(field: str, number: int) -> str:
        return " ".join(f"{number:03}{place:02}{WIDE * 4}" for place in range(context.MAX_WORDS))

    def long_text(number: int) -> str:
        return f"{number:03}{WIDE * (words.MAX_LETTERS - 3)}"

    for make in (text, lambda _, number: long_text(number)):
        full = {field: [make(field, number) for number in range(context.MAX_TEXTS)] for field in context.FIELDS}
        with connection.cursor() as cursor:
            cursor.execute("SELECT length(%s::tsvector)", [context.vector(full)])
            assert cursor.fetchone()[0] > 0
