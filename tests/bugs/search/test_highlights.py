"""Highlights: where it was found, and nothing but `<mark>` as markup."""

import pytest

from audit.actors import SYSTEM
from bugs import services
from bugs.search import highlights
from bugs.services import comments

URL = "/api/v1/bugs/search/"


@pytest.fixture
def shown(api, web):
    def ask(text, title="A bug", comment=None, **fields):
        bug = services.report(project_id=web.pk, by=SYSTEM, title=title, **fields)
        for body, is_internal in comment or ():
            comments.add(bug.pk, body=body, by=SYSTEM, is_internal=is_internal)
        (hit,) = api("bob").get(URL, {"text": text}).json()["results"]
        return hit["highlights"]

    return ask


def test_the_title_is_marked(shown):
    assert shown("payments", title="The payment hangs")["title"] == "The <mark>payment</mark> hangs"


def test_the_best_part_is_shown(shown):
    found = shown("payment", description="After the payment it hangs")
    assert (found["part"], found["snippet"]) == ("description", "After the <mark>payment</mark> it hangs")


def test_markup_of_a_text_is_escaped_and_kept(shown):
    found = shown("alert", title='<script>alert(1)</script> & "quotes"', description="<img src=x onerror=alert(1)>")
    assert found["title"] == ("&lt;script&gt;<mark>alert</mark>(1)&lt;/script&gt; &amp; &quot;quotes&quot;")
    assert "<img" not in found["snippet"]
    assert "<mark>alert</mark>" in found["snippet"]


def test_a_text_cannot_bring_its_own_marks(shown):
    found = shown("payment", title="<mark>no</mark> \x02payment\x03 \x04")
    assert found["title"].count("<mark>") == 1


def test_public_comments_are_shown_and_internal_ones_never(shown):
    found = shown("payment", comment=[("public payment", False), ("payment secret", True)])
    assert (found["part"], found["snippet"]) == ("comments", "public <mark>payment</mark>")


def test_long_texts_are_read_up_to_a_bound(shown):
    found = shown("payment", description="x " * highlights.MAX_READ + "payment")
    assert "<mark>" not in (found["snippet"] or "")
