"""The Celery application, and each worker's idle loop, which finds due work when no message says so."""

import os
import threading
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("bugwire")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_stopping = threading.Event()


@signals.worker_ready.connect
def begin_idle_loop(**_: Any) -> None:
    """The broker may lose any message, beat may be away: due rows are found all the same."""
    threading.Thread(target=_look_around, name="idle-loop", daemon=True).start()


@signals.worker_shutting_down.connect
def end_idle_loop(**_: Any) -> None:
    _stopping.set()


def _look_around() -> None:
    from django.conf import settings
    from django.db import close_old_connections

    while not _stopping.wait(settings.OUTBOX_SWEEP_SECONDS):
        for name in settings.IDLE_WORK:
            close_old_connections()
            try:
                app.tasks[name]()
            except Exception:  # PostgreSQL away, say: the next round tries again
                app.log.get_default_logger().warning("idle loop: %s failed", name, exc_info=True)
        close_old_connections()
