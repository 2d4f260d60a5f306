"""Bugs: the record, the errors behind it, and the people around it."""

from django.apps import AppConfig


class BugsConfig(AppConfig):
    name = "bugs"
    verbose_name = "Bugs"
