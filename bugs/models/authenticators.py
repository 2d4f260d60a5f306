"""What proves that an operator has the phone as well as the password: authenticators and recovery codes."""

import hmac
import secrets
import time
from hashlib import sha256

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django_otp.models import Device, ThrottlingMixin, TimestampMixin
from django_otp.oath import TOTP

from config import keyring

SECRET_BYTES = 20  # RFC 4226, R6
SECRET_PLACE = "bugs_authenticator.secret"  # noqa: S105 - a table and a column
STEPS_AROUND = 1  # codes of the half minute before and after are taken: clocks differ


class Authenticator(ThrottlingMixin, TimestampMixin, Device):  # type: ignore[misc]
    """An app that shows time-based codes (RFC 6238). Its secret is sealed; a code counts once.

    last_step: the half minute of the newest code that was taken. Wrong codes cost 1, 2, 4, 8… seconds.
    """

    user = models.ForeignKey("bugs.User", on_delete=models.CASCADE, related_name="+")
    secret = models.BinaryField()
    last_step = models.BigIntegerField(default=-1)

    class Meta:
        constraints = [
            models.UniqueConstraint(
                fields=["user"], condition=models.Q(confirmed=True), name="bugs_authenticator_one_in_use"
            )
        ]

    def plain_secret(self) -> bytes:
        return keyring.unseal(self.secret, place=SECRET_PLACE, row=self.pk)

    def verify_token(self, token: str) -> bool:
        """Whether the code is right and was not used before; call it on a locked row."""
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        step = self._step_of(token)
        if step is None:
            self.throttle_increment()
            return False
        self.last_step = step
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def _step_of(self, token: str) -> int | None:
        if len(token) != 6 or not (token.isascii() and token.isdigit()):
            return None
        code = TOTP(self.plain_secret())
        code.time = time.time()
        return code.t() if code.verify(int(token), STEPS_AROUND, self.last_step + 1) else None

    def get_throttle_factor(self) -> int:
        return 1


class RecoveryCodes(ThrottlingMixin, TimestampMixin, Device):  # type: ignore[misc]
    """Codes on paper for the day on which the phone is gone. Only digests are kept, and each code counts once."""

    user = models.ForeignKey("bugs.User", on_delete=models.CASCADE, related_name="+")
    digests = ArrayField(models.BinaryField(), default=list)

    class Meta:
        constraints = [models.UniqueConstraint(fields=["user"], name="bugs_recoverycodes_once")]

    def verify_token(self, token: str) -> bool:
        """Whether it is one of the codes; then it is one no more. Call it on a locked row."""
        allowed, _ = self.verify_is_allowed()
        if not allowed:
            return False
        digest = digest_of(self.user_id, token)
        left = [kept for kept in map(bytes, self.digests) if not hmac.compare_digest(kept, digest)]
        if len(left) == len(self.digests):
            self.throttle_increment()
            return False
        self.digests = left
        self.throttle_reset(commit=False)
        self.set_last_used_timestamp(commit=False)
        self.save()
        return True

    def get_throttle_factor(self) -> int:
        return 1


def digest_of(user_id: int, code: str) -> bytes:
    """Codes have 80 random bits, so a plain digest is not to be guessed back."""
    plain = code.replace("-", "").replace(" ", "").lower()
    return sha256(f"bugwire recovery code\x00{user_id}\x00{plain}".encode()).digest()


def new_secret() -> bytes:
    return secrets.token_bytes(SECRET_BYTES)
