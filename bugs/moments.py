"""How far the moment that a report tells of may be from when it came. Pure."""

from datetime import timedelta

OLDEST, NEWEST = timedelta(days=30), timedelta(days=1)
