"""Guesses of keys: whatever is guessed, wherever it is put, the answer is the same and lets nobody in."""

import base64
import json
import random
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from apikeys import tokens
from apikeys.models import ApiKey

pytestmark = pytest.mark.usefixtures("quiet")
BUGS = "/api/v1/bugs/"
LOOK_ALIKES = str.maketrans("aceopxyABCEHKMOPTX_", "асеорхуАВСЕНКМОРТХ＿")  # Cyrillic letters, a wide underscore
HEADERS: dict[str, Callable[[str], dict[str, str]]] = {
    "bearer": lambda text: {"HTTP_AUTHORIZATION": f"Bearer {text}"},
    "header": lambda text: {"HTTP_X_API_KEY": text},
}


def changed(key: str, stored: ApiKey) -> Iterator[str]:
    """What somebody may try who knows a key nearly, or what the database keeps of it."""
    yield from (key[:length] for length in range(1, len(key)))
    yield from (key[start:] for start in range(1, len(key)))
    yield from (key.lower(), key.upper(), key.swapcase(), key[::-1], key * 2, key.translate(LOOK_ALIKES))
    yield from (
        f"{key}\0",
        f"\0{key}",
        f"{key}%00",
        f"{key}a",
        f"{key}=",
        f'"{key}"',
        f"'{key}'",
        f"[{key}]",
    )
    yield from (f"{key},{key}", f"{key};", f"{key}\u200b".encode().decode("latin-1"))
    yield from (key.replace("live", "test"), key.replace("bw_live_", "bw-live-"), key.replace("bw_live_", ""))
    digest = bytes(stored.digest)
    yield from (stored.hint, digest.hex(), base64.b64encode(digest).decode(), str(stored.pk), f"key:{stored.pk}")
    for place in range(len(key)):  # one letter is another: the checksum knows
        letter = "0" if key[place] != "0" else "1"
        yield key[:place] + letter + key[place + 1 :]


def invented() -> Iterator[str]:
    """What somebody tries who knows nothing. Well-formed ones have a right checksum."""
    yield from (tokens.generate() for _ in range(200))
    chance = random.Random(7)
    yield from ("bw_live_" + "".join(chance.choices(tokens.ALPHABET, k=36)) for _ in range(100))
    yield from ("null", "undefined", "true", "0", "-1", "*", "%", "' OR '1'='1", "admin", "bw_live_" + "*" * 36)
    yield from ("{{7*7}}", "${jndi:ldap://h/a}", "../../etc/passwd", "x" * 10_000, "bw_live_" + "0" * 36, "é", "a b")


def said(answer: Any) -> tuple[Any, ...]:
    """All of an answer that is not of this one call."""
    document = answer.json()
    document.pop("request_id", None)
    headers = {name: value for name, value in answer.headers.items() if name not in ("X-Request-ID", "Content-Length")}
    return answer.status_code, json.dumps(document), tuple(sorted(headers.items()))


@pytest.fixture
def refused(api: Any, bug: Any) -> tuple[Any, ...]:
    """How a guess is answered."""
    found = said(api(key=tokens.generate()).get(BUGS))
    assert found[0] == 401
    return found


@pytest.mark.parametrize("place", HEADERS)
def test_no_change_of_a_key_is_a_key(api: Any, key_of: Any, refused: Any, place: str) -> None:
    key, client = key_of("carol"), api()
    stored = ApiKey.objects.latest("created_at")
    told = {guess: said(client.get(BUGS, **HEADERS[place](guess))) for guess in changed(key, stored)}
    assert {guess: found for guess, found in told.items() if found != refused} == {} and len(told) > 100
    assert client.get(BUGS, **HEADERS[place](key)).status_code == 200


@pytest.mark.parametrize("place", HEADERS)
def test_no_invented_key_is_a_key(api: Any, refused: Any, place: str) -> None:
    client = api()
    told = {guess: said(client.get(BUGS, **HEADERS[place](guess))) for guess in invented()}
    assert {guess: found for guess, found in told.items() if found != refused} == {} and len(told) > 300


@pytest.mark.parametrize("name", ["key", "api_key", "token", "Authorization", "bugwire_session", "X-API-Key"])
def test_a_key_in_a_cookie_is_none(api: Any, key_of: Any, bug: Any, name: str) -> None:
    answer = api().get(BUGS, HTTP_COOKIE=f"{name}={key_of('carol')}")
    assert (answer.status_code, answer.json()["code"]) == (401, "no_credentials")


@pytest.mark.parametrize("name", ["key", "api_key", "token", "access_token", "authorization"])
@pytest.mark.parametrize("form", ["json", "multipart"])
def test_a_key_in_a_body_is_none(api: Any, key_of: Any, bug: Any, name: str, form: str) -> None:
    answer = api().post(BUGS, {name: key_of("bob"), "project": "WEB", "title": "x"}, format=form)
    assert (answer.status_code, answer.json()["code"]) == (401, "no_credentials")


@pytest.mark.parametrize(
    "header",
    [
        *("HTTP_X_AUTH_TOKEN", "HTTP_X_ACCESS_TOKEN", "HTTP_API_KEY", "HTTP_APIKEY", "HTTP_X_TOKEN", "HTTP_KEY"),
        *("HTTP_PROXY_AUTHORIZATION", "HTTP_X_AUTHORIZATION", "HTTP_X_FORWARDED_AUTHORIZATION", "HTTP_AUTHENTICATION"),
        *("HTTP_X_REMOTE_USER", "HTTP_REMOTE_USER", "REMOTE_USER", "HTTP_X_FORWARDED_USER", "HTTP_X_USER"),
    ],
)
def test_no_other_header_says_who_calls(api: Any, key_of: Any, bug: Any, header: str) -> None:
    for value in (key_of("carol"), f"Bearer {key_of('carol')}", "carol"):
        answer = api().get(BUGS, **{header: value})
        assert (answer.status_code, answer.json()["code"]) == (401, "no_credentials")


def test_guesses_at_every_operation_are_answered_alike(api: Any, everything: dict[str, str], refused: Any) -> None:
    from tests.bugs.safety import doors

    client, told = api(key=tokens.generate()), {}
    for door in doors.operations():
        if door.requires:
            names = dict.fromkeys(door.groups, "WEB-1") | {"key": "WEB", "pk": "0" * 8 + "-0000-0000-0000-" + "0" * 12}
            told[door.operation] = said(getattr(client, door.method)(door.address(**names)))
    assert {name: found for name, found in told.items() if found[:2] != refused[:2]} == {} and len(told) > 90
