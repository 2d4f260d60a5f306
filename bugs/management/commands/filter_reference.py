"""Writes docs/filters.md from the table of fields, or says whether it is up to date."""

from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError, CommandParser

from bugs.query import reference


class Command(BaseCommand):
    requires_system_checks = ()  # it needs the table of fields alone
    help = "Write docs/filters.md, the reference of the filter language."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--check", action="store_true", help="Only compare; fail when it differs.")

    def handle(self, *args: Any, **options: Any) -> None:
        path = Path(settings.BASE_DIR) / "docs" / "filters.md"
        page = reference.page()
        if not options["check"]:
            path.write_text(page)
        elif not path.exists() or path.read_text() != page:
            raise CommandError("docs/filters.md is out of date: run `manage.py filter_reference`.")
