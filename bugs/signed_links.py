"""Signed links to one attachment that expire: the signature is the gate, so it names what, until when, and for whom."""

import time
from uuid import UUID

from django.core import signing

LIFETIME = 300  # seconds, when none is asked for
MAX_LIFETIME = 3_600
_SALT = "bugwire.attachment"


class BadLink(ValueError):
    """Not ours, changed, or of another attachment."""


class Expired(BadLink):
    """It was good once."""


def sign(attachment_id: UUID, *, until: int, label: str) -> str:
    """label: who asked for it, for the access record of its use."""
    return signing.dumps([str(attachment_id), until, label], salt=_SALT)


def check(attachment_id: UUID, signature: str) -> str:
    """Who the link was made for; raises BadLink or Expired."""
    try:
        name, until, label = signing.loads(signature, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadLink from None
    if name != str(attachment_id):
        raise BadLink
    if until <= time.time():
        raise Expired
    return str(label)
