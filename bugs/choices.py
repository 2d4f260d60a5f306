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


class BugsFrom(TextChoices):
    """The least level of an error whose new group bears a bug."""

    ERROR = "error"
    FATAL = "fatal"
    NONE = "none"


class Role(TextChoices):
    VIEWER = "viewer"
    REPORTER = "reporter"
    TRIAGER = "triager"
    EXPORTER = "exporter"
    INTEGRATOR = "integrator"
    ADMIN = "admin"


class Priority(TextChoices):
    """How soon, where severity says how bad."""

    LOW = "low"
    NORMAL = "normal"
    HIGH = "high"
    URGENT = "urgent"


class LinkKind(TextChoices):
    """What the first of two linked bugs does to the second."""

    RELATES = "relates"
    BLOCKS = "blocks"
    CAUSES = "causes"
    DUPLICATES = "duplicates"


class SessionState(TextChoices):
    """How a session went, as SDKs say it."""

    OK = "ok"
    EXITED = "exited"
    ERRORED = "errored"
    CRASHED = "crashed"
    ABNORMAL = "abnormal"


class Purpose(TextChoices):
    """What a reporter may agree to that their data is passed on for, as it was written."""

    SUPPORT = "support"
    ANALYSIS = "analysis"
    SHARING = "sharing"


class WorkState(TextChoices):
    """Of long work in chunks."""

    QUEUED = "queued"
    RUNNING = "running"
    DONE = "done"
