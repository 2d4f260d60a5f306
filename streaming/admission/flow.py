"""How many messages a client may send: a bucket of tokens that fills up at a steady rate. Pure."""

RATE = 20.0  # messages a second
BURST = 100


class Flow:
    """One client's. Full at first; each message takes a token, and without one it is too many."""

    __slots__ = ("_at", "_burst", "_rate", "_tokens")

    def __init__(self, now: float, *, rate: float = RATE, burst: float = BURST) -> None:
        self._at, self._rate, self._burst, self._tokens = now, rate, burst, float(burst)

    def take(self, now: float) -> bool:
        """Whether one more may come. now: seconds on a clock that does not go back."""
        elapsed = max(0.0, now - self._at)
        self._at += elapsed
        self._tokens = min(self._burst, self._tokens + elapsed * self._rate)
        if self._tokens < 1:
            return False
        self._tokens -= 1
        return True
