"""Fills an empty database with believable bugs and error reports, for measuring and for trying out lists."""

from typing import Any

from django.core.management.base import BaseCommand, CommandParser


class Command(BaseCommand):
    help = "Fill an empty database with many believable bugs and error reports."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--bugs", type=int, default=100_000)
        parser.add_argument("--reports", type=int, default=500_000)

    def handle(self, *args: Any, bugs: int, reports: int, **options: Any) -> None:
        from bench import seed  # not part of an installed image

        seed.fill(bugs=bugs, reports=reports)
