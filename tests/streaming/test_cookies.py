"""Which cookie is taken for that of a session."""

from typing import Any

import pytest

from streaming.admission import authentication


@pytest.mark.parametrize(
    ("cookie", "found"),
    [
        ("a=b; bugwire_session=abc012", "abc012"),
        ('bugwire_session="abc012"', "abc012"),
        ('bugwire_session="abcdefgh\\000ij"', None),
        ("bugwire_session=", None),
        ("other=abc012", None),
    ],
)
def test_a_session_is_letters_and_digits(settings: Any, cookie: str, found: str | None) -> None:
    settings.SESSION_COOKIE_NAME = "bugwire_session"
    assert authentication._session_key({"headers": [(b"cookie", cookie.encode())]}) == found
