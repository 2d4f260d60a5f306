"""The trail over REST: lists, the pull for a SIEM, proofs, and whether all is as it was sealed."""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, cast
from urllib.parse import urlencode
from uuid import UUID

from django.conf import settings
from django.db.models import QuerySet
from django_filters import utils
from drf_spectacular.utils import extend_schema
from rest_framework.decorators import action
from rest_framework.request import Request
from rest_framework.response import Response

from audit import access, chains, filters, persons, proofs, pulling, scans, scopes, seals, serializers, signing
from audit import verification as checking
from audit.models import AccessRecord, Event, Seal
from audit.rendering import NDJSONRenderer
from config.api.pagination import paginate
from config.api.problems import Problem, not_found
from config.api.rendering import JSONRenderer
from config.api.views import ViewSet, identifier

LOG_BYTES = 4 * 1024 * 1024  # of the seal log that a call reads, from its end
_PULL = (
    "With `Accept: application/x-ndjson` (or `format=ndjson`) oldest first, for a SIEM: one record to a line, each "
    f"with its `cursor`, at most {pulling.LINES_MAX} (`limit`). The header `Next-Cursor` says where to go on, also "
    "when there was no line. Nothing is left out or repeated; records come some moments after their calls."
)
COLUMNS = list(serializers.AccessSerializer().fields)
EVENT_COLUMNS = list(serializers.EventSerializer().fields)


class Trail(ViewSet):
    """Lists of the trail: filtered, bounded, newest first."""

    lookup_value_regex = "[0-9a-f-]{36}"
    filterset_class: type[filters.TrailFilter]

    def filtered(self, rows: QuerySet[Any]) -> tuple[QuerySet[Any], dict[str, Any]]:
        """The rows that the parameters ask for, and which of these an index answers."""
        found = self.filterset_class(self.request.query_params, queryset=rows, request=self.request)
        if not found.is_valid():
            raise cast(Exception, utils.translate_validation(found.errors))
        return found.qs, found.bounds()

    def proven(self, chain: chains.Chain, row: Any) -> Response:
        place = chains.Position(row.era, row.xid, row.seq)
        try:
            return Response(proofs.of(chain, place))
        except proofs.NotSealed as reason:
            raise Problem(409, "not_sealed", str(reason)) from None


class EventViewSet(Trail):
    """What happened, newest first."""

    queryset = Event.objects.none()
    serializer_class = serializers.EventSerializer
    filterset_class = filters.EventFilter
    requires = {"list": "audit.read", "proof": "audit.read"}

    @extend_schema(responses=serializers.EventSerializer(many=True), summary="What happened")
    def list(self, request: Request) -> Response:
        events, by = self.filtered(scopes.of(self.principal).events())
        return scans.paginate(request, events, render=_events, by=by)

    @extend_schema(responses=serializers.ProofSerializer, filters=False, summary="Prove that an event was sealed so")
    @action(detail=True)
    def proof(self, request: Request, pk: str) -> Response:
        event = scopes.of(self.principal).events().filter(pk=identifier(pk)).first()
        if event is None:
            raise not_found()
        return self.proven(chains.EVENTS, event)


class AccessViewSet(Trail):
    """Who called, newest first."""

    queryset = AccessRecord.objects.none()
    serializer_class = serializers.AccessSerializer
    filterset_class = filters.AccessFilter
    renderer_classes = [JSONRenderer, NDJSONRenderer]
    requires = {
        **dict.fromkeys(["list", "retrieve", "proof"], "audit.read"),
        **dict.fromkeys(["raw_list", "raw"], "pii.read"),
    }

    @extend_schema(responses=serializers.AccessSerializer(many=True), summary="Who called", description=_PULL)
    def list(self, request: Request) -> Response:
        return self._listed(request, scopes.of(self.principal), personal=False)

    @extend_schema(
        responses=serializers.PersonalSerializer(many=True),
        summary="Who called, with personal fields",
        description=f"Each such call is recorded as a read of personal data. {_PULL}",
    )
    @action(detail=False, url_path="raw")
    def raw_list(self, request: Request) -> Response:
        access.of(request._request).reads_raw("access:*")
        return self._listed(request, scopes.of(self.principal, personal=True), personal=True)

    @extend_schema(filters=False, summary="Read the record of one call")
    def retrieve(self, request: Request, pk: str) -> Response:
        scope = scopes.of(self.principal)
        return Response(_shown([vars(self._found(scope, pk))], scope, personal=False)[0])

    @extend_schema(responses=serializers.PersonalSerializer, filters=False, summary="The same with personal fields")
    @action(detail=True)
    def raw(self, request: Request, pk: str) -> Response:
        scope = scopes.of(self.principal, personal=True)
        record = self._found(scope, pk)
        access.of(request._request).reads_raw(f"access:{record.pk}")
        return Response(_shown([vars(record)], scope, personal=True)[0])

    @extend_schema(responses=serializers.ProofSerializer, filters=False, summary="Prove that a record was sealed so")
    @action(detail=True)
    def proof(self, request: Request, pk: str) -> Response:
        scope = scopes.of(self.principal)
        record = self._found(scope, pk)
        if not scope.covers(record.project_ids):
            raise Problem(403, "not_allowed", "This record also names projects that are not yours.")
        return self.proven(chains.ACCESS, record)

    def _found(self, scope: scopes.Scope, pk: str) -> AccessRecord:
        record = scope.records().filter(pk=identifier(pk)).first()
        if record is None:
            raise not_found()
        return record

    def _listed(self, request: Request, scope: scopes.Scope, *, personal: bool) -> Response:
        records, by = self.filtered(scope.records())
        if isinstance(request.accepted_renderer, NDJSONRenderer):
            return _pulled(request, records, scope, personal=personal)
        return scans.paginate(request, records, render=lambda ids: _records(ids, scope, personal=personal), by=by)


