"""`manage.py rotate_keys`: what older keys sealed is sealed under the key in use, so that they can be taken away."""

import time
from collections import Counter
from typing import Any

from django.core.management.base import BaseCommand, CommandError, CommandParser

from config import keyring, ring, rotation

PASSES = 5  # a row that is locked in all of them waits for the next run
TOLD_EVERY = 5.0
NAMED = 10


class Command(BaseCommand):
    """Tells how far it is; may be interrupted, and then goes on where something is left."""

    help = "Seal everything anew that is sealed under an older key of ENCRYPTION_KEYS or SECRET_KEY_FALLBACKS."

    def add_arguments(self, parser: CommandParser) -> None:
        parser.add_argument("--dry-run", action="store_true", help="count only")

    def handle(self, *args: Any, dry_run: bool = False, **options: Any) -> None:
        self.stdout.write(f"Version {keyring.in_use()} is in use.")
        last = [self._column(column, dry_run=dry_run) for column in rotation.columns()]
        self._conclude(last, dry_run=dry_run)
        unreadable = sum(len(tally.unreadable) for tally in last)
        if unreadable:
            raise CommandError(f"{unreadable:,} could not be opened: a key is missing, or they were changed.")
        if not dry_run and not all(tally.is_clean for tally in last):
            raise CommandError("Some are not sealed anew yet: rows are locked, or processes with older settings run.")

    def _column(self, column: rotation.Column, *, dry_run: bool) -> rotation.Tally:
        """Passes until one finds nothing, which is the proof; the tally of the last."""
        last = self._pass(column, dry_run=dry_run)
        for _ in range(PASSES - 1):
            if not dry_run and not last.is_clean:
                last = self._pass(column, dry_run=False)
        return last

    def _pass(self, column: rotation.Column, *, dry_run: bool) -> rotation.Tally:
        tally, told = rotation.Tally(), time.monotonic()
        for tally in rotation.rotate(column, dry_run=dry_run):
            if time.monotonic() - told > TOLD_EVERY:
                told = time.monotonic()
                self.stdout.write(f"  {column.place}: {tally.pages * rotation.PAGE:,} rows looked at …")
        if tally.older or tally.unreadable or tally.busy:
            done = "to seal anew" if dry_run else "sealed anew"
            self.stdout.write(
                f"  {column.place}: {tally.older.total():,} {done}, {len(tally.unreadable):,} cannot be opened, "
                f"{tally.busy:,} at work elsewhere"
            )
        return tally

    def _conclude(self, last: list[rotation.Tally], *, dry_run: bool) -> None:
        left = sum((tally.older for tally in last), Counter[int]())
        is_whole = not any(tally.busy or tally.unreadable for tally in last)
        for version in keyring.versions():
            if left[version]:
                self.stdout.write(f"{left[version]:,} are sealed under {_named(version)}.")
            elif is_whole and (version != keyring.in_use() or keyring.is_shared()):
                self.stdout.write(f"Nothing is sealed under {_named(version)} any more: {_advice(version)}")
        for row in [row for tally in last for row in tally.unreadable][:NAMED]:
            self.stdout.write(f"No key of the ring opens {row}.")


def _named(version: int) -> str:
    if version != ring.FROM_SECRET_KEY:
        return f"version {version}"
    return "a former SECRET_KEY" if keyring.is_shared() and keyring.in_use() == version else "SECRET_KEY (version 0)"


def _advice(version: int) -> str:
    if version != ring.FROM_SECRET_KEY:
        return "it can be taken out of ENCRYPTION_KEYS."
    if keyring.in_use() == version:
        return "encryption needs SECRET_KEY_FALLBACKS no more."
    return "nothing that is encrypted depends on SECRET_KEY."
