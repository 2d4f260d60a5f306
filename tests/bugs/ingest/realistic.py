"""Events as a Python SDK sends them, 5 to 25 kB: one program with its own sources, packages, paths and users."""

import random
from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

_NOUNS = (
    "order cart user payment invoice session token cache query result request handler model serializer queue task "
    "retry stock price coupon address shipping refund ledger account profile index filter page cursor batch stream"
)
_PACKAGES = (
    "django djangorestframework celery redis psycopg requests urllib3 certifi idna sqlalchemy alembic pydantic anyio "
    "httpx httpcore h11 boto3 botocore s3transfer jmespath cryptography cffi pyjwt stripe gunicorn kombu billiard vine "
    "amqp click wcwidth tzdata asgiref sqlparse pillow lxml openpyxl numpy jinja2 werkzeug attrs jsonschema packaging"
)
NOUNS, PACKAGES = _NOUNS.split(), _PACKAGES.split()
LINES = (
    "{a} = self.{b}.{c}({d}, {b}={n})", "if {a} is None or {b}.{c} > {n}:", "return {a}.{b}({c}={d}, {a}={n})",
    "for {a} in {b}.objects.filter({c}={d}):", 'raise ValueError(f"{a} {{{b}}} is not {c}")', "try:", "",
    "with transaction.atomic(using=self.{a}):", "# {a} of {b} may be {c} when {d}", "def {a}(self, {c}, *, {d}={n}):",
)  # fmt: skip
KINDS = ("ValueError", "KeyError", "IntegrityError", "TimeoutError", "TypeError", "OperationalError")


class Program:
    """A program that fails in some places, the first ones far more often than the last."""

    def __init__(self, seed: int, places: int = 40) -> None:
        self.dice = random.Random(seed)
        self.modules = {name: self._number("{0}.{1}.{0}", 20) for name in PACKAGES}
        self.files = [self._file() for _ in range(80)]
        self.traces = [[self._call() for _ in range(self.dice.randint(5, 22))] for _ in range(places)]

    def event(self) -> dict[str, Any]:
        """The next failure."""
        place = min(int(self.dice.paretovariate(1)) - 1, len(self.traces) - 1)
        at = datetime.now(UTC) - timedelta(seconds=self.dice.random() * 60)
        raised = {"type": KINDS[place % len(KINDS)], "value": f"{NOUNS[place % 32]} {self._number()} is not valid"}
        trace = [self._with_values(call) for call in self.traces[place]]
        return {
            "event_id": self._id().hex,
            "timestamp": at.isoformat(),
            "platform": "python",
            "release": f"shop@2026.{place % 3}.1",
            "environment": "production",
            "transaction": f"/api/{NOUNS[place % 32]}/",
            "exception": {"values": [{**raised, "mechanism": {"handled": False}, "stacktrace": {"frames": trace}}]},
            "breadcrumbs": {"values": [self._crumb(at) for _ in range(self.dice.randint(3, 40))]},
            "modules": self.modules,
            "user": {"id": self._number(), "email": f"{self._noun()}{self._number()}@example.org"},
            "request": self._request(),
            "contexts": {"runtime": {"name": "CPython", "version": "3.12.4"}, "trace": {"trace_id": self._id().hex}},
            "tags": {"site": self.dice.choice(["eu", "us"]), "tenant": self._number("{0}", 200)},
            "sdk": {"name": "sentry.python.django", "version": "2.14.0"},
        }

    def _file(self) -> tuple[str, bool, list[str]]:
        is_ours = self.dice.random() < 0.5
        top = "shop" if is_ours else self.dice.choice(PACKAGES)
        return f"{top}.{self._noun()}.{self._noun()}", is_ours, [self._line() for _ in range(150)]

    def _call(self) -> dict[str, Any]:
        module, is_ours, lines = self.dice.choice(self.files)
        at = self.dice.randrange(5, 145)
        path = module.replace(".", "/") + ".py"
        return {
            "module": module, "filename": path, "in_app": is_ours, "lineno": at, "function": f"get_{self._noun()}",
            "abs_path": ("/srv/app/" if is_ours else "/usr/lib/python3.12/site-packages/") + path,
            "pre_context": lines[at - 5 : at], "context_line": lines[at], "post_context": lines[at + 1 : at + 6],
        }  # fmt: skip

    def _with_values(self, call: dict[str, Any]) -> dict[str, Any]:
        if self.dice.random() < 0.7:
            return call
        return {**call, "vars": {self._noun(): f"<{self._noun()}: {self._id()}>", self._noun(): self._number()}}

    def _crumb(self, at: datetime) -> dict[str, Any]:
        moment = (at - timedelta(seconds=self.dice.random() * 300)).isoformat()
        if self.dice.random() < 0.4:
            said = f'SELECT "{self._noun()}"."id" FROM "{self._noun()}" WHERE "id" = %s LIMIT {self._number()}'
            return {"category": "query", "timestamp": moment, "message": said}
        if self.dice.random() < 0.4:
            call = {"url": f"https://{self._noun()}.internal/{self._number()}", "method": "GET", "status_code": 200}
            return {"type": "http", "category": "httplib", "timestamp": moment, "data": call}
        said = f"{self._noun()} {self._number()} for user {self._number()} in {self.dice.random():.3f} s"
        return {"type": "log", "category": f"shop.{self._noun()}", "timestamp": moment, "message": said}

    def _request(self) -> dict[str, Any]:
        agent = (
            f"Mozilla/5.0 (X11; Linux x86_64) AppleWebKit/537.36 Chrome/{self._number('{0}.0.{1}', 130)} Safari/537.36"
        )
        return {
            "url": f"https://shop.example/api/{self._noun()}/{self._number()}",
            "method": "POST",
            "query_string": f"page={self._number('{0}', 90)}&ref={self._id().hex}",
            "headers": {
                "Host": "shop.example",
                "User-Agent": agent,
                "Accept": "text/html,application/xhtml+xml,application/xml;q=0.9,*/*;q=0.8",
                "Accept-Language": "en-US,en;q=0.5",
                "X-Request-Id": str(self._id()),
                "X-Forwarded-For": self._number("{0}.{1}.{0}.{1}", 255),
            },
        }

    def _line(self) -> str:
        names = {name: self._noun() for name in "abcd"}
        return " " * 4 * self.dice.randint(1, 4) + self.dice.choice(LINES).format(n=self._number("{0}", 999), **names)

    def _noun(self) -> str:
        return self.dice.choice(NOUNS)

    def _number(self, shape: str = "{0}", below: int = 1_000_000) -> str:
        return shape.format(self.dice.randrange(below), self.dice.randrange(below))

    def _id(self) -> UUID:
        return UUID(int=self.dice.getrandbits(128))
