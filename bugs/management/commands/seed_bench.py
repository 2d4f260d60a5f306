"""Fills an empty database with believable bugs and error reports, for measuring and for trying out lists."""

from datetime import UTC, datetime
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser


def _day(text: str) -> datetime:
    return datetime.fromisoformat(text).replace(tzinfo=UTC)


class Command(BaseCommand):
    help = "Fill an empty database with many believable bugs and error reports; the same for the same seed and day."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bugs", type=int, default=100_000)
        parser.add_argument("--errors", type=int, default=500_000, help="error reports")
        parser.add_argument("--seed", type=int, default=7)
        parser.add_argument("--until", type=_day, help="the day before which everything happened (YYYY-MM-DD; today)")
        parser.add_argument(
            "--no-rollups", action="store_true", help="leave the counts of analytics to rebuild_rollups"
        )
        parser.add_argument("--force", action="store_true", help="also into a database that has bugs")

    def handle(
        self, *args: Any, bugs: int, errors: int, seed: int, until: datetime | None, force: bool, **options: Any
    ) -> None:
        from bench import seed as bench  # not part of an installed image

        rollups = not options["no_rollups"]
        try:
            seconds = bench.fill(bugs=bugs, errors=errors, seed=seed, until=until, force=force, rollups=rollups)
        except bench.NotEmpty:
            raise CommandError("This database has bugs. Use an empty one, or --force to add to it.") from None
        except ValueError as error:
            raise CommandError(str(error)) from None
        for step, took in seconds.items():
            self.stdout.write(f"{step:24} {took:8.1f} s")
        loading, whole = seconds["bugs_bug"], sum(seconds.values())
        self.stdout.write(f"{bugs / loading:,.0f} bugs/s and {errors / seconds['bugs_errorreport']:,.0f} reports/s")
        self.stdout.write(f"loaded; with plan, comments, groups, indexes and statistics {whole:,.1f} s in all.")
