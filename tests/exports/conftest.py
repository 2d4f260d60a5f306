"""The cast of an export: alice may, carol reads, mallory is elsewhere."""

import pytest
from django.utils import timezone

from audit.actors import Principal
from bugs.models import Bug, Project, User
from exports import services
from exports.formats import Format


@pytest.fixture(autouse=True)
def media(settings, tmp_path):
    settings.MEDIA_ROOT = str(tmp_path)
    settings.EVENT_LISTENERS = {}
    settings.EVENT_ROUTES = {}
    return tmp_path / "exports"


@pytest.fixture
def web(transactional_db):
    return Project.objects.create(key="WEB", name="Web", number=1)


@pytest.fixture
def alice(web):
    user = User.objects.create(username="alice")
    return Principal(label=f"user:{user.pk}", user_id=user.pk, roles={web.pk: frozenset({"admin"})})


@pytest.fixture
def bugs(web):
    now = timezone.now()
    return Bug.objects.bulk_create(
        Bug(project=web, number=number, title=f"=bug {number}", created_at=now, updated_at=now)
        for number in range(1, 8)
    )


@pytest.fixture
def request_export(alice, web):
    def request(form=Format.JSON, **more):
        return services.request_export(by=alice, project_ids=[web.pk], format=form, **more)

    return request
