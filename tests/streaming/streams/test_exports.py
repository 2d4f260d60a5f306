"""Exports on the stream: told to those who see the export over REST, and to nobody else."""

from typing import Any
from uuid import UUID, uuid4

from audit.actors import Principal
from streaming.streams import STREAMS, Subscription

WEB, OPS = uuid4(), uuid4()


def is_told(roles: dict[UUID, str], **data: Any) -> bool:
    who = Principal(label="user:1", roles={project: frozenset({role}) for project, role in roles.items()})
    fact = {
        "id": str(uuid4()),
        "type": "export.completed",
        "subject": "export:1",
        "project_id": str(WEB),
        "occurred_at": "2026-05-31T12:00:00+00:00",
        "data": data,
    }
    subscription = Subscription(id="x", stream=STREAMS["exports"])
    (rendering,) = subscription.stream.read([fact], [subscription])
    return bool(rendering.bodies(subscription, who))


def test_an_export_of_several_projects_is_told_to_those_who_may_export_from_all() -> None:
    both = [str(WEB), str(OPS)]
    assert is_told({WEB: "exporter"})
    assert not is_told({WEB: "exporter"}, project_ids=both)
    assert not is_told({WEB: "exporter", OPS: "viewer"}, project_ids=both)
    assert is_told({WEB: "exporter", OPS: "admin"}, project_ids=both)


def test_a_raw_one_is_told_to_those_who_may_export_personal_data() -> None:
    assert not is_told({WEB: "integrator"}, is_raw=True)
    assert is_told({WEB: "integrator"}) and is_told({WEB: "admin"}, is_raw=True)
