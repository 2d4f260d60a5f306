"""A pepper is changed while keys live: each is digested anew when it is next used."""

from typing import Any

import pytest

from apikeys import authentication, selectors
from apikeys.models import ApiKey


def used(secret: str) -> Any:
    authentication.forget()
    return authentication.principal_for_token(secret)


def test_a_key_is_kept_under_the_newest_pepper_once_it_is_used(issue: Any, settings: Any) -> None:
    row, secret = issue()
    assert row.pepper_version == 0
    for peppers, version in (({"1": "one"}, 1), ({"1": "one", "2": "two"}, 2), ({"2": "two"}, 2)):
        settings.API_KEY_PEPPERS = peppers
        assert used(secret).key_id == row.pk
        row.refresh_from_db()
        assert row.pepper_version == version
        assert bytes(row.digest) == selectors.digests(secret)[-1]


def test_a_key_that_was_not_used_ends_with_its_pepper(issue: Any, settings: Any) -> None:
    settings.API_KEY_PEPPERS = {"1": "one"}
    _, secret = issue()
    settings.API_KEY_PEPPERS = {"2": "two"}
    with pytest.raises(authentication.BadKey):
        used(secret)


def test_keys_outlive_another_secret_key_that_names_the_old_one(issue: Any, settings: Any) -> None:
    row, secret = issue()
    settings.SECRET_KEY, settings.SECRET_KEY_FALLBACKS = (
        "another secret key of enough length, it is",
        [settings.SECRET_KEY],
    )
    assert used(secret).key_id == row.pk
    settings.SECRET_KEY_FALLBACKS = []
    assert used(secret).key_id == row.pk


def test_no_key_lies_in_memory_in_plain(issue: Any) -> None:
    _, secret = issue()
    authentication.principal_for_token(secret)
    assert secret not in repr(authentication._known) and secret[10:30] not in repr(authentication._known)


def test_a_use_writes_no_digest_when_it_is_the_newest(issue: Any, django_assert_num_queries: Any) -> None:
    _, secret = issue()
    with django_assert_num_queries(2):
        used(secret)
    with django_assert_num_queries(0):
        authentication.principal_for_token(secret)
    assert ApiKey.objects.count() == 1
