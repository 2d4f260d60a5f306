"""The reads that are measured, as requests with a key; what a rare and a common word are is asked of the data."""

from dataclasses import dataclass
from urllib.parse import urlencode

import orjson
from django.db import connection

from bench import client
from bench.world import World
from bugs import selectors

LISTS, SEARCHES = 167.0, 30.0  # a second
SAMPLE = 5_000  # of the newest bugs, to count words in
_WORDS = """
    SELECT word, ndoc FROM ts_stat($$SELECT stems FROM (SELECT stems FROM bugs_bug
    WHERE deleted_at IS NULL ORDER BY created_at DESC LIMIT {}) newest$$)
    WHERE word ~ '^[a-z]{{6,}}$' ORDER BY ndoc, word
"""


@dataclass(frozen=True, slots=True)
class Question:
    name: str
    rate: float
    path: str
    key: str

    @property
    def request(self) -> bytes:
        return client.get(self.path, Authorization=f"Bearer {self.key}")


def all_of(world: World, port: int) -> list[Question]:
    one, everywhere = world.key_of_one, world.key
    bugs = selectors.bugs_for(world.principal_of_one).order_by("-created_at", "-id")
    bug = bugs.filter(error_count__gt=0, comment_count__gt=0)[0]
    rare, common = words()
    q = f"is:open severity:>=medium -assignee:none created:>-90d {common}"
    title = " ".join(bug.title.split()[:4])
    mistyped = common[:2] + common[3] + common[2] + common[4:]

    def at(rate: float, name: str, path: str, key: str = one, **query: str) -> Question:
        return Question(name, rate, f"/api/v1/{path}{'?' + urlencode(query) if query else ''}", key)

    return [
        at(LISTS, "list of 50, one project", "bugs/", limit="50"),
        at(LISTS, "list of 50, all projects", "bugs/", everywhere, limit="50"),
        at(LISTS, "detail", f"bugs/{bug.pk}/"),
        at(LISTS, "detail without parts", f"bugs/{bug.pk}/", fields="id,title,status"),
        at(LISTS, "list by status and severity", "bugs/", status="new", severity="high"),
        at(LISTS, "list by component and assignee", "bugs/", component_name="checkout", assigned_to="me"),
        at(LISTS, "list with q=", "bugs/", q=q),
        at(LISTS, "list with q=, all projects", "bugs/", everywhere, q=f"is:open {rare}"),
        at(SEARCHES, f"search, rare word ({rare})", "bugs/search/", everywhere, q=rare),
        at(SEARCHES, f"search, common word ({common})", "bugs/search/", everywhere, q=common),
        at(SEARCHES, "search with facets", "bugs/search/", everywhere, q=common, facets="status,severity,component"),
        at(SEARCHES, f"search, mistyped ({mistyped})", "bugs/search/", everywhere, q=mistyped),
        at(SEARCHES, "search, a title like this", "bugs/search/", everywhere, q=title),
        at(SEARCHES, "analytics of 90 days", "analytics/bugs/", one, interval="day", group_by="severity"),
    ]


def words() -> tuple[str, str]:
    """One that hardly any bug has, and one that about every third has."""
    with connection.cursor() as cursor:
        cursor.execute(_WORDS.format(SAMPLE))
        found = cursor.fetchall()
    return found[0][0], found[-1][0]


def deep(world: World, port: int, pages: int) -> bytes:
    """A request for a page that far down: cursors are bound to the key and signed, so one walks there."""
    path = "/api/v1/bugs/?limit=200"
    for _ in range(pages):
        body = orjson.loads(client.once(port, client.get(path, Authorization=f"Bearer {world.key_of_one}")))
        if not body["next"]:
            break
        path = "/api/v1/bugs/?" + body["next"].partition("?")[2]
    return client.get(path.replace("limit=200", "limit=50"), Authorization=f"Bearer {world.key_of_one}")
