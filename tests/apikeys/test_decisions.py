"""One list of rules: for refusing, for explaining, and for what really happens."""

from itertools import product
from typing import Any
from uuid import UUID, uuid4

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from apikeys import decisions, networks
from apikeys.decisions import Question
from audit.actors import PERMISSIONS, Principal
from bugs import policy
from bugs.choices import Role

ONE, TWO = UUID(int=1), UUID(int=2)
ROLES = sorted(Role.values)
OPERATIONS = ["bugs_list", "bugs_create", "exports_create"]


def principal(**fields: Any) -> Principal:
    return Principal(label="key:x", **fields)


def passed(**fields: Any) -> dict[str, bool]:
    return {rule.name: rule.passed for rule in decisions.explain(Question(**fields))}


@pytest.mark.parametrize("role", ROLES)
@pytest.mark.parametrize("ceiling", ["", *ROLES])
def test_the_table_of_rights(role: str, ceiling: str) -> None:
    """role x ceiling x permission x endpoints x project x action, against what is written out here anew."""
    for action, (permission, allowed) in policy.ACTIONS.items():
        for has, bound, project in product(
            [frozenset(), frozenset({permission}), PERMISSIONS], [True, False], [ONE, TWO, None]
        ):
            who = principal(
                roles={ONE: frozenset({role})},
                permissions=has,
                ceiling=ceiling,
                endpoints=("bugs_list",) if bound else (),
            )
            for operation in OPERATIONS:
                expected = (
                    (operation == "bugs_list" or not bound)
                    and permission in has
                    and role in allowed
                    and (not ceiling or ceiling in allowed)
                    and project != TWO
                )
                refused = decisions.refusal(Question(who, operation, action, project=project))
                assert (refused is None) == expected, (role, ceiling, action, operation, project)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow])
@given(
    st.dictionaries(st.sampled_from([ONE, TWO]), st.frozensets(st.sampled_from(ROLES))),
    st.frozensets(st.sampled_from(sorted(PERMISSIONS))),
    st.sampled_from(["", *ROLES]),
    st.sampled_from([*policy.ACTIONS, "no.such"]),
)
def test_a_call_is_allowed_where_the_policy_has_a_project_for_it(
    roles: dict[UUID, frozenset[str]], permissions: frozenset[str], ceiling: str, action: str
) -> None:
    who = principal(roles=roles, permissions=permissions, ceiling=ceiling)
    allowed = decisions.refusal(Question(who, "any", action)) is None
    assert allowed == bool(policy.projects(who, action))
    for project in (ONE, TWO):
        there = decisions.refusal(Question(who, "any", action, project=project)) is None
        assert there == policy.allows(who, action, project)


@settings(deadline=None)
@given(st.booleans(), st.booleans(), st.booleans(), st.booleans(), st.booleans())
def test_the_first_rule_that_fails_decides(live: bool, near: bool, bound: bool, may: bool, chosen: bool) -> None:
    question = Question(
        principal(
            roles={ONE: frozenset({"viewer"})},
            permissions=frozenset({"read"}) if may else frozenset(),
            endpoints=("bugs_*",) if bound else ("exports_*",),
            networks=(networks.read("10.0.0.0/8"),),
        ),
        "bugs_list",
        "bug.read",
        project=ONE,
        address="10.0.0.1" if near else "192.0.2.7",
        ended="" if live else "The key is revoked.",
        chosen=frozenset({ONE if chosen else TWO}),
    )
    rules = decisions.explain(question)
    failed = [rule for rule in rules if not rule.passed]
    assert tuple(rule.name for rule in rules) == decisions.RULES
    assert decisions.refusal(question) == (failed[0] if failed else None)
    assert all(rule.text for rule in rules)


def test_an_unknown_action_is_refused() -> None:
    who = principal(roles={ONE: frozenset({"admin"})})
    assert decisions.refusal(Question(who, "bugs_list", "no.such")) is not None
    assert decisions.refusal(Question(who, "bugs_list", "")) is not None


def test_a_socket_needs_its_endpoint_alone() -> None:
    assert decisions.refusal(Question(principal(permissions=frozenset()), "stream_connect", None)) is None
    assert decisions.refusal(Question(principal(endpoints=("bugs_*",)), "stream_connect", None)) is not None


def test_a_project_that_the_key_is_not_for_is_its_own_rule() -> None:
    who = principal(roles=dict.fromkeys([ONE, TWO], frozenset({"admin"})))
    found = passed(principal=who, operation="bugs_list", action="bug.read", project=TWO, chosen=frozenset({ONE}))
    assert [name for name, is_passed in found.items() if not is_passed] == ["project"]


def test_roles_in_projects_that_the_key_is_not_for_do_not_count() -> None:
    who = principal(roles={ONE: frozenset({"viewer"}), TWO: frozenset({"admin"})})
    found = passed(principal=who, operation="bugs_destroy", action="bug.delete", chosen=frozenset({ONE}))
    assert [name for name, is_passed in found.items() if not is_passed] == ["role"]


def test_no_sentence_tells_of_the_project_by_its_id() -> None:
    project = uuid4()
    who = principal(roles={project: frozenset({"viewer", "triager"})})
    rules = decisions.explain(Question(who, "bugs_list", "bug.delete", project=project))
    assert rules[-1].text == "The owner is triager and viewer in this project, which does not allow this."
