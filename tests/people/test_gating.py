"""The policy in the console: staff see and do there what their roles allow; the rest is as good as missing."""

from typing import Any
from uuid import uuid4

import pytest
from django.contrib import admin
from django.contrib.auth.models import Group
from django.urls import reverse
from django.utils import timezone

from audit.actors import SYSTEM
from audit.models import AccessRecord, Event
from bugs import people, services
from bugs.admin import gating
from bugs.choices import Role
from bugs.models import Bug, GroupRole, Membership, Project, SavedView, User
from bugs.services import comments

OURS = [model for model in admin.site._registry if model._meta.app_label not in ("auth", "django_celery_beat")]


def name_of(model: Any) -> str:
    return f"{model._meta.app_label}_{model._meta.model_name}"


@pytest.fixture
def staff(web: Any) -> Any:
    """Someone with a role in WEB who may enter the console."""

    def make(role: Role | None = Role.TRIAGER) -> User:
        user = User.objects.create_user("stan", is_staff=True)
        if role:
            people.join(project=web, user=user, role=role, by=SYSTEM)
        return user

    return make


@pytest.fixture
def foreign(db: None) -> Bug:
    """A bug of a project that staff of WEB are not in."""
    project = people.make_project(key="OWN", name="Their own", by=SYSTEM)
    return services.report(project_id=project.pk, by=SYSTEM, title="Not for stan")


@pytest.mark.parametrize("model", OURS, ids=name_of)
def test_every_page_of_ours_stands_behind_the_policy(model: Any, rf: Any, staff: Any) -> None:
    """Of a model whose admin forgot to ask, someone without a role would see the list."""
    request = rf.get("/")
    request.user = staff(None)
    page = admin.site._registry[model]
    assert not page.has_module_permission(request)
    assert not any(page.get_model_perms(request).values())


@pytest.mark.parametrize("model", OURS, ids=name_of)
def test_every_list_opens_for_an_operator(console: Any, bug: Any, model: Any) -> None:
    assert console.get(reverse(f"admin:{name_of(model)}_changelist")).status_code == 200


def test_staff_see_the_bugs_of_their_projects(enter_console: Any, staff: Any, bug: Any, foreign: Bug) -> None:
    page = enter_console(staff()).get(reverse("admin:bugs_bug_changelist")).content.decode()
    assert "Checkout fails" in page
    assert "Not for stan" not in page and "Their own" not in page


def test_a_foreign_bug_is_as_good_as_missing(enter_console: Any, staff: Any, bug: Any, foreign: Bug) -> None:
    browser = enter_console(staff())
    for method in ("get", "post"):
        answers = []
        for bug_id in (foreign.pk, uuid4()):
            answer = getattr(browser, method)(reverse("admin:bugs_bug_change", args=[bug_id]), {}, follow=True)
            answers.append((answer.redirect_chain, answer.content.decode().replace(str(bug_id), "ID").split("csrf")[0]))
        assert answers[0] == answers[1] and answers[0][0]


def test_a_viewer_changes_nothing(enter_console: Any, staff: Any, bug: Any) -> None:
    browser = enter_console(staff(Role.VIEWER))
    page = reverse("admin:bugs_bug_change", args=[bug.pk])
    assert browser.get(page).status_code == 200
    assert browser.post(page, {"title": "x"}).status_code == 403


def test_internal_comments_are_for_the_team(enter_console: Any, staff: Any, bug: Any) -> None:
    for body, is_internal in (("Between us", True), ("For all", False)):
        comments.add(bug.pk, body=body, is_internal=is_internal, by=SYSTEM)
    stan = staff(Role.VIEWER)
    browser, page = enter_console(stan), reverse("admin:bugs_comment_changelist")
    assert browser.get(page).context["cl"].result_count == 1
    Membership.objects.filter(user=stan).update(role=Role.TRIAGER)
    assert browser.get(page).context["cl"].result_count == 2


def test_private_views_are_their_owners(enter_console: Any, staff: Any, web: Any, join: Any) -> None:
    now = timezone.now()
    mine = {"owner": join("alice", "admin"), "created_at": now, "updated_at": now}
    SavedView.objects.create(project=web, name="Alone", q="", **mine)
    assert enter_console(staff()).get(reverse("admin:bugs_savedview_changelist")).context["cl"].result_count == 0


