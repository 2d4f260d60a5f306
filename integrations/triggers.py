"""Which events a webhook's filter lets through, by the bugs that they are about."""

import logging
from collections.abc import Callable, Iterator, Mapping, Sequence
from typing import Any
from uuid import UUID

from audit import log
from audit.actors import Principal
from bugs import query
from bugs.selectors import matching
from integrations.models import Endpoint

logger = logging.getLogger(__name__)
Wanted = tuple[Endpoint, log.Fact]
Matches = Callable[[Mapping[str, Any]], bool]


def pulled(wanted: Sequence[Wanted]) -> Iterator[Wanted]:
    """Those pairs of endpoint and fact where the endpoint has no filter, or its filter matches the fact's bug."""
    ids = {UUID(name) for endpoint, fact in wanted if endpoint.q and (name := _bug_of(fact))}
    documents = matching.filter_documents(ids)
    filters: dict[UUID, Matches] = {}
    for endpoint, fact in wanted:
        if not endpoint.q:
            yield endpoint, fact
        elif (document := documents.get(_bug_of(fact))) is not None:
            if endpoint.pk not in filters:
                filters[endpoint.pk] = _matcher(endpoint)
            if filters[endpoint.pk](matching.as_event_left(document, fact["data"])):
                yield endpoint, fact


def _bug_of(fact: log.Fact) -> str:
    kind, _, name = fact["subject"].partition(":")
    return name if kind == "bug" else str(fact["data"].get("bug_id") or "")


def _matcher(endpoint: Endpoint) -> Matches:
    """A filter that was fine when it was set, and is not any more, lets nothing through and holds nobody else up."""
    try:
        return query.matcher(endpoint.q, principal=Principal(label="system", user_id=endpoint.owner_id))
    except query.BadQuery as error:
        logger.warning("the filter of webhook %s cannot be read: %s", endpoint.pk, error)
        return lambda document: False
