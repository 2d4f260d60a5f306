"""The tables of bugs, by subject."""

from bugs.models.authenticators import Authenticator, RecoveryCodes
from bugs.models.bug import Bug
from bugs.models.discussion import Attachment, Comment, CommentEdit, Watcher
from bugs.models.errors import AffectedUser, ContextDelta, ErrorGroup, ErrorReport, SeenEvent
from bugs.models.grouping import GroupFrame, GroupingRule, GroupMove, Regrouping
from bugs.models.ingest import Arrival, Feedback, OutcomeDelta, OutcomeTotal, PayloadDictionary, RefusedEvent
from bugs.models.people import FailedSignIns, GroupRole, IngestKey, Membership, Project, User, new_public_key
from bugs.models.privacy import Consent, Erasure, Redaction, Reporter
from bugs.models.relations import BugLink, Merge
from bugs.models.releases import CodeChange, Release, Session, SessionCount
from bugs.models.rollups import Rollup, RollupDelta
from bugs.models.rules import AssignmentRule, EscalationRule, SavedView
from bugs.models.words import Word

__all__ = [
    "AffectedUser",
    "Arrival",
    "AssignmentRule",
    "Attachment",
    "Authenticator",
    "Bug",
    "BugLink",
    "CodeChange",
    "Comment",
    "CommentEdit",
    "Consent",
    "ContextDelta",
    "Erasure",
    "ErrorGroup",
    "ErrorReport",
    "EscalationRule",
    "FailedSignIns",
    "Feedback",
    "GroupFrame",
    "GroupMove",
    "GroupRole",
    "GroupingRule",
    "IngestKey",
    "Membership",
    "Merge",
    "OutcomeDelta",
    "OutcomeTotal",
    "PayloadDictionary",
    "Project",
    "RecoveryCodes",
    "Redaction",
    "RefusedEvent",
    "Regrouping",
    "Release",
    "Reporter",
    "Rollup",
    "RollupDelta",
    "SavedView",
    "SeenEvent",
    "Session",
    "SessionCount",
    "User",
    "Watcher",
    "Word",
    "new_public_key",
]
