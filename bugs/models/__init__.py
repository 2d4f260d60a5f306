"""The tables of bugs, by subject."""

from bugs.models.bug import Bug
from bugs.models.discussion import Attachment, Comment, CommentEdit, Watcher
from bugs.models.errors import (
    AffectedUser,
    CodeChange,
    ErrorGroup,
    ErrorReport,
    Release,
    SeenEvent,
    Session,
)
from bugs.models.people import IngestKey, Membership, Project, User, new_public_key
from bugs.models.relations import BugLink, Merge
from bugs.models.rollups import Rollup, RollupDelta
from bugs.models.rules import AssignmentRule, EscalationRule, SavedView
from bugs.models.words import Word

__all__ = [
    "AffectedUser",
    "AssignmentRule",
    "Attachment",
    "Bug",
    "BugLink",
    "CodeChange",
    "Comment",
    "CommentEdit",
    "ErrorGroup",
    "ErrorReport",
    "EscalationRule",
    "IngestKey",
    "Membership",
    "Merge",
    "Project",
    "Release",
    "Rollup",
    "RollupDelta",
    "SavedView",
    "SeenEvent",
    "Session",
    "User",
    "Watcher",
    "Word",
    "new_public_key",
]
