"""Groups whose stacks are much like that of a new one."""

import random
from dataclasses import replace
from datetime import UTC, datetime
from uuid import UUID, uuid4

import pytest

from audit.identifiers import uuid7
from bench.quality.ways import Memory
from bugs.ingest import grouping
from bugs.ingest.digest import similar
from bugs.ingest.grouping import similarity
from bugs.ingest.reading.normalize import normalize
from bugs.models import ErrorGroup, GroupFrame, Project

NOW = datetime(2026, 5, 1, 12, tzinfo=UTC)
REPORT = normalize({}, received_at=NOW)
STACK = ["main", "serve", "checkout", "pay", "charge", "sign"]


def identity(functions=STACK, *, kind="ValueError", library=(), **more):
    frames = [{"module": "shop", "function": name, "in_app": name not in library} for name in functions]
    return grouping.group(replace(REPORT, exception_type=kind, frames=frames, **more))


@pytest.fixture
def known(project):
    """A group with STACK."""
    group_id = uuid7()
    similar.remember(project.pk, group_id, identity())
    return group_id


def test_a_stack_with_a_wrapper_is_alike(project, known):
    found = similar.find(project.pk, identity([*STACK[:4], "wrap", *STACK[4:]]))
    assert found.group_id == known
    assert similarity.THRESHOLD <= found.similarity < 1


def test_a_stack_with_little_in_common_is_not(project, known):
    assert similar.find(project.pk, identity(["main", "serve", "search", "rank", "score"])) is None


def test_another_function_below_the_same_callers_is_another_problem(project, known):
    assert similar.find(project.pk, identity([*STACK[:-1], "verify"])) is None


def test_a_library_s_frame_on_top_makes_no_difference(project, known):
    wrapped = identity([*STACK[:3], "wrap", *STACK[3:], "check_index"], library=["check_index"])
    assert similar.find(project.pk, wrapped).group_id == known


def test_another_exception_at_the_same_place_is_another_problem(project, known):
    assert similar.find(project.pk, identity([*STACK, "wrap"], kind="KeyError")) is None


def test_groups_of_other_projects_are_not_seen(project, known):
    other = Project.objects.create(number=8, key="APP", name="App")
    assert similar.find(other.pk, identity([*STACK, "wrap"])) is None


@pytest.mark.parametrize("more", [{"fingerprint": ["mine"]}, {"frames": []}])
def test_where_no_stack_decided_none_is_alike_or_remembered(project, known, more):
    wanted = identity(**more) if "frames" not in more else grouping.group(replace(REPORT, exception_type="ValueError"))
    similar.remember(project.pk, uuid7(), wanted)
    assert GroupFrame.objects.exclude(group_id=known).count() == 0
    assert similar.find(project.pk, wanted) is None


def test_in_a_young_project_a_common_framework_makes_no_two_problems_one(project):
    framework = [f"run{letter}" for letter in "abcdefghij"]
    similar.remember(project.pk, uuid7(), identity([*framework, "pay", "sign"], library=framework))
    assert similar.find(project.pk, identity([*framework, "draw", "fill"], library=framework)) is None


def test_of_several_the_most_alike_is_found(project, known):
    closer = uuid7()
    similar.remember(project.pk, closer, identity([*STACK, "wrap"]))
    assert similar.find(project.pk, identity([*STACK, "wrap", "trace"])).group_id == closer


def test_of_equals_the_oldest_is_found(project, known):
    similar.remember(project.pk, uuid7(), identity())
    assert similar.find(project.pk, identity([*STACK, "wrap"])).group_id == known


def test_to_remember_twice_changes_nothing(project, known):
    before = GroupFrame.objects.count()
    similar.remember(project.pk, known, identity())
    assert GroupFrame.objects.count() == before == len(STACK)


def test_a_look_costs_at_most_five_statements(project, known, django_assert_max_num_queries):
    for number in range(30):
        similar.remember(project.pk, uuid7(), identity([*STACK[:3], f"step{number}", *STACK[4:]]))
    with django_assert_max_num_queries(5):
        similar.find(project.pk, identity([*STACK, "wrap"]))


def test_a_frame_that_every_group_has_leads_to_a_bounded_number_of_them(project, monkeypatch):
    monkeypatch.setattr(similarity, "POSTINGS_MAX", 3)
    groups = [uuid7() for _ in range(5)]
    for group_id in groups:
        similar.remember(project.pk, group_id, identity())
    frames = similar._Frames(project.pk)
    found = frames.holders({similarity.hashed("shop in pay"): 1.0}, similarity.kind("ValueError"))
    assert sorted(found) == sorted(groups[-3:])


def test_the_simulation_in_memory_finds_what_the_tables_find(project):
    chance, memory = random.Random(3), Memory()
    steps = [f"step{number}" for number in range(25)]
    bases = [chance.sample(steps, 8) for _ in range(12)]
    attached = 0
    for _ in range(120):
        functions = list(chance.choice(bases))
        functions[chance.randrange(8)] = chance.choice(steps)
        one = identity(functions, kind=chance.choice(["A", "B"]), library=steps[:8])
        group_id = _created(project, one)
        stack = similarity.stack(one.outline, one.own)
        found = similar.find(project.pk, one)
        assert found == similarity.find(memory, stack, one.kind)
        similar.remember(project.pk, group_id, one)
        memory.remember(group_id, stack, similarity.kind(one.kind))
        attached += found is not None
    assert 20 < attached < 110


def _created(project: Project, one: grouping.Grouping) -> UUID:
    """The digest makes the row of a group before it looks for similar ones."""
    return ErrorGroup.objects.create(
        project=project,
        fingerprint=uuid4().hex,
        grouping=one.reason,
        title=one.title,
        first_seen_at=NOW,
        last_seen_at=NOW,
    ).pk
