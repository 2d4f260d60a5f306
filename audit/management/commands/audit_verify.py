"""Goes through history and its seals, and ends with 1 at the first thing that is not as it was sealed."""

import time
from argparse import ArgumentParser
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.db import connection
from django.utils import timezone
from django.utils.dateparse import parse_date, parse_datetime

from audit import chains, seals, signing, verification
from audit.chains import Chain
from audit.models import Seal


class Command(BaseCommand):
    help = "Compare access records and events with their seals, and the seals with the log outside of the database."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", choices=list(chains.CHAINS), help="only this one")
        parser.add_argument(
            "--since", metavar="TIME", help="only what was sealed since then (2026-11-01, or with a time)"
        )
        parser.add_argument("--seal-log", metavar="FILE", help="the log outside (AUDIT_SEAL_LOG)")
        parser.add_argument(
            "--public-key", metavar="KEY", action="append", default=[], help="trust these keys alone (base64)"
        )

    def handle(self, *args: Any, **options: Any) -> None:
        keys = signing.trusted(options["public_key"])
        log = self._log(options["seal_log"])
        with connection.cursor() as cursor:
            cursor.execute("SET statement_timeout = 0")
        names = [options["chain"]] if options["chain"] else list(chains.CHAINS)
        intact = [self._verified(chains.CHAINS[name], keys, log, options["since"]) for name in names]
        if not all(intact):
            raise CommandError("History is not as it was sealed.")

    def _log(self, named: str | None) -> Path:
        path = Path(named or settings.AUDIT_SEAL_LOG)
        if not path.exists():
            if named:
                raise CommandError(f"There is no file {named}.")
            self.stderr.write(f"There is no seal log at {path}: an end that was cut off would not be seen.")
        return path

    def _verified(self, chain: Chain, keys: dict[str, bytes], log: Path, since: str | None) -> bool:
        began = time.monotonic()
        report = verification.verify(chain, keys=keys, log=log, first=_first(chain, since))
        seconds = time.monotonic() - began
        logged = "no log" if report.logged is None else f"{report.logged} in the log"
        self.stdout.write(
            f"{chain.name}: {report.rows} rows in {report.seals} seals ({report.first or '-'} to {report.last or '-'}; "
            f"{report.pruned} pruned, {logged}), {report.unsealed} rows not sealed yet, {seconds:.1f} s"
        )
        if report.fault:
            self.stdout.write(f"{chain.name}: {report.fault.kind}: {report.fault.where}. {report.fault.detail}")
        return report.fault is None


def _first(chain: Chain, since: str | None) -> int:
    """The number of the first seal from that time on."""
    if since is None:
        return 1
    first = Seal.objects.filter(chain=chain.name, sealed_at__gte=_moment(since)).order_by("number").first()
    newest = seals.newest(chain)
    return first.number if first else newest.number + 1 if newest else 1


def _moment(text: str) -> Any:
    try:
        day = parse_date(text)
        moment = datetime(day.year, day.month, day.day, tzinfo=UTC) if day else parse_datetime(text)
    except ValueError:
        moment = None
    if moment is None:
        raise CommandError(f"{text} is no time; write 2026-11-01 or 2026-11-01T12:00:00+00:00.")
    return timezone.make_aware(moment) if timezone.is_naive(moment) else moment
