"""Looks for keys in files or in what is piped in, and says which of them are live; it never prints one."""

import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from apikeys import scanning, services
from apikeys.scanning import Find, Known
from audit.actors import SYSTEM

LIVE = ("live", "replaced")


class Command(BaseCommand):
    help = (
        "Find API keys of this server in files, folders or standard input (-), such as `git log -p --all`. "
        "Ends with 1 when a live one is found."
    )

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("paths", nargs="*", default=["-"], help="Files and folders; - is standard input.")
        parser.add_argument("--revoke", action="store_true", help="Revoke the live keys that are found.")

    def handle(self, *args: Any, **options: Any) -> None:
        live = 0
        for known in scanning.look_up(_finds(options["paths"])):
            is_live = known.status in LIVE
            live += is_live
            if is_live and options["revoke"] and known.key:
                services.revoke(known.key.pk, by=SYSTEM, reason=f"Found in {known.find.where}."[:200])
            self.stdout.write(_told(known, is_revoked=is_live and options["revoke"]))
        if live:
            sys.exit(1)


def _finds(paths: list[str]) -> Iterator[Find]:
    for name in paths:
        if name == "-":
            yield from scanning.finds_in(sys.stdin.buffer, "standard input")
            continue
        if not Path(name).exists():
            raise CommandError(f"There is no {name}.")
        for file in scanning.files_in(Path(name)):
            try:
                with file.open("rb") as stream:
                    yield from scanning.finds_in(stream, str(file))
            except OSError as error:
                raise CommandError(f"{file} cannot be read: {error.strerror}.") from None


def _told(known: Known, *, is_revoked: bool) -> str:
    name = f', "{known.key.name}" of {known.key.owner}' if known.key else ""
    status = f"{known.status}, revoked now" if is_revoked else known.status
    return f"{known.find.where}:{known.find.line}: {known.find.hint} is {status}{name}"
