"""How much of the one loop that serves all a caller's filters and replays may take. Pure."""

ALLOWED_SECONDS = 0.25  # of each window
WINDOW_SECONDS = 1.0


class Spent(Exception):
    """The caller has used up what it may."""


class Spending:
    """Seconds by caller. Who has used up theirs is told so, and waits for the next window."""

    def __init__(self) -> None:
        self._spent: dict[str, float] = {}
        self._end = 0.0

    def add(self, caller: str, seconds: float) -> None:
        self._spent[caller] = self._spent.get(caller, 0.0) + seconds

    def is_used_up(self, caller: str, now: float) -> bool:
        """now: seconds on a clock that does not go back."""
        if now >= self._end:
            self._spent.clear()
            self._end = now + WINDOW_SECONDS
        return self._spent.get(caller, 0.0) > ALLOWED_SECONDS
