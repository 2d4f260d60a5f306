"""Asks every stream process to let its sockets go, before what stands behind them is taken down."""

from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from streaming import control

LONGEST_SECONDS = 600.0


class Command(BaseCommand):
    help = "Close all sockets of the live stream with a time to come back, and let none in for some seconds."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--seconds", type=float, default=10.0, help="how long none is let in, 1 to 600")

    def handle(self, *args: Any, **options: Any) -> None:
        seconds = options["seconds"]
        if not 1 <= seconds <= LONGEST_SECONDS:
            raise CommandError(f"--seconds is 1 to {LONGEST_SECONDS:g}.")
        if not control.send(control.DRAIN, seconds=seconds):
            raise CommandError("Redis does not answer, so nobody was told.")
        self.stdout.write(f"All stream processes were asked to drain, and to let nobody in for {seconds:g} s.")