class SealViewSet(ViewSet):
    """Seals of both chains, newest first. They cover all projects and tell of none."""

    queryset = Seal.objects.none()
    serializer_class = serializers.SealSerializer
    filterset_class = filters.SealFilter
    requires = {"list": "audit.read"}

    @extend_schema(responses=serializers.SealSerializer(many=True), summary="Seals")
    def list(self, request: Request) -> Response:
        found = self.filter_queryset(Seal.objects.all())
        return paginate(request, found, order="-sealed_at", render=lambda rows, _: [_seal(seal) for seal in rows])


class VerifyViewSet(ViewSet):
    """Whether the newest part of history is as it was sealed."""

    queryset = Seal.objects.none()
    serializer_class = serializers.VerifiedSerializer
    requires = {"create": "audit.read"}
    costs = {"create": 20}
    cannot_rehearse = frozenset({"create"})

    @extend_schema(
        request=serializers.VerifySerializer,
        responses={200: serializers.VerifiedSerializer},
        summary="Compare history with its seals",
        description="The newest seals, their rows and the end of the seal log; `manage.py audit_verify` reads all.",
    )
    def create(self, request: Request) -> Response:
        asked = self.checked(serializers.VerifySerializer)
        names = [asked["chain"]] if "chain" in asked else list(chains.CHAINS)
        keys = signing.trusted()
        reports = [_report(chains.CHAINS[name], asked["seals"], keys) for name in names]
        return Response(
            {
                "is_intact": all(report["is_intact"] for report in reports),
                "chains": reports,
                "public_keys": {name: signing.encoded(key) for name, key in keys.items()},
            }
        )


def _report(chain: chains.Chain, count: int, keys: dict[str, bytes]) -> dict[str, Any]:
    newest, log = seals.newest(chain), Path(settings.AUDIT_SEAL_LOG)
    first = max(1, newest.number - count + 1) if newest else 1
    report = checking.verify(chain, keys=keys, log=log, first=first, log_bytes=LOG_BYTES)
    return checking.as_document(report)


def _pulled(request: Request, records: QuerySet[Any], scope: scopes.Scope, *, personal: bool) -> Response:
    cursor, limit = request.query_params.get("cursor"), _lines(request)
    try:
        after = pulling.read(cursor) if cursor else chains.BEGINNING
    except pulling.ForeignCursor:
        detail = "This cursor is not of this database's records."
        raise Problem(400, "invalid_cursor", detail, pointer="/cursor") from None
    columns = [*COLUMNS, *(("person", "sealed") if personal else ())]
    found = pulling.pull(records, after, limit, columns)
    marks: dict[int, str] = {}
    lines = _shown(found.rows, scope, personal=personal)
    for row, line in zip(found.rows, lines, strict=True):
        line["cursor"] = pulling.written(pulling.place_of(row), marks)
    following = pulling.written(found.end, marks)
    parameters = urlencode(dict(request.query_params.lists()) | {"cursor": [following]}, doseq=True)
    url = request.build_absolute_uri(f"{request.path}?{parameters}")
    access.of(request._request).rows = len(lines)
    return Response(lines, headers={"Next-Cursor": following, "Link": f'<{url}>; rel="next"'})


def _lines(request: Request) -> int:
    text = request.query_params.get("limit", str(pulling.LINES_MAX))
    if not (text.isascii() and text.isdigit() and len(text) < 10 and 1 <= int(text) <= pulling.LINES_MAX):
        raise Problem(400, "invalid_limit", f"limit is a number from 1 to {pulling.LINES_MAX}.", pointer="/limit")
    return int(text)


def _records(ids: Sequence[UUID], scope: scopes.Scope, *, personal: bool) -> list[dict[str, Any]]:
    columns = [*COLUMNS, *(("person", "sealed") if personal else ())]
    rows = {row["id"]: row for row in AccessRecord.objects.filter(pk__in=ids).values(*columns)}
    return _shown([rows[one] for one in ids], scope, personal=personal)


def _shown(rows: Sequence[dict[str, Any]], scope: scopes.Scope, *, personal: bool) -> list[dict[str, Any]]:
    opened = persons.opened((row["id"], row["person"], row["sealed"]) for row in rows) if personal else {}
    more = [{"personal": opened.get(row["id"])} if personal else {} for row in rows]
    return [
        {**{name: row[name] for name in COLUMNS}, "project_ids": scope.known(row["project_ids"]), **beside}
        for row, beside in zip(rows, more, strict=True)
    ]


def _events(ids: Sequence[UUID]) -> list[dict[str, Any]]:
    rows = {row["id"]: row for row in Event.objects.filter(pk__in=ids).values(*EVENT_COLUMNS)}
    return [rows[one] for one in ids]


def _seal(seal: Seal) -> dict[str, Any]:
    plain = {name: getattr(seal, name) for name in ("chain", "number", "count", "sealed_at")}
    return {**plain, **seals.as_document(seal)}
