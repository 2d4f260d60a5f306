"""Every setting, from the environment; docs/settings.md explains each variable."""

from ipaddress import ip_network
from pathlib import Path
from urllib.parse import urlsplit

import django_stubs_ext
import environ
from django.core.exceptions import ImproperlyConfigured

from config import allowances, browsers, embedded, logs, openapi, ring, schedule
from config.stream import bounds

django_stubs_ext.monkeypatch()  # ModelAdmin[Bug] and the like, before Django's apps load
env = environ.Env()
BASE_DIR = Path(__file__).resolve().parent.parent
DATA_DIR = Path(env.str("DATA_DIR", str(BASE_DIR / ".data")))
VERSION = "0.1.0"

# Who we are -----------------------------------------------------------------------------------------------

DEBUG = env.bool("DEBUG", False)
_kept_secret = DATA_DIR / "secret_key"  # made by `make run`
SECRET_KEY = env.str("SECRET_KEY", "") or (_kept_secret.read_text().strip() if _kept_secret.exists() else "")
if len(SECRET_KEY) < 32:
    raise ImproperlyConfigured("Set SECRET_KEY to 32 random characters or more; `make run` makes one by itself.")
SECRET_KEY_FALLBACKS = env.list("SECRET_KEY_FALLBACKS", default=[])  # former ones: what they signed and sealed holds
ALLOWED_HOSTS = env.list("ALLOWED_HOSTS", default=["localhost", "127.0.0.1", "[::1]"])
_s = "s" if env.str("TLS_CERTIFICATE", "") and env.str("TLS_KEY", "") else ""  # `make run` ends TLS itself
PUBLIC_URL = env.str("PUBLIC_URL", f"http{_s}://127.0.0.1:{env.int('PORT', 8000)}").rstrip("/")
STREAM_URL = env.str("STREAM_URL", f"ws{_s}://127.0.0.1:{env.int('STREAM_PORT', 8001)}").rstrip("/")
STREAM_SOCKETS, STREAM_SOCKETS_PER_CALLER = bounds.ALL, bounds.PER_CALLER
STREAM_HEARTBEAT_SECONDS = bounds.HEARTBEAT_SECONDS
STREAM_ORIGINS = env.list("STREAM_ORIGINS", default=[PUBLIC_URL, PUBLIC_URL.replace("127.0.0.1", "localhost")])
CSRF_TRUSTED_ORIGINS = [PUBLIC_URL]
SECURE_COOKIES = env.bool("SECURE_COOKIES", PUBLIC_URL.startswith("https"))
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = SECURE_COOKIES
_prefix = "__Host-" if SECURE_COOKIES else ""  # browsers take such a cookie from this host alone, over https alone
SESSION_COOKIE_NAME, CSRF_COOKIE_NAME = f"{_prefix}bugwire_session", f"{_prefix}bugwire_csrf"
SESSION_COOKIE_HTTPONLY = CSRF_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = CSRF_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_AGE = env.int("SESSION_HOURS", 12) * 3600  # from the sign-in on, whatever is done (config/sign_in.py)
# Whose X-Forwarded-For and X-Forwarded-Proto are believed; RequestMiddleware takes the latter away from all others.
TRUSTED_PROXIES = [ip_network(one.strip()) for one in env.list("TRUSTED_PROXIES", default=[])]
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
# No HSTS for names of this machine: it would hold for every other program on it. Where web speaks https there is no
# http to redirect from; a proxy redirects by itself (docker/nginx.conf). To be preloaded is for the domain's owner.
_is_here = urlsplit(PUBLIC_URL).hostname in ("127.0.0.1", "localhost", "::1")
SECURE_HSTS_SECONDS = env.int("HSTS_SECONDS", 0 if _is_here or not PUBLIC_URL.startswith("https") else 365 * 86_400)
SECURE_HSTS_INCLUDE_SUBDOMAINS = env.bool("HSTS_SUBDOMAINS", False)
SILENCED_SYSTEM_CHECKS = ["security.W005", "security.W008", "security.W021"]
SECURE_CONTENT_TYPE_NOSNIFF = True
SECURE_REFERRER_POLICY = SECURE_CROSS_ORIGIN_OPENER_POLICY = "same-origin"
X_FRAME_OPTIONS = "DENY"

# Apps -----------------------------------------------------------------------------------------------------

