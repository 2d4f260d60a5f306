"""The doors of webhooks and connectors, below /api/v1/."""

from django.urls import re_path
from rest_framework.routers import SimpleRouter

from integrations.inbound.views import InboundViewSet
from integrations.views import ConnectorViewSet, WebhookDeliveryViewSet, WebhookViewSet

router = SimpleRouter()
router.register("webhooks", WebhookViewSet, basename="webhook")
router.register("webhook-deliveries", WebhookDeliveryViewSet, basename="webhook-delivery")
router.register("connectors", ConnectorViewSet, basename="connectors")
_inbound = InboundViewSet.as_view({"post": "receive"}, basename="inbound")
urlpatterns = [
    *router.urls,
    re_path(f"^inbound/(?P<pk>{InboundViewSet.lookup_value_regex})/$", _inbound, name="inbound"),
]
