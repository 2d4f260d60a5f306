"""Counting who cannot sign in: by name and address together, and by address alone for who tries many names."""

from datetime import timedelta

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone

from bugs.models import FailedSignIns
from config import keyring

_PLACE = "bugs_failedsignins.who"
MANY_NAMES = 10  # so many times more failures may come from one address, behind which there may be an office
FORGOTTEN_AT_ONCE = 100
_COUNT = """
    INSERT INTO bugs_failedsignins AS kept (who, failures, last_at) VALUES (%s, 1, now()), (%s, 1, now())
    ON CONFLICT (who) DO UPDATE SET last_at = now(),
        failures = CASE WHEN kept.last_at < now() - make_interval(mins => %s) THEN 1 ELSE kept.failures + 1 END
"""


def seconds_locked(name: str, source: str) -> int:
    """How long nobody may sign in with that name from there; 0 when they may."""
    pair, alone = _who(name, source)
    limits = {pair: settings.SIGN_IN_FAILURES, alone: settings.SIGN_IN_FAILURES * MANY_NAMES}
    since = timezone.now() - cool_off()
    rows = FailedSignIns.objects.filter(who__in=[pair, alone], last_at__gt=since).values_list(
        "who", "failures", "last_at"
    )
    left = [last_at - since for who, failures, last_at in rows if failures >= limits[bytes(who)]]
    return max((int(each.total_seconds()) + 1 for each in left), default=0)


def failed(name: str, source: str) -> None:
    """One more failure; after a pause as long as the cool-off counting begins anew."""
    pair, alone = _who(name, source)
    with connection.cursor() as cursor:
        cursor.execute(_COUNT, [*sorted((pair, alone)), settings.SIGN_IN_COOL_OFF_MINUTES])


def succeeded(name: str, source: str) -> None:
    FailedSignIns.objects.filter(who=_who(name, source)[0]).delete()


def forget() -> None:
    """Take some counts away that say nothing any more; those that another sign-in holds are left to the next one."""
    rows = FailedSignIns.objects.filter(last_at__lt=timezone.now() - cool_off())
    with transaction.atomic():
        old = list(rows.select_for_update(skip_locked=True).values_list("who", flat=True)[:FORGOTTEN_AT_ONCE])
        FailedSignIns.objects.filter(who__in=old).delete()


def forget_all() -> int:
    return FailedSignIns.objects.all().delete()[0]


def cool_off() -> timedelta:
    return timedelta(minutes=settings.SIGN_IN_COOL_OFF_MINUTES)


def _who(name: str, source: str) -> tuple[bytes, bytes]:
    pair = keyring.blind(f"name\x00{name.casefold()}\x00{source}", place=_PLACE)
    return pair, keyring.blind(f"address\x00{source}", place=_PLACE)
