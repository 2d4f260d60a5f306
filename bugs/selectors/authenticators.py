"""Reads of the second factor of operators."""

import base64
from typing import Any
from urllib.parse import quote, urlencode

from django_otp.models import Device

from bugs.models import Authenticator, RecoveryCodes, User

ISSUER = "Bugwire"


def begun(user: User, authenticator_id: int) -> Authenticator | None:
    """What `begin` made, when it is still to be confirmed."""
    found: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=False, pk=authenticator_id).first()
    return found


def device_for(user: User, code: str) -> Device | None:
    kind: Any = Authenticator if len(code) <= 6 else RecoveryCodes
    return kind.objects.filter(user=user, confirmed=True).first()


def in_use(user: User) -> Authenticator | None:
    found: Authenticator | None = Authenticator.objects.filter(user=user, confirmed=True).first()
    return found


def recovery_codes_left(user: User) -> int:
    row = RecoveryCodes.objects.filter(user=user).first()
    return len(row.digests) if row else 0


def secret_text(authenticator: Authenticator) -> str:
    """For typing it in."""
    return base64.b32encode(authenticator.plain_secret()).decode()


def enrolment_url(authenticator: Authenticator) -> str:
    """What the QR code says, as authenticator apps read it."""
    label = quote(f"{ISSUER}:{authenticator.user.get_username()}")
    values = {"secret": secret_text(authenticator), "issuer": ISSUER, "algorithm": "SHA1", "digits": 6, "period": 30}
    return f"otpauth://totp/{label}?{urlencode(values)}"
