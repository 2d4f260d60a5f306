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


def sign(attachment_id: UUID, *, until: int, holder: str) -> str:
    """holder: the label of who asked. The link is as good as that key or person still is."""
    return signing.dumps([str(attachment_id), until, holder], salt=_SALT)


def check(attachment_id: UUID, signature: str) -> str:
    """The label of who the link was made for; raises BadLink or Expired."""
    try:
        name, until, holder = signing.loads(signature, salt=_SALT)
    except (signing.BadSignature, ValueError, TypeError):
        raise BadLink from None
    if name != str(attachment_id):
        raise BadLink
    if until <= time.time():
        raise Expired
    return str(holder)
