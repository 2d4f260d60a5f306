"""Writes the AsyncAPI document of the live stream, or says whether the written one is up to date."""

import sys
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from streaming.protocol import document, writing


class Command(BaseCommand):
    requires_system_checks = ()  # it needs the tables of the stream alone
    help = "Write the AsyncAPI document of the live stream, as docs/api/asyncapi.yaml has it."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--file", type=Path, help="Where it is written, or compared with; without it, shown.")
        parser.add_argument("--check", action="store_true", help="Only compare; fail when it differs.")
        parser.add_argument("--url", default=document.HERE, help="Where the stream is (default: %(default)s).")

    def handle(self, *args: Any, **options: Any) -> None:
        path: Path | None = options["file"]
        text = writing.as_yaml(document.build(options["url"]))
        if path is None:
            sys.stdout.write(text)
        elif not options["check"]:
            path.write_text(text)
        elif not path.exists() or path.read_text() != text:
            raise CommandError(f"{path} is not what the code says: run `make openapi`.")
