"""Every read worth a name, by subject. Those of bugs and people are spoken of here: `selectors.bugs_for(…)`."""

from bugs.selectors.bugs import (
    bugs_for,
    find,
    find_deleted,
    project_by_key,
    project_keys,
)
from bugs.selectors.people import Roles, is_member, member_of, principal_of, roles_of, roles_of_all
from bugs.selectors.texts import BUG_FIELDS, documents, documents_by_id, documents_of

__all__ = [
    "BUG_FIELDS",
    "Roles",
    "bugs_for",
    "documents",
    "documents_by_id",
    "documents_of",
    "find",
    "find_deleted",
    "is_member",
    "member_of",
    "principal_of",
    "project_by_key",
    "project_keys",
    "roles_of",
    "roles_of_all",
]
