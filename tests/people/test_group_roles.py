"""Groups have roles in projects, and their people have them as well as their own."""

from typing import Any
from uuid import UUID

import pytest
from django.contrib.auth.models import Group
from hypothesis import given
from hypothesis import strategies as st

from audit.actors import NO_ROLE, SYSTEM, Principal
from audit.models import Event
from bugs import people, policy, selectors, services
from bugs.choices import Role
from bugs.models import GroupRole, Membership

GROUPS, MEMBERS = "/api/v1/projects/WEB/groups/", "/api/v1/projects/WEB/members/"


@pytest.fixture
def triage(people_of_web: dict[str, Any]) -> Group:
    """Mallory and bob are in it."""
    group = Group.objects.create(name="Triage")
    for name in ("mallory", "bob"):
        people.enter(group, people_of_web[name], by=SYSTEM)
    return group


def code(answer: Any) -> tuple[int, str]:
    return answer.status_code, answer.json()["code"]


def test_who_is_in_a_group_sees_what_the_group_may_see(api: Any, web: Any, bug: Any, triage: Group) -> None:
    assert api("mallory").get(f"/api/v1/bugs/{bug.pk}/").status_code == 403
    api("alice").post(GROUPS, {"name": "Triage", "role": "viewer"})
    assert api("mallory").get(f"/api/v1/bugs/{bug.pk}/").status_code == 200


def test_roles_add_up(as_principal: Any, web: Any, triage: Group) -> None:
    people.join_as_group(project=web, group=triage, role=Role.EXPORTER, by=SYSTEM)
    bob = as_principal("bob")
    assert bob.roles == {web.pk: frozenset({"triager", "exporter"})}
    assert policy.allows(bob, "export.create", web.pk) and policy.allows(bob, "bug.edit", web.pk)
    assert not policy.allows(bob, "project.manage", web.pk)


@given(st.sets(st.sampled_from(Role.values)), st.sampled_from(sorted(policy.ACTIONS)))
def test_what_one_role_allows_is_allowed_and_nothing_else(roles: set[str], action: str) -> None:
    project = UUID(int=1)
    together = Principal(label="user:1", roles={project: frozenset(roles)})
    alone = [Principal(label="user:1", roles={project: frozenset({role})}) for role in roles]
    expected = any(policy.allows(each, action, project) for each in alone)
    assert policy.allows(together, action, project) is expected
    assert list(policy.projects(together, action)) == ([project] if expected else [])


@given(st.sets(st.sampled_from(Role.values)), st.sets(st.sampled_from(Role.values)))
def test_a_second_role_takes_nothing_away(some: set[str], more: set[str]) -> None:
    project = UUID(int=1)
    few, many = (Principal(label="user:1", roles={project: frozenset(each)}) for each in (some, some | more))
    assert all(policy.allows(many, each, project) for each in policy.ACTIONS if policy.allows(few, each, project))


def test_roles_are_told_as_sets() -> None:
    with pytest.raises(TypeError):
        Principal(label="user:1", roles={UUID(int=1): "admin"})  # type: ignore[dict-item]
    assert Principal(label="user:1").roles_in(UUID(int=1)) is NO_ROLE


def test_roles_are_read_in_one_statement(
    web: Any, triage: Group, people_of_web: Any, django_assert_num_queries: Any
) -> None:
    with django_assert_num_queries(1):
        selectors.roles_of(people_of_web["bob"])


def test_leaving_the_group_ends_it_at_once(api: Any, web: Any, bug: Any, triage: Group, people_of_web: Any) -> None:
    from apikeys import authentication

    people.join_as_group(project=web, group=triage, role=Role.VIEWER, by=SYSTEM)
    mallory = api("mallory")
    assert mallory.get(f"/api/v1/bugs/{bug.pk}/").status_code == 200
    people.step_out(triage, people_of_web["mallory"], by=SYSTEM)
    authentication.forget()  # which is what a second does
    assert mallory.get(f"/api/v1/bugs/{bug.pk}/").status_code == 403


