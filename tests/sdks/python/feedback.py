"""What a user says about an error: the present way and the old one."""

import uuid

import sentry_sdk
from sentry_sdk.envelope import Envelope, Item, PayloadRef

sentry_sdk.init()
event_id = sentry_sdk.capture_exception(ValueError("the form was lost"))
sentry_sdk.flush()
feedback = {
    "event_id": uuid.uuid4().hex,
    "level": "info",
    "contexts": {
        "feedback": {
            "message": "I pressed send and everything was gone",
            "name": "Ann",
            "contact_email": "ann@example.com",
            "url": "http://shop.example/contact",
            "associated_event_id": event_id,
        }
    },
}
report = {"event_id": event_id, "name": "Ben", "email": "ben@example.com", "comments": "It happened to me as well"}
transport = sentry_sdk.get_client().transport
assert transport is not None
for kind, payload in (("feedback", feedback), ("user_report", report)):
    envelope = Envelope(headers={"event_id": payload["event_id"]})
    envelope.add_item(Item(PayloadRef(json=payload), type=kind))
    transport.capture_envelope(envelope)
print(event_id)
sentry_sdk.flush()
