"""Keys over REST: issue, list, change, rotate, revoke, ask why, and what a credential says of itself."""

from collections.abc import Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any
from uuid import UUID

from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from apikeys import documents, operations, questions, selectors, serializers, services
from apikeys.models import ApiKey
from audit import access
from bugs import selectors as projects
from config.api.pagination import paginate
from config.api.problems import Problem, not_found, unknown_project
from config.api.views import ViewSet

ID = OpenApiParameter("id", UUID, OpenApiParameter.PATH)
MANAGE = "key.manage"


class ApiKeyViewSet(ViewSet):
    """API keys of the caller."""

    queryset = ApiKey.objects.none()
    serializer_class = serializers.KeySerializer
    filter_backends = []
    lookup_value_regex = "[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}"
    requires = {
        **dict.fromkeys(["list", "create", "retrieve", "partial_update", "rotate", "revoke", "why"], MANAGE),
        "who": "self.read",
    }
    shows_secret = frozenset({"create", "rotate"})
    cannot_rehearse = frozenset({"why"})

    @extend_schema(responses=serializers.KeySerializer(many=True), summary="Your keys")
    def list(self, request: Request) -> Response:
        return paginate(request, selectors.keys_for(self.principal), render=lambda rows, _: documents.of_keys(rows))

    @extend_schema(
        request=serializers.NewKeySerializer,
        responses={201: serializers.IssuedKeySerializer},
        summary="Issue a key",
        description="The answer shows its secret, this once. What is not given is as the caller has it.",
    )
    def create(self, request: Request) -> Response:
        wanted = self.checked(serializers.NewKeySerializer)
        project_ids = self._projects(wanted.pop("projects", None))
        with _refusals():
            key, secret = services.issue(
                owner_id=self.principal.user_id, by=self.principal, project_ids=project_ids, **wanted
            )
        return Response({**self._shown(key.pk), "key": secret}, status=201)

    @extend_schema(parameters=[ID], summary="Read one of your keys")
    def retrieve(self, request: Request, pk: str) -> Response:
        return Response(documents.of_keys([self._found(pk)])[0])

    @extend_schema(
        parameters=[ID],
        request=serializers.KeyChangesSerializer,
        responses=serializers.KeySerializer,
        summary="Change a key's name, endpoints, networks or limits",
    )
    def partial_update(self, request: Request, pk: str) -> Response:
        changes = self.checked(serializers.KeyChangesSerializer, partial=True)
        with _refusals():
            key = services.update(self._found(pk).pk, by=self.principal, changes=changes)
        return Response(self._shown(key.pk))

    @extend_schema(
        parameters=[ID],
        request=serializers.KeyRotationSerializer,
        responses={201: serializers.IssuedKeySerializer},
        summary="Give a key a successor with another secret",
        description="The old key stays valid for `overlap` seconds; `uses_since_replaced` tells who still has it.",
    )
    @action(detail=True, methods=["post"])
    def rotate(self, request: Request, pk: str) -> Response:
        overlap = timedelta(seconds=self.checked(serializers.KeyRotationSerializer)["overlap"])
        with _refusals():
            key, secret = services.rotate(self._found(pk).pk, by=self.principal, overlap=overlap)
        return Response({**self._shown(key.pk), "key": secret}, status=201)

    @extend_schema(parameters=[ID], request=serializers.KeyRevocationSerializer, summary="Revoke a key for good")
    @action(detail=True, methods=["post"])
    def revoke(self, request: Request, pk: str) -> Response:
        reason = self.checked(serializers.KeyRevocationSerializer)["reason"]
        key = services.revoke(self._found(pk).pk, by=self.principal, reason=reason)
        return Response(self._shown(key.pk))

    @extend_schema(
        parameters=[ID],
        request=serializers.KeyQuestionSerializer,
        responses=serializers.KeyAnswerSerializer,
        summary="Would this call be allowed with this key, and which rule says so",
    )
    @action(detail=True, methods=["post"])
    def why(self, request: Request, pk: str) -> Response:
        key, asked = self._found(pk), self.checked(serializers.KeyQuestionSerializer)
        names = {name: asked[name] for name in ("operation", "method", "path") if name in asked}
        found = self._projects([asked["project"]] if "project" in asked else None, pointer="/project")
        with _refusals():
            operation = questions.operation_of(**names)
        answer = questions.ask(key, operation, project=found[0] if found else None, address=asked.get("ip"))
        return Response(_answered(answer))

    @extend_schema(responses=serializers.CallerSerializer, summary="What the calling credential is and may")
    @action(detail=False, url_path="self")
    def who(self, request: Request) -> Response:
        return Response(documents.of_caller(self.principal))

    def _found(self, pk: str) -> ApiKey:
        key = selectors.keys_for(self.principal).select_related("owner").filter(pk=UUID(pk)).first()
        if key is None:
            raise not_found()
        access.of(self.request._request).target = f"key:{key.pk}"
        return key

    def _shown(self, key_id: UUID) -> dict[str, Any]:
        return documents.of_keys(selectors.keys_for(self.principal).filter(pk=key_id))[0]

    def _projects(self, keys: Any, *, pointer: str = "/projects") -> Any:
        """The ids of projects by their keys; None when none were named."""
        if keys is None:
            return None
        found = [projects.project_by_key(self.principal, key) for key in keys]
        if None in found:
            raise unknown_project(pointer)
        return found


def _answered(answer: questions.Answer) -> dict[str, Any]:
    return {
        "allowed": answer.decides is None,
        "operation": answer.operation,
        "rule": answer.decides.name if answer.decides else None,
        "detail": answer.decides.text if answer.decides else "Every rule allows it.",
        "rules": [{"rule": rule.name, "passed": rule.passed, "detail": rule.text} for rule in answer.rules],
    }


@contextmanager
def _refusals() -> Iterator[None]:
    """What services refuse, as problems."""
    try:
        yield
    except services.TooMuch as error:
        raise Problem(403, "more_than_you_have", str(error), pointer=error.pointer) from None
    except services.TooManyKeys as error:
        raise Problem(409, "too_many_keys", str(error)) from None
    except services.Ended as error:
        raise Problem(409, "key_ended", str(error)) from None
    except operations.UnknownOperation as error:
        raise Problem(400, "unknown_operation", str(error), pointer="/operation") from None
