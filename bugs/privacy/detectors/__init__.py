"""The table of detectors. Pure: texts in, spans out."""

from bugs.privacy.detectors import assignments, contact, network, paths, payment, people, phones, tokens
from bugs.privacy.detectors.shapes import Gate
from bugs.privacy.names import NAMES

PEM_LINES = 120
# Where two find the same place, the first wins: what is known by its surroundings before what is known by its look.
GATES = (
    Gate((tokens.PRIVATE_KEY,), lines=PEM_LINES),
    Gate((*assignments.COOKIE, *assignments.AUTHORIZATION, *assignments.NAMED)),
    Gate((assignments.IN_URL, assignments.PARAMETER, *tokens.KEYS, *contact.EMAIL, *paths.ACCOUNT)),
    Gate((*payment.CARD, *payment.IBAN, *payment.SSN, network.IPV6, network.MAC, *phones.PHONE, network.IPV4)),
    Gate((*phones.CUED_PHONE, *people.PEOPLE, people.ADDRESS), lines=2),
)
_BY_LOOK = dict.fromkeys(shape.kind for gate in GATES for shape in gate.shapes)
KINDS = tuple(_BY_LOOK | dict.fromkeys(NAMES.values()))  # what rules switch off, and placeholders are called
LABEL_KINDS = frozenset({"email", "password", "secret", "cookie", "jwt", "key", "private-key"})
