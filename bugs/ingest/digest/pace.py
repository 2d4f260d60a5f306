"""How much is done in one transaction: as much as takes a moment, since others wait for the rows that it holds."""

import time
from collections.abc import Iterator
from contextlib import contextmanager

SECONDS = 0.5  # wanted of one batch
STEP = 20


class Pace:
    """Halved when a batch took too long (new problems cost more than known ones), and raised again step by step."""

    def __init__(self, fewest: int, most: int) -> None:
        self._fewest, self._most = fewest, most
        self.at_once = min(most, 5 * fewest)  # nobody knows yet

    @contextmanager
    def kept(self) -> Iterator[None]:
        """Around one batch."""
        began = time.monotonic()
        yield
        if time.monotonic() - began > SECONDS:
            self.at_once = max(self._fewest, self.at_once // 2)
        else:
            self.at_once = min(self._most, self.at_once + STEP)
