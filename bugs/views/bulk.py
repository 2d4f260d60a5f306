"""One change to many bugs over REST."""

from collections import Counter
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from bugs.models import Bug
from bugs.selectors import bulk as selectors
from bugs.selectors.bulk import Named
from bugs.serializers import bulk as serializers
from bugs.services import bulk
from bugs.views.conventions import domain_errors
from config.api import rehearsal
from config.api.problems import Problem, not_found
from config.api.views import ViewSet

TOO_LARGE = f"One call changes {bulk.MAX_BUGS} bugs at most; this names more. Do it in parts."


class BulkViewSet(ViewSet):
    """Many bugs at once, a result for each."""

    queryset = Bug.objects.none()
    serializer_class = serializers.BulkSerializer
    requires = {"create": "bug.edit"}
    costs = {"create": 20}

    @extend_schema(
        request=serializers.BulkSerializer,
        responses=serializers.BulkAnswerSerializer,
        summary="Change many bugs",
        description=(
            f"At most {bulk.MAX_BUGS} bugs, by `ids` or by `q`. Each bug is changed whole or refused for itself: read "
            "`status` of every result. With `dry_run` the answer is the same and nothing changes."
        ),
    )
    def create(self, request: Request) -> Response:
        asked = self.checked(serializers.BulkSerializer)
        bugs = self._chosen(asked)
        there = {bug.id: bug for bug in bugs.values() if bug}.values()
        with domain_errors():
            outcomes = bulk.change(there, wanted=asked["set"], by=self.principal, dry_run=asked["dry_run"])
        results = [_result(name, bug, outcomes[bug.id] if bug else None) for name, bug in bugs.items()]
        counts = Counter(result["status"] for result in results)
        totals = {status: counts[status] for status in ("changed", "unchanged", "refused")}
        dry_run = asked["dry_run"] or rehearsal.is_asked(request, is_possible=True)
        return Response({"results": results, **totals, "dry_run": dry_run})

    def _chosen(self, asked: dict[str, Any]) -> dict[str, Named | None]:
        """The bugs by the names that the caller knows them by."""
        if ("ids" in asked) == ("q" in asked):
            raise Problem(400, "bulk_target", "Name bugs by `ids` or by `q`, one of them.", pointer="/ids")
        if "ids" in asked:
            return self._by_ids(list(dict.fromkeys(asked["ids"])))
        with domain_errors():
            found = selectors.matching(self.principal, asked["q"], limit=bulk.MAX_BUGS + 1)
        if len(found) > bulk.MAX_BUGS:
            raise Problem(400, "bulk_too_large", TOO_LARGE, pointer="/q")
        return {str(bug.id): bug for bug in found}

    def _by_ids(self, names: list[str]) -> dict[str, Named | None]:
        if len(names) > bulk.MAX_BUGS:
            raise Problem(400, "bulk_too_large", TOO_LARGE, pointer="/ids")
        found = selectors.named(self.principal, names)
        return {name: found.get(name) for name in names}


def _result(name: str, bug: Named | None, outcome: bulk.Outcome | None) -> dict[str, Any]:
    if bug is None or outcome is None:
        return {"id": name, "reference": None, **_refused(not_found())}
    shown = {"id": str(bug.id), "reference": bug.reference}
    if outcome.refused:
        return {**shown, **_refused(_problem_of(outcome.refused))}
    return {**shown, "status": "changed" if outcome.is_changed else "unchanged", "version": outcome.version}


def _refused(problem: Problem) -> dict[str, Any]:
    return {"status": "refused", "code": problem.code, "detail": str(problem.detail)}


def _problem_of(refused: Exception) -> Problem:
    try:
        with domain_errors():
            raise refused
    except Problem as problem:
        return problem
