"""JSON documents: fields by their names, keys, originals, and the way back."""

from typing import Any

import pytest

from bugs.privacy import redaction
from bugs.privacy.names import kind
from bugs.privacy.redaction import Rules


def test_texts_anywhere_are_cleaned_and_kept_by_pointer() -> None:
    clean, originals = redaction.document({"a": ["x", {"b/c": "jane@example.com"}], "n": 1})
    assert clean == {"a": ["x", {"b/c": "[redacted:email]"}], "n": 1}
    assert originals == {"/a/1/b~1c": "jane@example.com"}


def test_a_document_without_any_is_the_same_object() -> None:
    document = {"a": ["x", {"b": None}]}
    assert redaction.document(document) == (document, {})
    assert redaction.document(document)[0] is document


def test_the_given_document_is_left_as_it_was() -> None:
    document = {"a": {"password": "x"}}
    redaction.document(document)
    assert document == {"a": {"password": "x"}}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        *[(name, "password") for name in ("password", "DB_PASSWORD", "userPassword", "new-password", "passwd2", "pwd")],
        *[(name, "secret") for name in ("token", "apiKey", "X-Api-Key", "client_secret", "Authorization", "APIKey")],
        *[(name, "cookie") for name in ("cookies", "Set-Cookie", "sessionid", "PHPSESSID")],
        *[(name, "name") for name in ("first_name", "lastName", "username", "displayName")],
        ("creditCard", "card"),
        ("customer_email", "email"),
        ("homePhone", "phone"),
        ("ip_address", "ip"),
        ("dateOfBirth", "birth-date"),
        *[(name, "") for name in ("name", "sessionId", "session_id", "public_key", "tokenizer", "max_tokens", "title")],
        *[(name, "") for name in ("", "token_type", "email_verified", "os.name", "publicKeyToken", "key", "x" * 101)],
    ],
)
def test_the_last_words_of_a_name_say_what_its_value_is(name: str, found: str) -> None:
    assert kind(name) == found


def test_a_value_below_such_a_name_is_taken_out_whole() -> None:
    assert redaction.document({"password": "a"})[0] == {"password": "[redacted:password]"}


@pytest.mark.parametrize("value", [None, True, 0, 1234, 3.5, "", "null", "[Filtered]", "[redacted:email]"])
def test_what_says_nothing_stays_below_such_a_name(value: Any) -> None:
    assert redaction.document({"token": value}) == ({"token": value}, {})


def test_a_long_number_is_taken_out_and_comes_back_as_a_number() -> None:
    clean, originals = redaction.document({"card_number": 4143961391790048})
    assert clean == {"card_number": "[redacted:card]"}
    assert redaction.restored(clean, originals) == {"card_number": 4143961391790048}


def test_all_that_is_in_an_object_below_such_a_name_is_taken_out() -> None:
    clean, _ = redaction.document({"cookies": {"theme": "dark", "list": ["a", 1]}})
    assert clean == {"cookies": {"theme": "[redacted:cookie]", "list": ["[redacted:cookie]", 1]}}


def test_pairs_of_names_and_values_are_read_as_such() -> None:
    document = {"query": [["token", "ab"], ["page", "2"]], "headers": [{"name": "Cookie", "value": "ab"}]}
    assert redaction.document(document)[0] == {
        "query": [["token", "[redacted:secret]"], ["page", "2"]],
        "headers": [{"name": "Cookie", "value": "[redacted:cookie]"}],
    }


def test_a_name_in_an_object_of_a_person_is_theirs() -> None:
    document = {"user": {"name": "Jane"}, "os": {"name": "Linux"}}
    assert redaction.document(document)[0] == {"user": {"name": "[redacted:name]"}, "os": {"name": "Linux"}}


def test_other_names_can_be_given() -> None:
    assert redaction.document({"badge": "x", "token": "y"}, names={"badge": "badge"})[0] == {
        "badge": "[redacted:badge]",
        "token": "y",
    }


def test_a_detector_that_is_off_is_off_for_names_too() -> None:
    assert redaction.document({"ip": "x"}, Rules.of({"off": ["ip"]})) == ({"ip": "x"}, {})


def test_allowed_texts_stay_below_names() -> None:
    rules = Rules.of({"allow": ["public-*"]})
    assert redaction.document({"token": "public-1"}, rules)[0] == {"token": "public-1"}


def test_keys_are_cleaned_and_stay_apart() -> None:
    document = {"a@example.com": 1, "b@example.com": 2, "[redacted:email]": 3}
    clean, originals = redaction.document(document)
    assert clean == {"[redacted:email] 2": 1, "[redacted:email] 3": 2, "[redacted:email]": 3}
    assert redaction.restored(clean, originals) == document


def test_known_names_are_taken_out_everywhere() -> None:
    clean, originals = redaction.document({"title": "Jane Doe cannot log in", "n": ["jane_doe"]}, known=["Jane Doe"])
    assert clean == {"title": "[redacted:name] cannot log in", "n": ["[redacted:name]"]}
    assert redaction.restored(clean, originals) == {"title": "Jane Doe cannot log in", "n": ["jane_doe"]}


def test_a_text_alone_is_a_document() -> None:
    clean, originals = redaction.document("jane@example.com")
    assert (clean, originals) == ("[redacted:email]", {"": "jane@example.com"})
    assert redaction.restored(clean, originals) == "jane@example.com"


def test_documents_may_be_nested_deeper_than_python_calls() -> None:
    document: Any = "jane@example.com"
    for _ in range(5000):
        document = [document]
    clean, originals = redaction.document(document)
    assert list(originals) == ["/0" * 5000]
    found = redaction.restored(clean, originals)
    while isinstance(found, list):
        found = found[0]
    assert found == "jane@example.com"