INSTALLED_APPS = [
    "config",
    "daphne",  # before staticfiles: gives `runserver` its ASGI side
    "config.console_app.ConsoleConfig",  # django.contrib.admin
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "django.contrib.postgres",
    "rest_framework",
    "django_filters",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "channels",
    "django_celery_beat",
    "csp",
    "django_otp",
    "axes",
    "audit",
    "bugs",
    "apikeys",
    "exports",
    "integrations",
    "streaming",
]

MIDDLEWARE = [
    "config.api.requests.RequestMiddleware",
    "audit.middleware.AccessMiddleware",
    "django.middleware.security.SecurityMiddleware",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "config.policy.ContentPolicy",
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
    "django_otp.middleware.OTPMiddleware",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
    "axes.middleware.AxesMiddleware",
]

ROOT_URLCONF = "config.urls"
WSGI_APPLICATION = "config.wsgi.application"
ASGI_APPLICATION = "config.asgi.application"
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                f"django.{one}"
                for one in (
                    "template.context_processors.request",
                    "contrib.auth.context_processors.auth",
                    "contrib.messages.context_processors.messages",
                )
            ]
        },
    }
]

# The switchboard: who hears of which event ------------------------------------------------------------------
# A route is durable: an outbox row, a wake-up, a sweep. A listener is told in the process, after commit, and may miss.

EVENT_ROUTES = {
    "integrations.tasks.dispatch": [
        "bug.*",
        "error_group.*",
        "release.*",
        "export.completed",
        "export.failed",
        "webhook.tested",
        "webhook.redelivered",
    ],
    "exports.tasks.start": ["export.requested"],
    "exports.tasks.revoke": ["consent.recorded"],
    "bugs.tasks.regroup": ["error_group.regroup_requested"],
    "bugs.tasks.redact_again": ["project.privacy_changed"],
    "apikeys.tasks.forget_answers": ["project.privacy_changed"],
    "bugs.tasks.erase": ["erasure.requested"],
}
EVENT_LISTENERS = {
    "streaming.broadcast.publish": ["bug.*", "error_group.*", "error.*", "session.*", "export.*"],
    "streaming.control.rights_changed": ["api_key.*", "member.*", "people_group.*", "user.updated"],
}
STREAM_SNAPSHOTS = {"exports": "exports.selectors.recent_documents"}  # siblings meet here
OUTBOX_SWEEP_SECONDS = env.float("OUTBOX_SWEEP_SECONDS", 5.0)

# PostgreSQL: everything that must not be lost ---------------------------------------------------------------

DATABASES = {"default": env.db_url("DATABASE_URL", default=embedded.database_url(DATA_DIR))}
_pooled = env.bool("DATABASE_POOL", False)
DATABASES["default"] |= {
    "ENGINE": "config.postgres",
    "CONN_MAX_AGE": 0 if _pooled else env.int("CONN_MAX_AGE", 60),
    "CONN_HEALTH_CHECKS": True,
    "OPTIONS": {
        **DATABASES["default"].get("OPTIONS", {}),  # sslmode and the like, from the URL
        "connect_timeout": 2,
        "options": "-c statement_timeout=15s -c lock_timeout=5s -c idle_in_transaction_session_timeout=30s -c jit=off",
        **({"pool": {"min_size": 1, "max_size": env.int("DATABASE_POOL_SIZE", 8), "timeout": 5}} if _pooled else {}),
    },
}
DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"
AUTH_USER_MODEL = "bugs.User"

# Redis: only what may be lost -------------------------------------------------------------------------------

REDIS_URL = env.str("REDIS_URL", embedded.redis_url(DATA_DIR))
CHANNEL_LAYERS = bounds.layers(REDIS_URL)
CACHES = {"default": {"BACKEND": "django.core.cache.backends.redis.RedisCache", "LOCATION": REDIS_URL}}

# Celery: a message says "look now" ----------------------------------------------------------------------------

CELERY_BROKER_URL = env.str("BROKER_URL", "") or env.str("REDIS_URL", "") or embedded.broker_url(DATA_DIR)
CELERY_TASK_IGNORE_RESULT = True
CELERY_TASK_PUBLISH_RETRY = False  # the outbox is the retry
CELERY_BROKER_CONNECTION_TIMEOUT = 0.5
CELERY_BROKER_CONNECTION_RETRY_ON_STARTUP = True
CELERY_BROKER_TRANSPORT_OPTIONS = {
    "socket_timeout": 5,
    "socket_connect_timeout": 0.5,
    # One quick second try: without these a request would wait 2 s for a broker that is away.
    "max_retries": 1,
    "interval_start": 0,
    "interval_step": 0.05,
}
CELERY_TIMEZONE = "UTC"
ERASURE_HANDLERS = schedule.ERASURE
CELERY_TASK_ROUTES, CELERY_BEAT_SCHEDULE = schedule.ROUTES, schedule.beat(OUTBOX_SWEEP_SECONDS)
IDLE_WORK = schedule.idle(OUTBOX_SWEEP_SECONDS, env.float("INGEST_LOOK_SECONDS", 0.1))

