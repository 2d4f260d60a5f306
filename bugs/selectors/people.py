"""Who someone is: a person as the one who acts, and as a member of a project."""

from typing import Any
from uuid import UUID

from audit.actors import Principal
from bugs.models import User
from bugs.selectors.bugs import roles_of


def principal_of(user: Any) -> Principal:
    """A signed-in person as the one who acts: all permissions, as far as their roles go."""
    return Principal(
        label=f"user:{user.pk}",
        name=user.get_username(),
        user_id=user.pk,
        roles=roles_of(user),
    )


def member_of(project_id: UUID, username: str) -> User | None:
    """The person of that name, when they are in the project."""
    return User.objects.filter(username=username, memberships__project_id=project_id).first()
