"""The reads that are measured, as requests with a key; what a rare and a common word are is asked of the data."""

import re
from dataclasses import dataclass
from urllib.parse import urlencode

import orjson
from django.db import connection

from bench import client
from bench.world import World
from bugs import selectors

LISTS, SEARCHES = 167.0, 30.0  # a second
PLAN_ALONE = 0.0  # not measured: its plan is read
SAMPLE = 5_000  # of the newest bugs, to count words in
_WORDS = """
    SELECT word, ndoc FROM ts_stat($$SELECT words FROM (SELECT words FROM bugs_bug
    WHERE deleted_at IS NULL ORDER BY created_at DESC LIMIT {}) newest$$)
    WHERE word ~ '^[a-z]{{6,}}$' AND length(to_tsvector('english', word)) = 1 ORDER BY ndoc, word
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


def measured(world: World) -> list[Question]:
    return [question for question in all_of(world) if question.rate]


def all_of(world: World) -> list[Question]:
    said = _Said.of(world)
    return [*_lists(world, said), *_filters(world, said), *_details(world, said), *_searches(world, said)]


@dataclass(frozen=True, slots=True)
class _Said:
    """What the data offers to ask for."""

    bug: str
    title: str
    component: str
    person: str
    rare: str
    common: str

    @classmethod
    def of(cls, world: World) -> "_Said":
        bugs = selectors.bugs_for(world.principal_of_one).order_by("-created_at", "-id")
        bug = bugs.filter(error_count__gt=0, comment_count__gt=0, assignee__isnull=False).exclude(component="")[0]
        rare, common = words()
        assert bug.assignee is not None
        return cls(str(bug.pk), bug.title, bug.component, bug.assignee.username, rare, common)


def _at(rate: float, name: str, path: str, key: str, **query: str) -> Question:
    return Question(name, rate, f"/api/v1/{path}{'?' + urlencode(query) if query else ''}", key)


def _lists(world: World, said: _Said) -> list[Question]:
    one, everywhere = world.key_of_one, world.key
    return [
        _at(LISTS, "list of 50, one project", "bugs/", one, limit="50"),
        _at(LISTS, "list of 50, all projects", "bugs/", everywhere, limit="50"),
        *(
            _at(PLAN_ALONE, f"list by {order}, {where}", "bugs/", key, ordering=order)
            for order in ("created_at", "-updated_at", "updated_at")
            for where, key in (("one project", one), ("all projects", everywhere))
        ),
        _at(PLAN_ALONE, "list with count=exact, one project", "bugs/", one, count="exact"),
        _at(PLAN_ALONE, "list with count=exact, all projects", "bugs/", everywhere, count="exact"),
        _at(PLAN_ALONE, "list with count=estimate", "bugs/", everywhere, count="estimate"),
    ]


def _filters(world: World, said: _Said) -> list[Question]:
    one, everywhere = world.key_of_one, world.key
    q = f"is:open severity:>=medium -assignee:none created:>-90d {said.common}"
    person = {"component_name": said.component, "assigned_to": said.person}
    return [
        _at(LISTS, "list by status and severity", "bugs/", one, status="new", severity="high"),
        _at(LISTS, "list by component and assignee", "bugs/", one, **person),
        _at(LISTS, "list with q=", "bugs/", one, q=q),
        _at(LISTS, "list with q= and a rare word, all projects", "bugs/", everywhere, q=f"is:open {said.rare}"),
        _at(PLAN_ALONE, "list by assignee, all projects", "bugs/", everywhere, assigned_to=said.person),
        _at(PLAN_ALONE, "list by status, all projects", "bugs/", everywhere, status="new"),
        _at(PLAN_ALONE, "list by tag", "bugs/", one, q="tag.browser:safari"),
        _at(PLAN_ALONE, "list by custom field", "bugs/", one, q="custom.customer:acme"),
        _at(PLAN_ALONE, "list by words of errors", "bugs/", one, q=f"breadcrumb:{said.component}*"),
        _at(PLAN_ALONE, "list by a phrase in the title", "bugs/", one, q=f'title:"{_phrase(said.title)}"'),
    ]


def _details(world: World, said: _Said) -> list[Question]:
    one, detail = world.key_of_one, f"bugs/{said.bug}/"
    return [
        _at(LISTS, "detail", detail, one),
        _at(LISTS, "detail without parts", detail, one, fields="id,title,status"),
        _at(PLAN_ALONE, "reports of a bug", f"{detail}errors/", one),
        _at(PLAN_ALONE, "timeline of a bug", f"{detail}timeline/", one),
        _at(SEARCHES, "analytics of 90 days", "analytics/bugs/", one, **{"from": "-90d", "group_by": "severity"}),
    ]


def _searches(world: World, said: _Said) -> list[Question]:
    everywhere, common = world.key, said.common
    mistyped = common[:3] + common[4:]

    def search(name: str, key: str = everywhere, **query: str) -> Question:
        return _at(SEARCHES, f"search, {name}", "bugs/search/", key, **query)

    return [
        search(f"rare word ({said.rare})", text=said.rare, facets="none"),
        search(f"common word ({common})", text=common, facets="none"),
        search("common word, all facets", text=common),
        search("common word and filters, one project", world.key_of_one, text=common, q="is:open severity:>=medium"),
        search(f"mistyped ({mistyped})", text=mistyped, facets="none"),
        search("newest first", text=common, sort="recency", facets="none"),
        search("titles like this one", similar_to=said.title[:300]),
    ]


def _phrase(title: str) -> str:
    return " ".join(re.findall(r"[a-z]+", title.lower())[:2])


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