def test_the_filter_by_project_names_no_others(enter_console: Any, staff: Any, bug: Any, foreign: Bug) -> None:
    people.make_project(key="THIRD", name="A third one", by=SYSTEM)
    page = enter_console(staff()).get(reverse("admin:bugs_errorgroup_changelist"))
    assert "Their own" not in page.content.decode() and "A third one" not in page.content.decode()


def test_an_admin_of_a_project_runs_it_in_the_console(enter_console: Any, staff: Any, web: Any, foreign: Bug) -> None:
    browser = enter_console(staff(Role.ADMIN))
    assert browser.get(reverse("admin:bugs_project_change", args=[web.pk])).status_code == 200
    assert browser.get(reverse("admin:bugs_project_add")).status_code == 403
    assert browser.get(reverse("admin:bugs_project_change", args=[foreign.project_id])).status_code == 302


def test_staff_choose_from_people_of_their_projects(enter_console: Any, staff: Any, web: Any, join: Any) -> None:
    join("bob", "triager")
    User.objects.create_user("elsewhere")
    browser = enter_console(staff(Role.ADMIN))
    asked = {"app_label": "bugs", "model_name": "membership", "field_name": "user"}
    found = browser.get(reverse("admin:autocomplete"), asked).json()["results"]
    assert [each["text"] for each in found] == ["bob", "stan"]
    assert browser.get(reverse("admin:bugs_user_changelist")).status_code == 403


@pytest.mark.parametrize("page", ["bugs_user_changelist", "auth_group_changelist", "bugs_user_add", "auth_group_add"])
def test_people_and_groups_are_for_operators(enter_console: Any, staff: Any, page: str) -> None:
    assert enter_console(staff(Role.ADMIN)).get(reverse(f"admin:{page}")).status_code == 403


def test_an_operator_runs_a_group(console: Any, web: Any, join: Any) -> None:
    bob = join("bob", None)
    rows = {
        "User_groups-TOTAL_FORMS": 1,
        "User_groups-INITIAL_FORMS": 0,
        "User_groups-0-user": bob.pk,
        "project_roles-TOTAL_FORMS": 1,
        "project_roles-INITIAL_FORMS": 0,
        "project_roles-0-project": str(web.pk),
        "project_roles-0-role": "triager",
    }
    answer = console.post(reverse("admin:auth_group_add"), {"name": "Triage", **rows})
    assert answer.status_code == 302, answer.context["errors"]
    assert list(GroupRole.objects.values_list("group__name", "role")) == [("Triage", "triager")]
    assert list(bob.groups.values_list("name", flat=True)) == ["Triage"]
    types = Event.objects.filter(actor__startswith="user:").values_list("type", flat=True)
    assert sorted(types) == ["people_group.joined", "user.updated"]
    console.post(reverse("admin:auth_group_delete", args=[Group.objects.get().pk]), {"post": "yes"})
    assert not GroupRole.objects.exists() and Event.objects.filter(type="people_group.left").exists()


def test_what_an_operator_changes_of_a_person_is_history(console: Any, join: Any) -> None:
    bob = join("bob", None)
    values = {"username": "bob", "is_active": "on", "is_staff": "on", "email": ""}
    answer = console.post(reverse("admin:bugs_user_change", args=[bob.pk]), values)
    assert answer.status_code == 302, answer.context["errors"]
    assert Event.objects.get(type="user.updated").data == {"user_id": bob.pk, "fields": ["is_staff"]}


def test_the_trail_knows_who_looked_at_what(enter_console: Any, staff: Any, web: Any, bug: Any) -> None:
    stan = staff()
    enter_console(stan).get(reverse("admin:bugs_bug_change", args=[bug.pk]))
    record = AccessRecord.objects.get()
    assert (record.channel, record.actor, record.project_ids) == ("admin", f"user:{stan.pk}", [web.pk])


def test_nobody_is_asked_twice_who_they_are(rf: Any, staff: Any, django_assert_num_queries: Any) -> None:
    request = rf.get("/")
    request.user = staff()
    with django_assert_num_queries(1):
        gating.principal(request), gating.principal(request)
    assert Project.objects.count() == 1
