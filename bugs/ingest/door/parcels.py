"""An envelope at the door: looked at as far as its sender must be answered, then kept or counted as refused."""

from collections import Counter
from collections.abc import Mapping
from typing import Any
from uuid import UUID, uuid4

from django.utils import timezone

from audit.identifiers import uuid7
from bugs.ingest import sealing
from bugs.ingest.door import acceptance, bodies, limits
from bugs.ingest.door.answers import Refusal
from bugs.ingest.door.bodies import Body
from bugs.ingest.door.senders import Sender
from bugs.ingest.outcomes import INVALID, LIMITED, RECEIVED, Counted, Fate
from bugs.ingest.wire import kinds, lenient_json, shapes
from bugs.ingest.wire.envelope import JSON_MAX, Envelope


def accept(sender: Sender, parsed: Envelope, body: Body, *, peer: str) -> UUID | None:
    """Make an envelope safe; the id of its event. Raises Refusal, which is counted, or DatabaseError."""
    counts = kinds.categories(parsed.items)
    event_id = shapes.identifier(parsed.headers.get("event_id"))
    try:
        event_id = _checked(parsed, event_id)
        _limit(sender, counts[kinds.ERROR])
    except Refusal as refusal:
        refuse(refusal, sender.project_id, counts, event_id)
        raise
    encoding, kept = bodies.compressed(body)
    parcel_id = uuid7()
    parcel = acceptance.Parcel(
        id=parcel_id,
        project_id=sender.project_id,
        event_id=event_id,
        received_at=timezone.now(),
        size=len(body.plain),
        body=sealing.seal(parcel_id, encoding=encoding, peer=peer[:45], body=kept),
    )
    acceptance.put(acceptance.Entry(_counted(sender.project_id, counts), parcel if parsed.items else None))
    return event_id


def refuse(refusal: Refusal, project_id: UUID | None, counts: Mapping[str, int], event_id: UUID | None = None) -> None:
    """Count what a refusal cost, once."""
    if refusal.is_counted:
        return
    fate = Fate(LIMITED if refusal.status == 429 else INVALID, refusal.code)
    named = [acceptance.Refused(project_id, event_id, fate)] if project_id and event_id else []
    acceptance.put(acceptance.Entry(_counted(project_id, counts, fate), refused=named))
    refusal.is_counted = True


def _checked(parsed: Envelope, event_id: UUID | None) -> UUID | None:
    """The id of the envelope's event. Raises Refusal when that cannot be one.

    Whoever names it in the header is an SDK, whose JSON is read later; who does not may have written it by hand.
    """
    for item in parsed.items:
        if item.type == kinds.EVENT:
            _check(item.payload)
            event_id = event_id or shapes.identifier(_looked_at(item.payload).get("event_id")) or uuid4()
    return event_id


def _check(payload: bytes) -> None:
    if len(payload) > JSON_MAX:
        raise Refusal(413, "body_too_large", f"The event is larger than {JSON_MAX} bytes.")
    if not (payload.lstrip()[:1] == b"{" and payload.rstrip()[-1:] == b"}"):
        raise Refusal(400, "json_invalid", "An event is a JSON object.")


def _looked_at(payload: bytes) -> dict[str, Any]:
    try:
        event: dict[str, Any] = lenient_json.parse(payload)
    except lenient_json.Malformed as error:
        raise Refusal(400, "json_invalid", str(error)) from error
    return event


def _limit(sender: Sender, events: int) -> None:
    if over := limits.check(sender, events):
        detail = f"This project sends more than it may. Try again in {over.seconds} s."
        raise Refusal(429, over.reason, detail, retry_after=over.seconds)


def _counted(project_id: UUID | None, counts: Mapping[str, int], fate: Fate | None = None) -> Counter[Counted]:
    """That so many items came, and what became of them when that is known."""
    found = Counter({Counted(project_id, name, RECEIVED): count for name, count in counts.items()})
    if fate:
        found.update({Counted(project_id, name, *fate): count for name, count in counts.items()})
    return found
