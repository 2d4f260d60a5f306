"""Which projects have something to tell anew: figures that follow from what happened, told at a pace of their own."""

from collections.abc import Iterable
from typing import Any
from uuid import UUID

from django.utils import timezone

from streaming.streams import STREAMS, Stream
from streaming.streams.stream import Fact

SECONDS = 2.0


class Pulse:
    """Projects that facts stirred since the last beat, by stream."""

    def __init__(self) -> None:
        self._listening = [stream for stream in STREAMS.values() if stream.stirred_by]
        self._stirred: set[tuple[str, str]] = set()

    def stir(self, fact: Fact) -> None:
        for stream in self._listening:
            if fact["project_id"] and stream.stirred_by and stream.stirred_by(fact):
                self._stirred.add((stream.name, fact["project_id"]))

    def again(self, stream: Stream, project_ids: Iterable[UUID]) -> None:
        """As if these had been stirred: somebody came back."""
        self._stirred.update((stream.name, str(project_id)) for project_id in project_ids)

    def take(self) -> list[tuple[Stream, str]]:
        """What was stirred; from here on it is told."""
        stirred, self._stirred = self._stirred, set()
        return [(STREAMS[name], project_id) for name, project_id in stirred]

    @staticmethod
    def fact(stream: Stream, project_id: str) -> dict[str, Any]:
        """What stands for all that stirred a project; it is in no log."""
        (kind,) = stream.types
        return {
            "id": None,
            "type": kind,
            "subject": f"project:{project_id}",
            "project_id": project_id,
            "occurred_at": timezone.now().isoformat(),
            "data": {},
        }
