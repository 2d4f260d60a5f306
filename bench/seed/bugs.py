"""The rows of bugs and of what people say of them."""

from collections.abc import Callable, Iterator
from struct import pack

from bench.seed import packing
from bench.seed.calendar import DAY_MS
from bench.seed.frames import SLOTS
from bench.seed.packing import EMPTY, NULL, SIZES, json, moment, number, person, raw, text
from bench.seed.plan import POOL, Plan, pool
from bench.seed.vocabulary import COMPONENTS

BUG = (
    "id, project_id, number, title, description, steps, expected, actual, words, stems, status, resolution, severity, "
    "priority, bug_type, component, environment, tags, custom, release, reporter_id, assignee_id, due_on, error_level, "
    "error_count, user_count, last_error_at, comment_count, attachment_count, reopen_count, version, created_at, "
    "updated_at, triaged_at, resolved_at, closed_at, deleted_at"
)
COMMENT = "id, bug_id, author_id, actor, body, is_internal, version, created_at, edited_at, deleted_at"

SEVERITIES = {"medium": 40, "low": 33, "high": 20, "critical": 7}
PRIORITIES = {"normal": 55, "low": 20, "high": 20, "urgent": 5}
TYPES = {"functional": 38, "ui": 20, "crash": 16, "performance": 10, "data": 8, "other": 5, "security": 3}
ENVIRONMENTS = ["production", "production", "staging", "test", "", "development"]
BROWSERS, SYSTEMS = ["chrome", "firefox", "safari", "edge", "samsung"], ["windows", "android", "ios", "macos", "linux"]
CUSTOMERS = ["acme", "globex", "initech", "umbrella", "stark", "wayne", "hooli", "tyrell"]
DELETED, DUE = 0.005, 0.1
_YES, _NO = raw(b"\x01"), raw(b"\x00")
_NOTHING = number(0)
_NO_ERRORS = EMPTY + _NOTHING + _NOTHING + NULL
_CELLS = POOL**4
_SMALL = [number(value) for value in range(64)]


class Pools:
    """Columns that rows take ready-made; one set for all chunks of a worker."""

    def __init__(self, plan: Plan) -> None:
        dice = plan.dice("pools")
        self.kinds = [
            b"".join(text(dice.choices(list(kind), list(kind.values()))[0]) for kind in (SEVERITIES, PRIORITIES, TYPES))
            for _ in range(POOL)
        ]
        self.places = [self._places(plan, project) for project in range(len(plan.cast.projects))]
        self.reporters = pool(dice, [person(user) for user in plan.cast.users], 0.8)
        self.teams = [pool(dice, [person(user) for user in team], 0.7) for team in plan.cast.teams]
        self.projects = [packing.uuid(project) for project in plan.cast.projects]

    @staticmethod
    def _places(plan: Plan, project: int) -> list[bytes]:
        """component, environment, tags and custom of one project, which has its own favourites."""
        dice = plan.dice("places", project)
        own = pool(dice, [text(name) for name in dice.sample(COMPONENTS, 8 + project % 20)] + [text("")])
        tags = [
            {"browser": dice.choice(BROWSERS[: 1 + int(5 * dice.random() ** 2)]), "os": dice.choice(SYSTEMS)}
            | ({"customer": dice.choice(CUSTOMERS)} if dice.random() < 0.3 else {})
            | ({"team": dice.choice(["blue", "green", "red"])} if dice.random() < 0.5 else {})
            for _ in range(200)
        ]
        custom = [{}, {}, {}, {"points": 3}, {"points": 8, "customer": "acme"}, {"customer": "hooli"}]
        return [
            dice.choice(own) + text(dice.choice(ENVIRONMENTS)) + json(dice.choice(tags)) + json(dice.choice(custom))
            for _ in range(POOL)
        ]


_pools: dict[int, Pools] = {}


def prepare(plan: Plan) -> Pools:
    """Once for all workers, before they are forked."""
    if id(plan) not in _pools:
        _pools[id(plan)] = Pools(plan)
    return _pools[id(plan)]


def rows(plan: Plan, begin: int, end: int) -> Iterator[bytes]:
    pools = prepare(plan)
    throw = plan.dice("rows", begin).random
    for bug in range(begin, end):
        yield _row(plan, pools, bug, throw)


def _row(plan: Plan, pools: Pools, bug: int, throw: Callable[[], float]) -> bytes:
    created, project = plan.calendar.created[bug], plan.calendar.project[bug]
    frame, stage = plan.frames[plan.frame[bug]], plan.stage(bug)
    at = plan.place(bug)
    given = plan.texts[at : at + SLOTS]
    title, words = frame.title.fill(given), frame.words.fill(given)
    stems = frame.stems.fill(plan.stems[at : at + SLOTS])
    texts = [gapped.fill(given) if gapped else b"" for gapped in frame.texts]
    is_assigned = throw() < (0.87 if stage.moves else 0.15)
    group = plan.groups.of_bug.get(bug)
    cell = int(throw() * _CELLS)  # one throw for four pools
    return b"".join((
        plan.bug_id(bug), pools.projects[project], number(plan.calendar.number[bug]), SIZES[len(title)], title,
        *[part for text in texts for part in (SIZES[len(text)], text)],
        SIZES[len(words)], words, SIZES[len(stems)], stems, stage.columns,
        pools.kinds[cell % POOL], pools.places[project][cell // POOL % POOL], plan.release(project, created),
        pools.reporters[cell // POOL**2 % POOL], pools.teams[project][cell // POOL**3] if is_assigned else NULL,
        _day(created + 30 * DAY_MS) if stage.is_open and throw() < DUE else NULL,
        _NO_ERRORS if group is None else _errors(plan, group),
        _SMALL[frame.public], _NOTHING, _SMALL[stage.reopened], _SMALL[1 + stage.moves + is_assigned],
        moment(created), moment(stage.last), stage.times,
        moment(stage.last) if throw() < DELETED else NULL,
    ))  # fmt: skip


def _errors(plan: Plan, group: int) -> bytes:
    """error_level, error_count, user_count, last_error_at."""
    found = plan.groups
    return level(group) + number(found.reports[group]) + number(found.users[group]) + moment(found.last[group])


_FATAL, _ERROR = text("fatal"), text("error")


def level(group: int) -> bytes:
    return _ERROR if group % 8 else _FATAL


def _day(milliseconds: int) -> bytes:
    return raw(pack(">i", (milliseconds - packing.EPOCH_MS) // DAY_MS))


def comments(plan: Plan, begin: int, end: int) -> Iterator[bytes]:
    """Those of some bugs, in the order in which the frame has them: the vectors count on it."""
    throw = plan.dice("comments", begin).random
    for bug in range(begin, end):
        said = plan.frames[plan.frame[bug]].comments
        created, team = plan.calendar.created[bug], plan.cast.teams[plan.calendar.project[bug]]
        for place, (internal, body) in enumerate(said):
            at = created + int((plan.until - created) * (place + throw()) / 200) + place
            author = team[int(throw() * len(team))]
            yield b"".join((
                packing.identifier(at, plan.tail(bug * 8 + place) ^ 0xC0C0), plan.bug_id(bug), person(author),
                text(f"user:{author}"), raw(body.fill(plan.given(bug))), _YES if internal else _NO, number(1),
                moment(at), NULL, NULL,
            ))  # fmt: skip
