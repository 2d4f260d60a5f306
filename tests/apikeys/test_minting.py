"""Nobody makes a key that is stronger than they are."""

from typing import Any
from uuid import UUID

import pytest
from hypothesis import HealthCheck, assume, given, settings
from hypothesis import strategies as st

from apikeys import decisions, minting, networks
from apikeys.decisions import Question
from apikeys.minting import Bounds, TooMuch
from audit.actors import PERMISSIONS, SYSTEM, Principal
from bugs import policy
from bugs.choices import Role

PROJECTS = [UUID(int=number) for number in (1, 2, 3)]
ROLES = sorted(Role.values)
PATTERNS = ["*", "bugs_*", "bugs_list", "bugs_r*", "exports_*"]
NETWORKS = [networks.read(text) for text in ("10.0.0.0/8", "10.1.0.0/16", "10.1.2.3", "2001:db8::/32")]
ADDRESSES = ["10.0.0.1", "10.1.0.1", "10.1.2.3", "2001:db8::1", "192.0.2.7"]
OPERATIONS = ["bugs_list", "bugs_retrieve", "bugs_create", "exports_create"]
MOST = (1000, 10_000, 100_000)

limits = st.tuples(*(st.integers(1, most + 1) for most in MOST))
bounds = st.builds(
    Bounds,
    permissions=st.frozensets(st.sampled_from(sorted(PERMISSIONS))),
    role=st.sampled_from(["", *ROLES]),
    endpoints=st.lists(st.sampled_from(PATTERNS), max_size=2).map(tuple),
    networks=st.lists(st.sampled_from(NETWORKS), max_size=2).map(tuple),
    projects=st.frozensets(st.sampled_from(PROJECTS), max_size=2),
    limits=limits,
)
owners = st.dictionaries(st.sampled_from(PROJECTS), st.frozensets(st.sampled_from(ROLES), min_size=1), min_size=1)


def as_key(bound: Bounds, roles: dict[UUID, frozenset[str]]) -> Principal:
    """Whoever holds a key with these bounds, of an owner with these roles."""
    chosen = bound.projects or frozenset(roles)
    return Principal(
        label="key:x",
        key_id=UUID(int=9),
        roles={project: has for project, has in roles.items() if project in chosen},
        permissions=bound.permissions,
        ceiling=bound.role,
        endpoints=bound.endpoints,
        networks=bound.networks,
        rate_limits=bound.limits,
    )


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(bounds, bounds, owners, st.sampled_from(sorted(policy.ACTIONS)))
def test_what_a_made_key_may_its_maker_may(
    own: Bounds, wanted: Bounds, roles: dict[UUID, frozenset[str]], action: str
) -> None:
    maker = as_key(own, roles)
    try:
        minting.check(wanted, by=maker, own=own, most=MOST)
    except TooMuch:
        assume(False)
    made = as_key(wanted, roles)
    for operation in OPERATIONS:
        for project in PROJECTS:
            for address in ADDRESSES:
                allowed, of_maker = (
                    decisions.refusal(Question(who, operation, action, project=project, address=address)) is None
                    for who in (made, maker)
                )
                assert not allowed or of_maker
    assert all(mine <= its for mine, its in zip(wanted.limits, own.limits, strict=True))


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(bounds, owners)
def test_a_key_may_make_its_equal(own: Bounds, roles: dict[UUID, frozenset[str]]) -> None:
    maker = as_key(own, roles)
    held = frozenset(role for has in maker.roles.values() for role in has)
    within = all(not allowed.isdisjoint(held) for _, allowed in policy.ACTIONS.values() if own.role in allowed)
    assume(within and own.projects <= set(maker.roles) and all(map(int.__le__, own.limits, MOST)))
    minting.check(own, by=maker, own=own, most=MOST)


@settings(deadline=None, suppress_health_check=[HealthCheck.too_slow, HealthCheck.filter_too_much])
@given(bounds)
def test_the_system_makes_any_key(wanted: Bounds) -> None:
    minting.check(wanted, by=SYSTEM, own=None, most=(1, 1, 1))


CAROL = Principal(label="user:3", user_id=3, roles={PROJECTS[0]: frozenset({"viewer"})})
PLAIN = Bounds(frozenset({"read"}), "", (), (), frozenset(), (1, 1, 1))


@pytest.mark.parametrize(
    ("changed", "pointer"),
    [
        ({"role": "admin"}, "/role"),
        ({"role": "reporter"}, "/role"),
        ({"projects": frozenset({PROJECTS[1]})}, "/projects"),
        ({"limits": (1001, 1, 1)}, "/rate_limits/requests_per_minute"),
        ({"limits": (1, 1, 100_001)}, "/rate_limits/requests_per_day"),
    ],
)
def test_a_person_is_told_what_is_too_much(changed: dict[str, Any], pointer: str) -> None:
    from dataclasses import replace

    with pytest.raises(TooMuch) as refused:
        minting.check(replace(PLAIN, **changed), by=CAROL, own=None, most=MOST)
    assert refused.value.pointer == pointer


def test_a_person_may_bind_a_key_to_a_role_within_their_own() -> None:
    from dataclasses import replace

    minting.check(replace(PLAIN, role="viewer"), by=CAROL, own=None, most=MOST)
    bob = Principal(label="user:2", user_id=2, roles={PROJECTS[0]: frozenset({"triager"})})
    minting.check(replace(PLAIN, role="reporter"), by=bob, own=None, most=MOST)
    with pytest.raises(TooMuch):
        minting.check(replace(PLAIN, role="exporter"), by=bob, own=None, most=MOST)
