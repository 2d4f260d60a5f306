"""Shapes of the stream's REST side."""

from rest_framework import serializers

from config.api import addresses
from config.api.serializers import StrictSerializer


class TicketRequestSerializer(StrictSerializer):
    """For whom: what is not given is as the call itself has it."""

    origin = serializers.CharField(
        required=False,
        max_length=300,
        help_text="Of the page that opens the socket, as browsers send it: `https://app.example.com`.",
    )
    address = serializers.IPAddressField(
        required=False, help_text="From which the page opens it, where that is not the caller's own."
    )

    def validate_address(self, value: str) -> str:
        return str(addresses.parse(value) or value)  # as it is written where sockets come in


class TicketSerializer(serializers.Serializer[None]):
    """A ticket: shown this once, good for one socket."""

    ticket = serializers.CharField(help_text="Send it as the subprotocol `ticket.<ticket>`, beside `bugwire.v1`.")
    expires_in = serializers.IntegerField(help_text="In seconds.")
    expires_at = serializers.DateTimeField()
    origin = serializers.CharField(allow_blank=True, help_text="Empty: for clients that send none.")
    address = serializers.CharField()
