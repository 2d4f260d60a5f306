"""The rules of redaction of a project over REST: read, set, tried."""

from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import policy
from bugs.models import Project
from bugs.privacy import redaction
from bugs.selectors import privacy as selectors
from bugs.serializers import privacy as serializers
from bugs.services import privacy
from bugs.views.conventions import domain_errors
from bugs.views.projects import KEY, project_of
from config.api.problems import Problem
from config.api.schema import IF_MATCH
from config.api.views import ViewSet

_NAMES = {"switched_off": "off", "patterns": "patterns", "allow": "allow"}  # over REST, and as they are kept


class PrivacyViewSet(ViewSet):
    """What a project wants of redaction: detectors that it does not use, patterns of its own, texts that may stay."""

    queryset = Project.objects.none()
    serializer_class = serializers.PrivacySerializer
    lookup_field = "key"
    lookup_value_regex = KEY
    requires = {"retrieve": "project.read", "update": "privacy.manage", "attempt": "privacy.manage"}
    costs = {"attempt": 5}

    @extend_schema(
        summary="Read the rules of redaction",
        description="`redaction` tells how far it is that older texts are read again under them.",
    )
    def retrieve(self, request: Request, key: str) -> Response:
        return self._document(key)

    @extend_schema(
        parameters=[IF_MATCH],
        request=serializers.RulesSerializer,
        summary="Set the rules of redaction",
        description="All of them. They hold at once for what comes; what there is already is read again, later.",
    )
    def update(self, request: Request, key: str) -> Response:
        project_id = project_of(self.principal, key)
        rules = _kept(self.checked(serializers.RulesSerializer))
        with domain_errors(), rule_errors(rules):
            privacy.change(project_id, rules=rules, by=self.principal, version=self.expected_version())
        return self._document(key)

    @extend_schema(
        request=serializers.TrySerializer,
        responses=serializers.TriedSerializer,
        summary="Try rules of redaction on a text",
        description="Nothing is kept, neither the text nor the rules.",
    )
    def attempt(self, request: Request, key: str) -> Response:
        project_id = project_of(self.principal, key)
        asked = self.checked(serializers.TrySerializer)
        with domain_errors():
            policy.check(self.principal, "privacy.manage", project_id)
        rules = _kept(asked["rules"]) if "rules" in asked else selectors.kept(project_id)[0]
        with rule_errors(rules, at="/rules"):
            return Response(selectors.tried(asked["text"], rules))

    def _document(self, key: str) -> Response:
        document = _shown(project_of(self.principal, key))
        return Response(document, headers={"ETag": f'"{document["version"]}"'})


def _shown(project_id: UUID) -> dict[str, Any]:
    rules, version = selectors.kept(project_id)
    given = {field: rules.get(name, []) for field, name in _NAMES.items()}
    return {**given, "version": version, "redaction": selectors.state(project_id)}


def _kept(given: Mapping[str, Any]) -> dict[str, Any]:
    """Rules as they are kept: what is empty is left out."""
    named = {name: given[field] for field, name in _NAMES.items() if given.get(field)}
    return {name: [dict(one) if isinstance(one, dict) else one for one in values] for name, values in named.items()}


@contextmanager
def rule_errors(rules: Mapping[str, Any], *, at: str = "") -> Iterator[None]:
    """Rules that cannot be followed, as a problem that points at the one."""
    try:
        yield
    except redaction.BadRules as error:
        raise Problem(400, "invalid_rules", str(error), pointer=f"{at}{_pointer(rules, error)}") from None


def _pointer(rules: Mapping[str, Any], error: redaction.BadRules) -> str:
    field = next((given for given, kept in _NAMES.items() if kept == error.field), error.field)
    entries = [one["name"] if isinstance(one, dict) else one for one in rules.get(error.field, [])]
    places = [place for place, entry in enumerate(entries) if entry[: len(error.name)] == error.name != ""]
    return f"/{field}/{places[-1]}" if places else f"/{field}"
