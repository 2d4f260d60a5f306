"""Keys of the cast, made over the services, and a clock that tests can put forward."""

import time
from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest

from apikeys import authentication, services
from apikeys.models import ApiKey
from audit.actors import SYSTEM
from bugs import people

API = "/api/v1/"


@pytest.fixture(autouse=True)
def alone(settings: Any) -> None:
    """Nobody listens."""
    settings.EVENT_ROUTES = {}
    settings.EVENT_LISTENERS = {}


@pytest.fixture
def own(people_of_web: dict[str, Any]) -> Any:
    """Another project, where alice is a viewer."""
    project = people.make_project(key="OWN", name="Another", by=SYSTEM)
    people.join(project=project, user=people_of_web["alice"], role="viewer", by=SYSTEM)  # type: ignore[arg-type]
    return project


@pytest.fixture
def issue(people_of_web: dict[str, Any]) -> Callable[..., tuple[ApiKey, str]]:
    """A key of one of the cast, with its row."""

    def make(name: str = "alice", permissions: Any = ("read", "write", "admin"), **more: Any) -> tuple[ApiKey, str]:
        return services.issue(name=name, owner_id=people_of_web[name].pk, permissions=permissions, by=SYSTEM, **more)

    return make


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> SimpleNamespace:
    """What authentication takes for the time; `clock.now += 1` is a second later."""
    clock = SimpleNamespace(now=time.monotonic())
    monkeypatch.setattr(authentication, "time", SimpleNamespace(monotonic=lambda: clock.now))
    return clock
