"""The second factor of operators: enrolled, proven at sign-in, lost and replaced."""

import base64
import secrets

import django_otp
from django.db import transaction
from django.db.models import F
from django_otp.models import Device

from audit.actors import Principal
from bugs import events, selectors
from bugs.models import Authenticator, RecoveryCodes, User
from bugs.models.authenticators import SECRET_PLACE, digest_of, new_secret
from bugs.selectors import authenticators as codes
from config import keyring

RECOVERY_CODES = 10
CODE_LENGTH, CODE_BLOCK = 16, 4  # 80 bits in base32


@transaction.atomic
def begin(user: User) -> Authenticator:
    """An authenticator that counts once a code of it was entered; one begun before is gone, whoever saw it."""
    Authenticator.objects.filter(user=user, confirmed=False).delete()
    made: Authenticator = Authenticator.objects.create(user=user, name="authenticator", confirmed=False, secret=b"")
    made.secret = keyring.seal(new_secret(), place=SECRET_PLACE, row=made.pk)
    made.save(update_fields=["secret"])
    return made


@transaction.atomic
def confirm(user: User, authenticator: Authenticator, code: str) -> list[str] | None:
    """Put it to use instead of the one before; the new recovery codes, or None when the code is wrong.

    All sessions of the person end.
    """
    if django_otp.verify_token(user, authenticator.persistent_id, code) is None:
        return None
    Authenticator.objects.filter(user=user).exclude(pk=authenticator.pk).delete()
    Authenticator.objects.filter(pk=authenticator.pk).update(confirmed=True)
    end_sessions(user)
    by = selectors.principal_of(user)
    events.authenticator_enrolled(user.pk, by=by)
    return new_recovery_codes(user, by=by)


@transaction.atomic
def new_recovery_codes(user: User, *, by: Principal) -> list[str]:
    """Ten codes, shown now and never again; those before are good for nothing."""
    made = [_new_code() for _ in range(RECOVERY_CODES)]
    values = {"name": "recovery codes", "digests": [digest_of(user.pk, code) for code in made]}
    RecoveryCodes.objects.update_or_create(user=user, defaults={**values, "throttling_failure_count": 0})
    events.recovery_codes_made(user.pk, by=by)
    return made


@transaction.atomic
def accept(user: User, code: str) -> Device | None:
    """The device that this code is of: six digits are the authenticator's, all else is a recovery code."""
    code = code.strip().replace(" ", "")
    device = codes.device_for(user, code)
    accepted = django_otp.verify_token(user, device.persistent_id, code) if device else None
    if isinstance(accepted, RecoveryCodes):
        events.recovery_code_used(user.pk, left=len(accepted.digests), by=selectors.principal_of(user))
    return accepted


@transaction.atomic
def reset(user: User, *, by: Principal) -> None:
    """For who lost the phone: the next visit enrols anew. All sessions of the person end."""
    Authenticator.objects.filter(user=user).delete()
    RecoveryCodes.objects.filter(user=user).delete()
    end_sessions(user)
    events.authenticator_reset(user.pk, by=by)


def end_sessions(user: User) -> None:
    """Every session made before is over; `user` is as it is kept."""
    User.objects.filter(pk=user.pk).update(session_epoch=F("session_epoch") + 1)
    user.refresh_from_db(fields=["session_epoch"])


def _new_code() -> str:
    letters = base64.b32encode(secrets.token_bytes(CODE_LENGTH * 5 // 8)).decode().lower()
    return "-".join(letters[at : at + CODE_BLOCK] for at in range(0, CODE_LENGTH, CODE_BLOCK))
