"""The Celery application, and the idle loops of each worker, which find due work when no message says so."""

import os
import threading
from typing import Any

from celery import Celery, signals

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
app = Celery("bugwire")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()

_stopping = threading.Event()
_loops: list[threading.Thread] = []
END_SECONDS = 5.0


@signals.setup_logging.connect
def leave_logging_alone(**_: Any) -> None:
    """Whoever listens here keeps Celery from handlers of its own, which would write lines as they are."""


@signals.worker_ready.connect
def begin_idle_loops(**_: Any) -> None:
    """The broker may lose any message, beat may be away: due rows are found all the same."""
    from django.conf import settings

    for queue in set(settings.IDLE_WORK) & set(app.amqp.queues.consume_from):
        seconds, names = settings.IDLE_WORK[queue]
        _loops.append(threading.Thread(target=_look_around, args=[seconds, names], name=f"idle-{queue}", daemon=True))
        _loops[-1].start()


@signals.worker_shutting_down.connect
def end_idle_loops(**_: Any) -> None:
    _stopping.set()


@signals.worker_shutdown.connect
def await_idle_loops(**_: Any) -> None:
    """What is half done would wait for its lease to end."""
    for loop in _loops:
        loop.join(END_SECONDS)


def _look_around(seconds: float, names: list[str]) -> None:
    from django.db import close_old_connections

    while not _stopping.wait(seconds):
        for name in names:
            close_old_connections()
            try:
                app.tasks[name]()
            except Exception:  # PostgreSQL away, say: the next round tries again
                app.log.get_default_logger().warning("idle loop: %s failed", name, exc_info=True)
                _stopping.wait(1.0)
        close_old_connections()
