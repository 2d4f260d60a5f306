"""Secrets at rest."""

from typing import Any

import pytest

from audit.identifiers import uuid7
from integrations import secretbox


def test_what_is_sealed_is_unreadable_and_opens_again() -> None:
    row = uuid7()
    sealed = secretbox.seal("whsec_abc", row=row)
    assert b"whsec" not in sealed and sealed != secretbox.seal("whsec_abc", row=row)
    assert secretbox.unseal(sealed, row=row) == "whsec_abc"


def test_a_column_copied_to_another_row_opens_nothing() -> None:
    sealed = secretbox.seal("whsec_abc", row=uuid7())
    with pytest.raises(secretbox.Unreadable):
        secretbox.unseal(sealed, row=uuid7())


def test_a_former_key_still_opens(settings: Any) -> None:
    row = uuid7()
    sealed = secretbox.seal("whsec_abc", row=row)
    settings.SECRET_KEY_FALLBACKS, settings.SECRET_KEY = (
        [settings.SECRET_KEY],
        "another key of thirty-two characters",
    )
    assert secretbox.unseal(sealed, row=row) == "whsec_abc"
    settings.SECRET_KEY_FALLBACKS = []
    with pytest.raises(secretbox.Unreadable):
        secretbox.unseal(sealed, row=row)
