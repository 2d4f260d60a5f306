"""Keys and tokens that are known by their look; put together here, so that no scanner finds them in this file."""

import pytest

from apikeys import tokens
from bugs.privacy import redaction

LETTERS = "Aa1Bb2Cc3Dd4Ee5Ff6Gg7Hh8Ii9Jj0KkLlMmNnOoPpQqRrSsTtUuVvWwXxYyZz"
KEYS = [
    "AKIA" + "ISCFRK09S5EALIPU",
    "AIza" + LETTERS[:35],
    "ghp_" + LETTERS[:36],
    "github_pat_" + LETTERS[:40],
    "glpat-" + LETTERS[:20],
    "xoxb-" + "1234567890-abcdefghij",
    "sk_" + "live_" + LETTERS[:24],
    "whsec_" + LETTERS[:32],
    "npm_" + LETTERS[:36],
    "pypi-AgE" + LETTERS[:50],
    "SG." + LETTERS[:22] + "." + LETTERS[:43],
    "sk-ant-api03-" + LETTERS[:40],
    "hvs." + LETTERS[:30],
    "sntrys_" + LETTERS[:50],
]


@pytest.mark.parametrize("key", KEYS, ids=lambda key: key[:6])
def test_a_key_is_taken_out(key: str) -> None:
    assert redaction.text(f"git clone with {key} fails") == "git clone with [redacted:key] fails"


def test_a_key_of_ours_is_taken_out_only_when_its_checksum_is_right() -> None:
    key = tokens.generate()
    other = key[:-1] + ("A" if key[-1] != "A" else "B")
    assert redaction.text(f"with {key}.") == "with [redacted:key]."
    assert redaction.text(f"with {other}.") == f"with {other}."


def test_a_token_of_three_parts_is_taken_out() -> None:
    token = "eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiI4MzkyIn0." + LETTERS[:43]
    assert redaction.text(f"got {token} back") == "got [redacted:jwt] back"


def test_the_body_of_a_private_key_is_taken_out() -> None:
    head, foot = "-----BEGIN RSA PRIVATE" + " KEY-----", "-----END RSA PRIVATE KEY-----"
    body = "\n".join([LETTERS] * 30)
    assert redaction.text(f"a\n{head}\n{body}\n{foot}\nb") == f"a\n{head}[redacted:private-key]{foot}\nb"


def test_of_an_address_that_is_a_secret_the_host_stays() -> None:
    url = "https://hooks.slack.com/" + "services/" + "T00000000/B00000000/" + LETTERS[:24]
    assert redaction.text(url) == "https://hooks.slack.com/services/[redacted:key]"


def test_the_key_of_a_dsn_is_taken_out() -> None:
    assert redaction.text(f"https://{'0a1b' * 8}@o1.example.com/42") == "https://[redacted:key]@o1.example.com/42"
