"""Reads of reporters: who told of a bug, found by an identity that is kept sealed."""

from collections.abc import Collection
from uuid import UUID

from bugs.models import Reporter, User
from bugs.privacy import identity
from bugs.selectors import people
from config import keyring

PLACE, BLIND = "bugs_reporter.identity", "bugs_reporter.blind"


def blinds_of(project_id: UUID, name: str) -> list[bytes]:
    """What a row of this person may be found by, whichever key it was sealed under."""
    return keyring.blinds(known_as(project_id, name), place=BLIND)


def find(project_id: UUID, name: str) -> Reporter | None:
    """The reporter that a project knows by that e-mail address or user name; a member is one under both."""
    rows = Reporter.objects.filter(project_id=project_id)
    user = member(project_id, name)
    found = rows.filter(user=user).first() if user else None
    return found or rows.filter(blind__in=blinds_of(project_id, name)).first()


def all_of(project_ids: Collection[UUID], name: str) -> list[Reporter]:
    """The same person in several projects."""
    return [found for project_id in project_ids if (found := find(project_id, name))]


def member(project_id: UUID, name: str) -> User | None:
    """Who signs in here by that name, or alone has that address, of those in the project."""
    named = people.member_of(project_id, name)
    if named or "@" not in name:
        return named
    found = list(people.people_of(project_id).filter(email__iexact=name.strip())[:2])
    return found[0] if len(found) == 1 else None


def known_as(project_id: UUID, name: str) -> str:
    """What is sealed and digested: with the project, so that nobody can see that two projects know one person."""
    return f"{project_id} {identity.normalized(name)}"


def identity_of(reporter: Reporter) -> str:
    """Who it is; empty for a member, and for someone forgotten. Raises keyring.Unreadable."""
    if reporter.identity is None:
        return ""
    return keyring.unseal(reporter.identity, place=PLACE, row=reporter.pk).decode().partition(" ")[2]
