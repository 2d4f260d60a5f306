"""What services of projects refuse, as problems."""

from contextlib import AbstractContextManager
from typing import Any

from bugs import custom, error_settings, sla
from bugs.services import projects
from bugs.views.conventions import Refusals, saying
from config.api.problems import Problem

_REFUSALS: Refusals = {
    custom.BadDefinition: lambda error: _definition(error, "/custom_fields" + error.pointer),
    sla.BadTarget: lambda error: _definition(error, "/sla" + error.pointer),
    error_settings.BadSetting: lambda error: _definition(error, f"/errors/{error.name}"),
    projects.UnknownTimeZone: lambda _: Problem(
        400,
        "invalid_time_zone",
        "There is no such time zone; they have IANA names, like Europe/Zurich.",
        pointer="/time_zone",
    ),
    projects.FieldInUse: lambda error: Problem(
        409,
        "custom_field_in_use",
        f"Bugs have values of {error.name} that would not fit; take them away first.",
        pointer=f"/custom_fields/{error.name}",
    ),
    projects.UnknownUser: lambda _: Problem(400, "unknown_user", "There is no such user.", pointer="/username"),
    projects.UnknownGroup: lambda _: Problem(
        400, "unknown_people_group", "Operators made no group of that name.", pointer="/name"
    ),
    projects.NoOwnRole: lambda _: Problem(
        409,
        "no_own_role",
        "This person is here through groups alone. Add them as a member, or change the role of the group.",
        pointer="/username",
    ),
    projects.AlreadyMember: lambda _: Problem(
        409, "already_a_member", "This person or group has a role in the project; change it instead."
    ),
    projects.LastAdmin: lambda _: Problem(
        409, "last_admin", "A project keeps one admin at least. Make another one first."
    ),
}


def project_errors() -> AbstractContextManager[None]:
    return saying(_REFUSALS)


def _definition(error: Any, pointer: str) -> Problem:
    return Problem(400, "invalid_definition", str(error), pointer=pointer)
