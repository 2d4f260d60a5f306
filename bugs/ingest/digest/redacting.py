"""What machines say is made clean under the rules of its project, once, before anything else is made of it."""

from collections.abc import Sequence
from dataclasses import replace
from uuid import UUID

from django.utils.crypto import salted_hmac

from bugs.ingest.reading import redaction as reading
from bugs.ingest.reading.normalize import Report
from bugs.ingest.reading.sessions import Update
from bugs.privacy import placeholders, redaction
from bugs.privacy.rules import Rules
from bugs.selectors import privacy

RELEASE_MAX, ENVIRONMENT_MAX, KEY_MAX = 200, 64, 50
_SALT = "bugwire.session"
_SESSION = "/session_id"  # in a payload


def redact(project_id: UUID, reports: Sequence[Report]) -> None:
    """Reports get placeholders, and what those stand for as `originals`."""
    active = privacy.active(project_id)
    for report, taken in zip(reports, reading.redact(reports, active.rules), strict=True):
        report.originals, report.redaction_version = taken, active.version
        if _SESSION in taken:
            report.session_id = session_key(project_id, taken[_SESSION], active.rules)


def session_key(project_id: UUID, key: str, rules: Rules) -> str:
    """The key of a session without what it gives away. Two that did stay two, so a keyed hash tells them apart."""
    clean = redaction.label(key, rules)
    if clean == key:
        return key
    digest = salted_hmac(_SALT, f"{project_id}:{key}", algorithm="sha256").hexdigest()[:12]
    return f"{placeholders.fitting(clean, KEY_MAX)}:{digest}"


def session(project_id: UUID, update: Update) -> Update:
    """What is said of a session, as its reports say it."""
    key = session_key(project_id, update.key, privacy.active(project_id).rules)
    release, environment = place(project_id, update.release, update.environment)
    return replace(update, key=key, release=release, environment=environment)


def place(project_id: UUID, release: str, environment: str) -> tuple[str, str]:
    return (
        privacy.clean_label(project_id, release, RELEASE_MAX),
        privacy.clean_label(project_id, environment, ENVIRONMENT_MAX),
    )
