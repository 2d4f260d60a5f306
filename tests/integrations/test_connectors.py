"""Connectors are made and changed by those who manage a project; secrets are shown once."""

from typing import Any
from uuid import uuid4

import pytest

from config import keyring
from integrations import vendors
from integrations.models import Connector

API = "/api/v1/"


@pytest.fixture(autouse=True)
def quiet(settings: Any) -> None:
    settings.EVENT_ROUTES, settings.EVENT_LISTENERS = {}, {}


@pytest.fixture
def connector(api: Any, web: Any) -> dict[str, Any]:
    body = {"project": "WEB", "kind": "github", "name": "shop", "secret": "a secret that GitHub has too"}
    made: dict[str, Any] = api("alice").post(f"{API}connectors/", body).json()
    return made


def test_a_secret_is_made_and_shown_once(api: Any, web: Any) -> None:
    client = api("alice")
    made = client.post(f"{API}connectors/", {"project": "WEB", "kind": "github"}).json()
    kept = Connector.objects.get()
    assert (
        keyring.unseal(kept.secret, place=kept.PLACE, row=kept.pk).decode() == made["secret"]
        and len(made["secret"]) > 40
    )
    assert made["inbound_url"].endswith(f"/api/v1/inbound/{made['id']}/")
    assert made["options"] == {"release_name": "{version}"}
    for shown in (
        client.get(f"{API}connectors/{made['id']}/").json(),
        *client.get(f"{API}connectors/").json()["results"],
    ):
        assert shown["id"] == made["id"] and "secret" not in shown


def test_a_secret_that_was_given_is_never_shown(connector: dict[str, Any]) -> None:
    assert connector["secret"] is None


@pytest.mark.parametrize(
    ("change", "pointer"),
    [
        ({"kind": "gitlab"}, "/kind"),
        ({"project": "NONE"}, "/project"),
        ({"secret": "short"}, "/secret"),
        ({"options": {"relase_name": "{tag}"}}, "/options"),
        ({"options": {"release_name": "always the same"}}, "/options"),
        ({"options": {"release_name": "{tag}" * 99}}, "/options"),
        ({"options": {"release_name": 5}}, "/options"),
        ({"url": "https://example.org"}, "/url"),
    ],
)
def test_wrong_connectors_are_refused(api: Any, web: Any, change: dict[str, Any], pointer: str) -> None:
    answer = api("alice").post(f"{API}connectors/", {"project": "WEB", "kind": "github"} | change)
    assert answer.status_code == 400 and answer.json()["errors"][0]["pointer"] == pointer
    assert not Connector.objects.exists()


@pytest.mark.parametrize("name", ["bob", "carol", "mallory"])
@pytest.mark.parametrize("method", ["get", "patch", "delete"])
def test_one_that_is_not_yours_to_manage_is_like_none(
    api: Any, connector: dict[str, Any], name: str, method: str
) -> None:
    ask = getattr(api(name), method)
    yours, missing = (ask(f"{API}connectors/{which}/", {}) for which in (connector["id"], uuid4()))
    assert (yours.status_code, yours.json()["code"]) == (missing.status_code, missing.json()["code"])
    assert yours.status_code >= 400 and Connector.objects.count() == 1


@pytest.mark.parametrize("name", ["bob", "carol"])
def test_only_who_manages_a_project_makes_one(api: Any, web: Any, name: str) -> None:
    answer = api(name).post(f"{API}connectors/", {"project": "WEB", "kind": "github"})
    assert (answer.status_code, answer.json()["code"]) == (403, "role_missing")
    assert not Connector.objects.exists()


def test_every_kind_has_its_options() -> None:
    for vendor in vendors.KINDS.values():
        assert vendor.checked({}) == vendor.checked(vendor.checked({}))
