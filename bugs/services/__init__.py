"""Every write, by subject. What is done to a bug itself is spoken of here: `services.change_status(…)`."""

from bugs.services.bugs import (
    EDITABLE,
    NotAMember,
    NotThere,
    StaleVersion,
    assign,
    change_status,
    delete,
    edit,
    report,
)

__all__ = [
    "EDITABLE",
    "NotAMember",
    "NotThere",
    "StaleVersion",
    "assign",
    "change_status",
    "delete",
    "edit",
    "report",
]
