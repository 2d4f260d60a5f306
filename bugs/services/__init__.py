"""Every write, by subject. What is done to a bug itself is spoken of here: `services.change_status(…)`."""

from bugs.services.bugs import (
    EDITABLE,
    NotAMember,
    assign,
    change_status,
    delete,
    edit,
    member,
    regress,
    report,
    restore,
)
from bugs.services.rows import Merged, NotThere, StaleVersion

__all__ = [
    "EDITABLE",
    "Merged",
    "NotAMember",
    "NotThere",
    "StaleVersion",
    "assign",
    "change_status",
    "delete",
    "edit",
    "member",
    "regress",
    "report",
    "restore",
]
