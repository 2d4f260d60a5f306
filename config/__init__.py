"""Where the apps are put together; loading it registers the Celery application that tasks are sent through."""

from config.celery import app as celery_app

__all__ = ["celery_app"]
