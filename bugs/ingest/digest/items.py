"""One item of an acknowledged envelope, on its way to whoever keeps its kind."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID


@dataclass(frozen=True, slots=True)
class Item:
    """An item with what its envelope said.

    event_id: the envelope's. sent_at: the sender's clock when it sent. peer: the sender's address. headers: the item's.
    """

    type: str
    payload: bytes
    headers: dict[str, Any]
    event_id: UUID | None
    received_at: datetime
    sent_at: Any
    peer: str
