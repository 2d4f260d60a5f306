"""Frames of monitoring agents: they wrap the program's functions in one release and not in the next. Pure."""

_MODULES = (
    *("com.newrelic.", "newrelic.", "com.dynatrace.", "com.appdynamics.", "com.instana.", "instana."),
    *("io.sentry.", "sentry_sdk.", "com.datadog.", "datadog.trace.", "ddtrace.", "elasticapm.", "co.elastic.apm."),
    *("io.opentelemetry.", "opentelemetry.", "com.bugsnag.", "bugsnag.", "rollbar.", "com.rollbar.", "scout_apm."),
)
_FOLDERS = (
    "/@sentry/",
    "/@opentelemetry/",
    "/dd-trace/",
    "/newrelic/",
    "/elastic-apm-node/",
    "/sentry_sdk/",
    "/ddtrace/",
)
_FUNCTIONS = frozenset(
    {"sentryWrapped", "HTMLDocument.sentryWrapped", "__sentry_wrapped__", "wrapped [as sentryWrapped]"}
)


def is_agent(module: str, function: str, filename: str) -> bool:
    if module.startswith(_MODULES) or function in _FUNCTIONS:
        return True
    return "/" in filename and any(folder in filename for folder in _FOLDERS)
