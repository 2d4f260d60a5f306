"""The stream's doors over REST."""

from rest_framework.routers import SimpleRouter

from streaming.views import TicketViewSet

router = SimpleRouter()
router.register("stream/tickets", TicketViewSet, basename="stream_tickets")
urlpatterns = router.urls
