"""Ranked search over REST."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import orjson
from django.db.models import QuerySet
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs import policy, selectors
from bugs.filters import BugFilter
from bugs.models import Bug, Project
from bugs.search import facets, highlights, text, understanding, windows
from bugs.search.candidates import CANDIDATES
from bugs.search.searches import Search
from bugs.selectors import similar
from bugs.serializers import search as serializers
from config.api.choosing import chosen
from config.api.filtering import nearest
from config.api.pagination import paginate_found
from config.api.parameters import CURSOR, LIMIT
from config.api.problems import Problem
from config.api.views import ViewSet

MAX_SIMILAR = 50
_NARROWING = {"component": "component_name"}  # columns whose parameter has another name


class SearchViewSet(ViewSet):
    """Search: the best of the newest hits, where each was found, how they spread."""

    queryset = Bug.objects.none()
    filterset_class = BugFilter
    serializer_class = serializers.SearchSerializer
    pagination_class = None  # type: ignore[assignment]  # its shape is its own
    requires = {"list": "bug.read"}
    costs = {"list": 5}

    @extend_schema(
        parameters=[serializers.SearchParametersSerializer, LIMIT, CURSOR],
        responses=serializers.SearchSerializer,
        summary="Search bugs",
        description=(
            "Full text over titles, descriptions, public comments and error messages, in this order of weight, of the "
            "bugs that the filters leave. Words match in all their forms. Mistyped words are corrected when the "
            "projects' texts do not have them. "
            f"Ranking, facets and count take the newest {CANDIDATES} hits. Of words that more than some "
            f"{windows.MAX_BY_WORDS} bugs have, only the newest bugs are looked at: `ranked` and `count_is` say so. "
            "Sorted by recency, pages go on to the oldest bug; such a page may be short and have a next one."
        ),
    )
    def list(self, request: Request) -> Response:
        asked = self._asked()
        bugs: QuerySet[Bug] = self.filter_queryset(selectors.bugs_for(self.principal))
        if "similar_to" in asked:
            return self._similar(asked["similar_to"], bugs)
        found = self._understood(asked)
        names = _facets(asked.get("facets", "all"))
        sort = asked.get("sort", "relevance")
        if sort == "relevance" and not found.query:
            sort = "recency"
        search = Search(bugs, found.wanted, self._gate(), sort)
        shown = found.query.either if asked.get("highlights", True) else ""
        response = paginate_found(self.request, search.page, lambda ids: self._hits(ids, shown))
        corrected = [{"typed": typed, "used": used} for typed, used in found.corrected.items()]
        response.data |= {"ranked": search.told, "corrected": corrected, "did_you_mean": found.did_you_mean}
        response.data |= {"facets": facets.counted(search.candidates, names) if names else {}}
        if names:
            response.data |= search.count
        return response

    def _gate(self) -> windows.Gate:
        """What the filters say that an index can be read by."""
        given = {name: self.request.query_params.getlist(_NARROWING.get(name, name)) for name in windows.NARROWING}
        one = {name: values[0] for name, values in given.items() if len(values) == 1}
        projects = policy.projects(self.principal, "bug.read")
        if keys := self.request.query_params.getlist("project"):
            projects = list(Project.objects.filter(pk__in=projects, key__in=keys).values_list("pk", flat=True))
        return windows.Gate(projects, one)

    def _hits(self, ids: Sequence[UUID], query: str) -> Sequence[dict[str, Any]]:
        texts = selectors.documents_of(ids, chosen(self.request, "fields", selectors.BUG_FIELDS))
        shown = highlights.highlights(ids, query)
        return [
            {"bug": orjson.Fragment(text), "highlights": shown.get(bug_id)}
            for bug_id, text in zip(ids, texts, strict=False)  # a bug may vanish in between
        ]

    def _similar(self, wanted: str, bugs: QuerySet[Bug]) -> Response:
        bug_id = selectors.find(self.principal, wanted)
        title = Bug.objects.values_list("title", flat=True).get(pk=bug_id) if bug_id else wanted
        found = similar.similar_to(title, principal=self.principal, limit=MAX_SIMILAR, besides=bug_id, among=bugs)
        rows = self._hits([each.id for each in found], "")
        for row, each in zip(rows, found, strict=False):
            row["similarity"] = round(each.similarity, 3)
        ranked = {"candidates": len(found), "complete": False}
        answer = {"results": rows, "next": None, "previous": None, "ranked": ranked}
        return Response({**answer, "corrected": [], "did_you_mean": None, "facets": {}})

    def _asked(self) -> dict[str, Any]:
        names = list(serializers.SearchParametersSerializer().get_fields())
        given = {name: self.request.query_params[name] for name in names if name in self.request.query_params}
        serializer = serializers.SearchParametersSerializer(data=given)
        serializer.is_valid(raise_exception=True)
        return dict(serializer.validated_data)

    def _understood(self, asked: dict[str, Any]) -> understanding.Understood:
        exact = asked.get("exact", False)
        projects = policy.projects(self.principal, "bug.read")
        bugs = selectors.bugs_for(self.principal)
        try:
            return understanding.understood(asked.get("text", ""), projects=projects, bugs=bugs, exact=exact)
        except text.BadText as error:
            raise Problem(400, "invalid_text", str(error), pointer="/text") from None


def _facets(wanted: str) -> Sequence[str]:
    if wanted in ("all", "none"):
        return facets.NAMES if wanted == "all" else ()
    names = [name for name in wanted.split(",") if name]
    for name in names:
        if name not in facets.NAMES:
            detail = f"There is no facet {name[:40]!r}.{nearest(name, facets.NAMES)}"
            raise Problem(400, "unknown_facet", detail, pointer="/facets")
    return names
