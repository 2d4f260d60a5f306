"""The operators' console: everything to look at, and changes through services alone."""

from bugs.admin import bugs, people, projects, reading

__all__ = ["bugs", "people", "projects", "reading"]
