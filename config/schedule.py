"""What workers do by themselves: which queue, how often, and what they look for when no message says so."""

from typing import Any

HOUR, DAY = 3600.0, 24 * 3600.0
ROUTES = {
    "audit.tasks.*": {"queue": "events"},
    "apikeys.tasks.*": {"queue": "events"},
    "bugs.tasks.digest": {"queue": "ingest"},
    "bugs.tasks.*": {"queue": "events"},
    "integrations.tasks.*": {"queue": "deliveries"},
    "exports.tasks.*": {"queue": "exports"},
}

# Whoever keeps something of people forgets them: stage -> a chunk of its work, in this order (bugs/forgetting).
ERASURE = {
    "bugs": "bugs.forgetting.texts.bugs",
    "comments": "bugs.forgetting.texts.comments",
    "comment_edits": "bugs.forgetting.texts.edits",
    "feedback": "bugs.forgetting.texts.feedback",
    "attachments": "bugs.forgetting.texts.attachments",
    "error_reports": "bugs.forgetting.reports.reports",
    "affected_users": "bugs.forgetting.reports.users",
    "raw_exports": "exports.services.forget",
    "reporters": "bugs.forgetting.people.reporter",
    "api_keys": "apikeys.forgetting.keys",
    "account": "bugs.forgetting.people.account",
    "audit": "bugs.forgetting.people.trail",  # the last: until the account is gone its calls are written down
}


def idle(sweep: float, ingest: float) -> dict[str, tuple[float, list[str]]]:
    """Queue: how often each of its workers looks, in seconds, and for what."""
    return {
        "events": (
            sweep,
            [
                *("audit.tasks.seal", "audit.tasks.sweep", "integrations.tasks.deliver", "exports.tasks.run"),
                *("bugs.tasks.fold_contexts", "bugs.tasks.fold_rollups", "bugs.tasks.fold_outcomes"),
            ],
        ),
        "ingest": (ingest, ["bugs.tasks.digest"]),
    }


def beat(sweep: float) -> dict[str, dict[str, Any]]:
    """What django-celery-beat shows to operators."""
    return {
        "seal history": {"task": "audit.tasks.seal", "schedule": min(sweep, 5.0)},
        "prune history": {"task": "audit.tasks.prune", "schedule": 6 * HOUR},
        "forget announcements": {"task": "audit.tasks.prune_announcements", "schedule": 300.0},
        "sweep the outbox": {"task": "audit.tasks.sweep", "schedule": sweep},
        "send due webhooks": {"task": "integrations.tasks.deliver", "schedule": 5.0},
        "resume exports": {"task": "exports.tasks.run", "schedule": 10.0},
        "go on grouping anew": {"task": "bugs.tasks.regroup", "schedule": 30.0},
        "go on forgetting people": {"task": "bugs.tasks.erase", "schedule": 30.0},
        "go on reading texts again": {"task": "bugs.tasks.redact_again", "schedule": 30.0},
        "escalate by rules": {"task": "bugs.tasks.escalate", "schedule": 60.0},
        "fold rollups": {"task": "bugs.tasks.fold_rollups", "schedule": 10.0},
        "fold contexts": {"task": "bugs.tasks.fold_contexts", "schedule": 10.0},
        "fold outcomes": {"task": "bugs.tasks.fold_outcomes", "schedule": 10.0},
        "forget refused events": {"task": "bugs.tasks.forget_refused", "schedule": HOUR},
        "link feedback": {"task": "bugs.tasks.link_feedback", "schedule": 60.0},
        "retain errors": {"task": "bugs.tasks.retain_errors", "schedule": HOUR},
        "check spikes": {"task": "bugs.tasks.check_spikes", "schedule": 60.0},
        "train dictionaries": {"task": "bugs.tasks.train_dictionaries", "schedule": 300.0},
        "forget ended sessions": {"task": "bugs.tasks.forget_sessions", "schedule": DAY},
        "sweep attachments": {"task": "bugs.tasks.sweep_attachments", "schedule": DAY},
        "forget kept answers": {"task": "apikeys.tasks.prune_answers", "schedule": HOUR},
        "make next month's partitions": {"task": "audit.tasks.make_partitions", "schedule": 6 * HOUR},
    }
