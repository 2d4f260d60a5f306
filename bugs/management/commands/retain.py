"""Drops and deletes error reports that are too old, as beat does, and says what goes."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser

from bugs.services import retention
from bugs.services.retention import COUNTED_MAX


class Command(BaseCommand):
    help = "Drop and delete error reports that are older than the settings keep them; what they counted stays."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="only say what would go")

    def handle(self, *args: Any, dry_run: bool, **options: Any) -> None:
        gone = retention.forecast() if dry_run else retention.retain()
        tense = "would go" if dry_run else "went"
        for month in gone.months:
            self.stdout.write(f"{month.name} {tense}: about {month.rows:,} reports, {month.size / 1e6:,.1f} MB")
        for whose, number in gone.reports.items():
            self.stdout.write(f"{self._counted(number, dry_run)} reports of {whose} {tense}")
        self.stdout.write(f"{self._counted(gone.seen, dry_run)} event ids {tense}")
        if not gone.is_complete:
            self.stdout.write("There is more; the next run goes on.")

    def _counted(self, number: int, dry_run: bool) -> str:
        return f"{number:,} or more" if dry_run and number == COUNTED_MAX else f"{number:,}"