# `web`: a process works at so many calls, lets so many wait so long, and answers 503 to the rest -----------------

WEB_CALLS_AT_WORK = env.int("WEB_CALLS_AT_WORK", 4)
WEB_CALLS_WAITING = env.int("WEB_CALLS_WAITING", 40)
WEB_PATIENCE_SECONDS = env.float("WEB_PATIENCE_SECONDS", 0.5)
# Envelopes of SDKs have places of their own: many wait for one commit, and none for the API's calls.
INGEST_CALLS_AT_WORK = env.int("INGEST_CALLS_AT_WORK", 24)
INGEST_CALLS_WAITING = env.int("INGEST_CALLS_WAITING", 24)
INGEST_PATIENCE_SECONDS = env.float("INGEST_PATIENCE_SECONDS", 2.0)

# REST ---------------------------------------------------------------------------------------------------------

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "apikeys.authentication.KeyAuthentication",
        "apikeys.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["apikeys.permissions.PolicyPermission"],
    "DEFAULT_THROTTLE_CLASSES": ["apikeys.throttling.KeyThrottle"],
    "DEFAULT_RENDERER_CLASSES": ["config.api.rendering.JSONRenderer"],
    "DEFAULT_PARSER_CLASSES": ["config.api.parsing.JSONParser"],
    "DEFAULT_FILTER_BACKENDS": ["config.api.filtering.AskedFilters"],
    "DEFAULT_SCHEMA_CLASS": "config.api.schema.AutoSchema",
    "DEFAULT_PAGINATION_CLASS": None,
    "EXCEPTION_HANDLER": "config.api.problems.handle",
    "UNAUTHENTICATED_USER": None,
    "TEST_REQUEST_DEFAULT_FORMAT": "json",
}
PRINCIPAL_OF_LABEL = "apikeys.authentication.principal_of_label"  # bugs asks it who holds a signed link
IDEMPOTENCY_STORE = "apikeys.idempotency"  # where config.api keeps answers of writes
ACCESS_RECORDER = "audit.access.record"  # config.api writes access through this name, it imports nothing of ours
AUDIT_SCOPE = "bugs.selectors.trail"  # audit asks it who may read what; it imports nothing above it
AUDIT_SIGNING_KEY = env.str("AUDIT_SIGNING_KEY", "")  # empty: the file DATA_DIR/audit_signing_key, made when missing
AUDIT_PUBLIC_KEYS = env.list("AUDIT_PUBLIC_KEYS", default=[])  # of keys that signed before
AUDIT_SEAL_LOG = env.str("AUDIT_SEAL_LOG", str(DATA_DIR / "seals.log"))
AUDIT_RETENTION_MONTHS = env.int("AUDIT_RETENTION_MONTHS", 12)  # 0 keeps access records for ever
API_MAX_BODY = env.int("API_MAX_BODY", 1024 * 1024)
INGEST_MAX_BODY = env.int("INGEST_MAX_BODY", 20 * 1024 * 1024)  # decompressed
INGEST_BACKLOG_BYTES = env.int("INGEST_BACKLOG_BYTES", 4 * 1024**3)  # of them, uncompressed
INGEST_BACKLOG_MAX = env.int("INGEST_BACKLOG_MAX", 200_000)  # envelopes of one project that wait to be read
ERROR_RETENTION_MONTHS = env.int("ERROR_RETENTION_MONTHS", 12)  # 0 keeps error reports for ever
DATA_UPLOAD_MAX_MEMORY_SIZE = INGEST_MAX_BODY
ATTACHMENT_MAX_BYTES = env.int("ATTACHMENT_MAX_BYTES", 20 * 1024 * 1024)

SPECTACULAR_SETTINGS = openapi.SETTINGS

# Keys and limits ------------------------------------------------------------------------------------------------

