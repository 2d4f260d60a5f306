"""How much of everything a run has."""

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Scale:
    """seconds: of one round of load. sockets: of one stream process, at most. events: from SDKs, of a burst."""

    name: str
    bugs: int
    reports: int
    rounds: int
    seconds: float
    sockets: int
    calls: int
    events: int


FULL = 50_000  # events
SCALES = {
    "10k": Scale("10k", 10_000, 50_000, 2, 1.5, 9_000, 200, 20_000),
    "tiny": Scale("tiny", 2_000, 5_000, 2, 0.7, 200, 50, 5_000),
    "100k": Scale("100k", 100_000, 500_000, 3, 2.5, 9_000, 300, FULL),
    "1m": Scale("1m", 1_000_000, 5_000_000, 3, 2.5, 9_000, 300, FULL),
}
