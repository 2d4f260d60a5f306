"""What SDKs are answered: always with CORS, always with the list of what need not be sent."""

from dataclasses import dataclass
from http import HTTPStatus

import orjson

from config.api import problems

# SDKs that read this stop sending what is not stored here for a day
UNWANTED = (
    "86400:transaction;span;profile;profile_chunk;replay;log_item;log_byte;trace_metric;metric_bucket;monitor"
    ":organization"
)
_CROSS_ORIGIN = [
    ("Access-Control-Allow-Origin", "*"),
    ("Access-Control-Expose-Headers", "X-Sentry-Error, X-Sentry-Rate-Limits, Retry-After"),
    ("Cross-Origin-Resource-Policy", "cross-origin"),
]
_PREFLIGHT = [
    *_CROSS_ORIGIN,
    ("Access-Control-Allow-Methods", "POST, OPTIONS"),
    (
        "Access-Control-Allow-Headers",
        "X-Sentry-Auth, X-Requested-With, Origin, Accept, Content-Type, Content-Encoding, Authorization, "
        "Authentication, sentry-trace, baggage",
    ),
    ("Access-Control-Max-Age", "86400"),
    ("X-Sentry-Rate-Limits", UNWANTED),
]
RETRY_SECONDS = 5  # when the database is away


@dataclass(frozen=True, slots=True)
class Answer:
    """Status, headers and body, for whichever server is in front."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""

    @property
    def line(self) -> str:
        return f"{self.status} {HTTPStatus(self.status).phrase}"


class Refusal(Exception):
    """The request ends here, with this answer."""

    def __init__(self, status: int, code: str, detail: str, *, retry_after: int | None = None) -> None:
        super().__init__(detail)
        self.status, self.code, self.detail, self.retry_after = status, code, detail, retry_after
        self.is_counted = False  # among the outcomes


def accepted(event_id: str) -> Answer:
    return _answer(200, orjson.dumps({"id": event_id} if event_id else {}), "application/json", UNWANTED)


def preflight() -> Answer:
    return Answer(204, _PREFLIGHT)


def refused(refusal: Refusal) -> Answer:
    limits = UNWANTED
    more = [("X-Sentry-Error", refusal.detail)]
    if refusal.retry_after:
        more.append(("Retry-After", str(refusal.retry_after)))
    if refusal.status == 429:
        kinds = "error;attachment" if refusal.code == "over_rate" else ""  # none named are all
        limits = f"{refusal.retry_after}:{kinds}:project:{refusal.code}, {UNWANTED}"
    if refusal.status == 405:
        more.append(("Allow", "POST, OPTIONS"))
    body = problems.encoded(refusal.status, refusal.code, refusal.detail)
    return _answer(refusal.status, body, problems.MEDIA_TYPE, limits, *more)


def _answer(status: int, body: bytes, content_type: str, limits: str, *more: tuple[str, str]) -> Answer:
    own = [("Content-Type", content_type), ("Content-Length", str(len(body))), ("X-Sentry-Rate-Limits", limits)]
    return Answer(status, [*own, *more, *_CROSS_ORIGIN], body)
