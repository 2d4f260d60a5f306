"""How bugs stand to each other, over REST: links, what is related, merges and their undo."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import orjson
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from audit.actors import Principal
from bugs import selectors
from bugs.choices import LinkKind
from bugs.models import BugLink
from bugs.selectors import related
from bugs.serializers import relations as serializers
from bugs.serializers.bugs import BugSerializer
from bugs.services import links, merges
from bugs.services.rows import NotThere
from bugs.views.comments import BUG, UUID_PATTERN
from bugs.views.conventions import domain_errors, found
from config.api.problems import Problem
from config.api.schema import IF_MATCH
from config.api.views import ViewSet

LINK = OpenApiParameter("id", OpenApiTypes.UUID, OpenApiParameter.PATH)


class LinkViewSet(ViewSet):
    """Links of one bug to others. They say what this bug does to the other."""

    queryset = BugLink.objects.none()
    serializer_class = serializers.LinkSerializer
    lookup_value_regex = UUID_PATTERN
    requires = {"create": "bug.edit", "destroy": "bug.edit"}

    @extend_schema(
        parameters=[BUG],
        request=serializers.NewLinkSerializer,
        responses={201: serializers.LinkSerializer},
        summary="Link a bug to another",
        description="The other bug may be of any project that the caller sees. No bug blocks itself through others.",
    )
    def create(self, request: Request, bug: str) -> Response:
        asked = self.checked(serializers.NewLinkSerializer)
        bug_id = found(self.principal, bug)
        with domain_errors(), _link_errors():
            to = _other(self.principal, asked["to"])
            link = links.add(bug_id, target_id=to, kind=LinkKind(asked["kind"]), by=self.principal)
        body = {"id": link.pk, "source": bug_id, "target": to, "kind": link.kind, "created_at": link.created_at}
        return Response(body, status=201)

    @extend_schema(parameters=[BUG, LINK], summary="Take a link away")
    def destroy(self, request: Request, bug: str, pk: str) -> Response:
        with domain_errors():
            links.remove(found(self.principal, bug), link_id=UUID(pk), by=self.principal)
        return Response(status=204)


class RelatedViewSet(ViewSet):
    """The bugs that one bug is linked to, was merged into, or took in."""

    queryset = BugLink.objects.none()
    serializer_class = serializers.RelatedListSerializer
    requires = {"retrieve": "bug.read"}

    @extend_schema(
        parameters=[BUG],
        responses=serializers.RelatedListSerializer,
        summary="List related bugs",
        description=f"The newest {related.MAX_RELATED} at most, as far as the caller may see them.",
    )
    def retrieve(self, request: Request, bug: str) -> Response:
        texts = related.documents(found(self.principal, bug), principal=self.principal, limit=related.MAX_RELATED)
        return Response({"results": [orjson.Fragment(text) for text in texts]})


class MergeViewSet(ViewSet):
    """One bug becomes another, and itself again."""

    queryset = BugLink.objects.none()
    serializer_class = BugSerializer
    requires = {"merge": "bug.edit", "unmerge": "bug.edit"}

    @extend_schema(
        parameters=[BUG, IF_MATCH],
        request=serializers.MergeSerializer,
        responses=BugSerializer,
        summary="Merge a bug into another",
        description="It is resolved as a duplicate; its errors and watchers go to the other. Within one project.",
    )
    def merge(self, request: Request, bug: str) -> Response:
        into = self.checked(serializers.MergeSerializer)["into"]
        bug_id = found(self.principal, bug)
        with domain_errors(), _merge_errors():
            target = _other(self.principal, into)
            merges.merge(bug_id, into=target, by=self.principal, version=self.expected_version())
        return self._bug(bug_id)

    @extend_schema(
        parameters=[BUG, IF_MATCH],
        request=None,
        responses=BugSerializer,
        summary="Undo a merge",
        description="It is as it was before, with its errors and what they have counted since.",
    )
    def unmerge(self, request: Request, bug: str) -> Response:
        bug_id = found(self.principal, bug)
        with domain_errors(), _merge_errors():
            merges.undo(bug_id, by=self.principal, version=self.expected_version())
        return self._bug(bug_id)

    def _bug(self, bug_id: UUID) -> Response:
        text = selectors.documents_of([bug_id])[0]
        return self.versioned(text.encode(), orjson.loads(text)["version"])


class _UnknownBug(Exception):
    """The body names a bug that is not there."""


def _other(principal: Principal, name: str) -> UUID:
    bug_id = selectors.find(principal, name)
    if bug_id is None:
        raise _UnknownBug
    return bug_id


def _unknown(pointer: str) -> Problem:
    return Problem(400, "unknown_bug", "There is no such bug, or it is not yours to see.", pointer=pointer)


@contextmanager
def _link_errors() -> Iterator[None]:
    """What is wrong with a link, as problems."""
    try:
        yield
    except (_UnknownBug, NotThere):
        raise _unknown("/to") from None
    except links.LinkToItself:
        raise Problem(400, "link_to_itself", "A bug is not linked to itself.", pointer="/to") from None
    except links.Circle:
        detail = "The other bug already stands so to this one, directly or through others."
        raise Problem(409, "link_circle", detail, pointer="/to") from None
    except links.AlreadyLinked:
        raise Problem(409, "link_exists", "These bugs are linked so already.", pointer="/to") from None
    except links.TooMany:
        detail = f"A bug has {links.MAX_LINKS} links at most."
        raise Problem(409, "too_many_links", detail, pointer="/to") from None


@contextmanager
def _merge_errors() -> Iterator[None]:
    """What is wrong with a merge or its undo, as problems."""
    try:
        yield
    except _UnknownBug:
        raise _unknown("/into") from None
    except merges.Unmergeable as error:
        status = 400 if error.code in ("merge_into_itself", "unknown_bug") else 409
        raise Problem(status, error.code, str(error), pointer="/into") from None
    except merges.CannotUndo as error:
        raise Problem(409, error.code, str(error)) from None