API_KEY_PEPPERS = env.dict("API_KEY_PEPPERS", default={})  # version=secret; empty: derived from SECRET_KEY
# version=key; the newest seals unless one is named, all open (config/keyring.py)
ENCRYPTION_KEYS = ring.read(env.str("ENCRYPTION_KEYS", ""), env.str("ENCRYPTION_KEYS_FILE", ""))
ENCRYPTION_KEY_IN_USE = env.int("ENCRYPTION_KEY_IN_USE", 0)
ring.in_use(ENCRYPTION_KEYS, ENCRYPTION_KEY_IN_USE)  # a wrong version is told now
API_KEY_LIFETIME_DAYS = env.int("API_KEY_LIFETIME_DAYS", 90)
API_KEY_LIFETIME_MAX_DAYS = env.int("API_KEY_LIFETIME_MAX_DAYS", 365)
RATE_LIMIT_DEFAULTS, RATE_LIMIT_MAXIMA = allowances.DEFAULTS, allowances.MAXIMA
PEOPLE_RATE_LIMITS, OWNER_RATE_LIMITS = allowances.PEOPLE, allowances.OWNERS
FAILED_AUTH_PER_MINUTE = env.int("FAILED_AUTH_PER_MINUTE", 20)  # credentials of one address that were not valid
WEB_PROCESSES = env.int("WEB_PROCESSES", 2)  # that share the limits while Redis is away

# People and the console -------------------------------------------------------------------------------------------

CONSOLE_REQUIRES_TOTP = env.bool("CONSOLE_REQUIRES_TOTP", True)
SIGN_IN_FAILURES = env.int("SIGN_IN_FAILURES", 5)  # with one name from one address
SIGN_IN_COOL_OFF_MINUTES = env.int("SIGN_IN_COOL_OFF_MINUTES", 15)
AUTHENTICATION_BACKENDS = ["axes.backends.AxesStandaloneBackend", "django.contrib.auth.backends.ModelBackend"]
_validators = "django.contrib.auth.password_validation"
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"{_validators}.MinimumLengthValidator", "OPTIONS": {"min_length": 12}},
    *(
        {"NAME": f"{_validators}.{one}Validator"}
        for one in ("UserAttributeSimilarity", "CommonPassword", "NumericPassword")
    ),
]
AXES_HANDLER, AXES_LOCKOUT_CALLABLE = "config.lockout.Handler", "config.lockout.answer"
AXES_CLIENT_IP_CALLABLE = "config.lockout.address_of"
AXES_LOCKOUT_PARAMETERS = [["username", "ip_address"]]
AXES_ENABLE_ADMIN = AXES_VERBOSE = False  # its own tables stay empty
AXES_RESET_COOL_OFF_ON_FAILURE_DURING_LOCKOUT = False  # what is refused unread makes no lock longer

# Outgoing -------------------------------------------------------------------------------------------------------

OUTBOUND_ALLOW_CIDRS = env.list("OUTBOUND_ALLOW_CIDRS", default=[])  # private networks that webhooks may reach
OUTBOUND_PLAIN_HTTP = env.bool("OUTBOUND_PLAIN_HTTP", False)
OUTBOUND_TIMEOUT_SECONDS = 15.0
OUTBOUND_CA_FILE = env.str("OUTBOUND_CA_FILE", "")  # more certificate authorities than the system trusts

# Files, pages, text ---------------------------------------------------------------------------------------------

MEDIA_ROOT = env.str("MEDIA_ROOT", str(DATA_DIR / "media"))
STORAGES = {
    "default": {"BACKEND": "django.core.files.storage.FileSystemStorage"},
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "attachments": {
        "BACKEND": "django.core.files.storage.FileSystemStorage",
        "OPTIONS": {"location": str(Path(MEDIA_ROOT) / "attachments")},
    },
}
STATIC_URL = "static/"
STATICFILES_DIRS = [BASE_DIR / "static"]
STATIC_ROOT = DATA_DIR / "static"
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG
LOGIN_URL, LOGIN_REDIRECT_URL, LOGOUT_REDIRECT_URL = "login", "dashboard", "login"
LANGUAGE_CODE, TIME_ZONE, USE_TZ, USE_I18N = "en", "UTC", True, False
CONTENT_SECURITY_POLICY = browsers.content_policy(STREAM_URL)
LOGGING = logs.config(env.str("LOG_LEVEL", "WARNING"))
LOG_REDACTION = "bugs.privacy.redaction.text"  # every line goes through it (config/logs.py)
