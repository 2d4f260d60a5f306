"""Tickets over REST: for browsers, which open sockets without a header."""

from typing import Any

import redis
from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response

from config.api.problems import Problem
from config.api.views import ViewSet
from streaming.admission import tickets
from streaming.fanout import rights
from streaming.fanout.sockets import Credential
from streaming.serializers import TicketRequestSerializer, TicketSerializer


class TicketViewSet(ViewSet):
    """One-use tickets for the live stream."""

    serializer_class = TicketSerializer
    filter_backends = []
    requires = {"create": "self.read"}
    shows_secret = frozenset({"create"})
    cannot_rehearse = frozenset({"create"})

    @extend_schema(
        request=TicketRequestSerializer,
        responses={201: TicketSerializer},
        summary="Get a ticket for the live stream",
        description=(
            f"It opens one socket within {tickets.SECONDS} seconds, from this origin and address alone, with the "
            "rights of the caller, and as long as the caller has them. A key may ask for any origin: its own server "
            "hands the ticket to its page. A session gets tickets for the origins in STREAM_ORIGINS."
        ),
    )
    def create(self, request: Request) -> Response:
        asked = self.checked(TicketRequestSerializer)
        origin = asked.get("origin", request.headers.get("Origin", ""))
        here: str = request._request.client_ip  # type: ignore[attr-defined]
        self._check(origin)
        try:
            ticket = tickets.issue(self._credential(request, here), origin=origin, address=asked.get("address", here))
        except redis.RedisError:
            raise Problem(
                503, "unavailable", "Tickets cannot be kept now. Try again.", headers={"Retry-After": "2"}
            ) from None
        return Response(_shown(ticket), status=201)

    def _check(self, origin: str) -> None:
        if rights.bound(self.principal) is None:
            raise Problem(403, "endpoint_not_allowed", "This key is bound to endpoints without `stream_connect`.")
        if self.principal.key_id is None and origin not in settings.STREAM_ORIGINS:
            raise _bad_origin("A session gets tickets for the origins in STREAM_ORIGINS alone.")
        if origin and not tickets.is_origin(origin):
            raise _bad_origin(
                "Give an origin as browsers send it: https://name, or http://localhost, with a port when it is not the "
                "usual one."
            )

    def _credential(self, request: Request, here: str) -> Credential:
        if self.principal.key_id is not None:
            return Credential("key", str(self.principal.key_id), here)
        return Credential("session", str(request._request.session.session_key))


def _bad_origin(detail: str) -> Problem:
    return Problem(400, "invalid", detail, pointer="/origin")


def _shown(ticket: tickets.Ticket) -> dict[str, Any]:
    return {
        "ticket": ticket.text,
        "expires_in": tickets.SECONDS,
        "expires_at": ticket.expires_at,
        "origin": ticket.origin,
        "address": ticket.address,
    }
