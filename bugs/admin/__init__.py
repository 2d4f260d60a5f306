"""The operators' console: everything to look at, and changes through services alone."""

from django.contrib import admin

from bugs.admin import bugs, projects, reading

__all__ = ["bugs", "projects", "reading"]

admin.site.site_header = "Bugwire operations"
admin.site.site_title = "Bugwire"
