"""Signed links to one attachment that expire: the signature is the gate, so it names what, until when, and for whom."""

import time
from dataclasses import dataclass
from uuid import UUID

from django.core import signing

LIFETIME = 300  # seconds, when none is asked for
MAX_LIFETIME = 3_600
_SALT = "bugwire.attachment"


class BadLink(ValueError):
    """Not ours, changed, or of another attachment."""


class Expired(BadLink):
    """It was good once."""


@dataclass(frozen=True, slots=True)
class Holder:
    """Who asked for the link: the label is for the access record of its use, the person must still see the bug."""

    label: str
    user_id: int | None


def sign(attachment_id: UUID, *, until: int, holder: Holder) -> str:
    return signing.dumps([str(attachment_id), until, holder.label, holder.user_id], salt=_SALT)


def check(attachment_id: UUID, signature: str) -> Holder:
    """Who the link was made for; raises BadLink or Expired."""
    try:
        name, until, label, user_id = signing.loads(signature, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadLink from None
    if name != str(attachment_id):
        raise BadLink
    if until <= time.time():
        raise Expired
    return Holder(label, user_id)
