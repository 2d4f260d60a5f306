"""The closed vocabularies of a bug. Pure."""

from django.db.models import TextChoices


class Status(TextChoices):
    NEW = "new"
    TRIAGED = "triaged"
    IN_PROGRESS = "in_progress"
    RESOLVED = "resolved"
    CLOSED = "closed"
    REOPENED = "reopened"


class Severity(TextChoices):
    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"
    CRITICAL = "critical"


class BugType(TextChoices):
    CRASH = "crash"
    FUNCTIONAL = "functional"
    PERFORMANCE = "performance"
    UI = "ui"
    SECURITY = "security"
    DATA = "data"
    OTHER = "other"


class Resolution(TextChoices):
    FIXED = "fixed"
    DUPLICATE = "duplicate"
    WONT_FIX = "wont_fix"
    CANNOT_REPRODUCE = "cannot_reproduce"
    BY_DESIGN = "by_design"


class Level(TextChoices):
    """Of an error report, as Sentry names them."""

    FATAL = "fatal"
    ERROR = "error"
    WARNING = "warning"
    INFO = "info"
    DEBUG = "debug"


class Role(TextChoices):
    VIEWER = "viewer"
    REPORTER = "reporter"
    TRIAGER = "triager"
    EXPORTER = "exporter"
    INTEGRATOR = "integrator"
    ADMIN = "admin"