def test_bugs_are_assigned_to_people_of_groups(web: Any, bug: Any, triage: Group, people_of_web: Any) -> None:
    with pytest.raises(services.NotAMember):
        services.assign(bug.pk, assignee=people_of_web["mallory"], by=SYSTEM)
    people.join_as_group(project=web, group=triage, role=Role.TRIAGER, by=SYSTEM)
    services.assign(bug.pk, assignee=people_of_web["mallory"], by=SYSTEM)


def test_members_show_where_their_roles_come_from(api: Any, web: Any, triage: Group) -> None:
    people.join_as_group(project=web, group=triage, role=Role.EXPORTER, by=SYSTEM)
    through = [{"group": "Triage", "role": "exporter"}]
    assert api("carol").get(MEMBERS).json()["results"] == [
        {"username": "alice", "role": "admin", "groups": []},
        {"username": "bob", "role": "triager", "groups": through},
        {"username": "carol", "role": "viewer", "groups": []},
        {"username": "mallory", "role": None, "groups": through},
    ]


def test_a_project_tells_all_roles_of_the_caller(api: Any, web: Any, triage: Group) -> None:
    people.join_as_group(project=web, group=triage, role=Role.EXPORTER, by=SYSTEM)
    project = api("bob").get("/api/v1/projects/WEB/").json()
    assert (project["role"], project["roles"]) == ("exporter", ["triager", "exporter"])


def test_groups_are_added_changed_and_taken_out(api: Any, web: Any, triage: Group) -> None:
    client = api("alice")
    made = client.post(GROUPS, {"name": "Triage", "role": "viewer"}).json()
    assert made == {"id": made["id"], "name": "Triage", "role": "viewer"}
    assert client.patch(f"{GROUPS}{made['id']}/", {"role": "triager"}).json()["role"] == "triager"
    assert client.get(GROUPS).json()["results"] == [{**made, "role": "triager"}]
    assert client.delete(f"{GROUPS}{made['id']}/").status_code == 204
    types = Event.objects.filter(actor__startswith="key:").order_by("seq").values_list("type", flat=True)
    assert list(types) == ["people_group.joined", "people_group.joined", "people_group.left"]


def test_what_is_refused_of_groups(api: Any, web: Any, triage: Group) -> None:
    client = api("alice")
    client.post(GROUPS, {"name": "Triage", "role": "admin"})
    given_role = GroupRole.objects.get()
    assert code(client.post(GROUPS, {"name": "Triage", "role": "viewer"})) == (409, "already_a_member")
    assert code(client.post(GROUPS, {"name": "None", "role": "viewer"})) == (400, "unknown_people_group")
    assert code(client.patch(f"{MEMBERS}mallory/", {"role": "viewer"})) == (409, "no_own_role")
    assert code(api("carol").delete(f"{GROUPS}{given_role.pk}/")) == (403, "role_missing")


def test_a_group_may_be_the_admin_that_a_project_keeps(api: Any, web: Any, triage: Group, people_of_web: Any) -> None:
    people.join_as_group(project=web, group=triage, role=Role.ADMIN, by=SYSTEM)
    bob, given_role = api("bob"), GroupRole.objects.get()
    assert bob.delete(f"{MEMBERS}alice/").status_code == 204
    assert code(bob.patch(f"{GROUPS}{given_role.pk}/", {"role": "viewer"})) == (409, "last_admin")
    assert code(bob.delete(f"{GROUPS}{given_role.pk}/")) == (409, "last_admin")
    assert not Membership.objects.filter(user=people_of_web["alice"]).exists()


def test_a_disbanded_group_leaves_its_projects(web: Any, triage: Group, as_principal: Any) -> None:
    people.join_as_group(project=web, group=triage, role=Role.VIEWER, by=SYSTEM)
    people.disband(triage, by=SYSTEM)
    assert as_principal("mallory").roles == {} and not GroupRole.objects.exists()
    assert Event.objects.filter(type="people_group.left").count() == 1
