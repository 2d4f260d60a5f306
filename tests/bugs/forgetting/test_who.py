"""Whom a text means: a person in every way of writing that redaction finds, and nobody whose name is only alike."""

import base64

import pytest

from bugs.privacy.identity import Person

JANE = "jane.doe@example.com"


@pytest.mark.parametrize(
    "text",
    [
        *(JANE, JANE.upper(), f"<{JANE}>", f"mailto:{JANE}?x", "jane.doe%40example.com", "jane.doe\\u0040example.com"),
        *("jane.doe&#64;example.com", "jane.doe[at]example.com", "jane.doe (at) example.com", "ｊane.doe＠example.com"),
        *("jane\u200b.doe@example.com", base64.b64encode(JANE.encode()).decode()),
        base64.urlsafe_b64encode(f'{{"mail": "{JANE}"}}'.encode()).decode().rstrip("="),
    ],
)
def test_however_it_is_written(text: str) -> None:
    assert Person(JANE).is_meant_by(text)


@pytest.mark.parametrize("text", ["joanna@example.com", "annual", "x" * 5_000, "====", "\\ud800", "%ff%fe"])
def test_a_part_of_a_word_is_somebody_else(text: str) -> None:
    assert not Person("ann").is_meant_by(text)
