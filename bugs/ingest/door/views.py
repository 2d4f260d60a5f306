"""The same doors where Django itself is asked: under `runserver`, and by its test client."""

from django.http import HttpRequest, HttpResponse
from django.views.decorators.csrf import csrf_exempt

from bugs.ingest.door import doors


@csrf_exempt
def door(request: HttpRequest) -> HttpResponse:
    """Django has taken the request apart already; its META is what WSGI calls the environment."""
    environ = {"wsgi.input": request, **request.META, "PATH_INFO": request.path_info}
    answer = doors.answer(environ)
    return HttpResponse(answer.body, status=answer.status, headers=dict(answer.headers))
