"""What a message says without its values."""

import pytest

from bugs.ingest.grouping import templates


@pytest.mark.parametrize(
    ("text", "template"),
    [
        ("user 42 of 7", "user <n> of <n>"),
        ("no 9ec79c33-ec99-42ab-8353-589fcb2e04dc", "no <uuid>"),
        ("no 9ec79c33ec9942ab8353589fcb2e04dc", "no <hex>"),
        ("at 0xdeadBEEF", "at <hex>"),
        ("commit 33235b9f1", "commit <hex>"),
        ("facade defaced", "facade defaced"),
        ("order 1234567 and 12345678", "order <n> and <n>"),
        ("key aB3dE5gH7jK9mN1pQ3", "key <token>"),
        ("Bearer eyJhbGciOiJI.eyJzdWIiOiIx.SflKxwRJ", "Bearer <token>"),
        ("GET https://shop.example/orders/7?a=b failed", "GET <url> failed"),
        ("mail to ann.lee+x@shop.example.com bounced", "mail to <email> bounced"),
        ("from 10.0.0.7:5432", "from <host>"),
        ("from 2001:db8::ff00:42:8329", "from <host>"),
        ("connect to db-3.shop.internal:5432", "connect to <host>"),
        ("java.io.IOException: closed", "java.io.IOException: closed"),
        ("at 2026-05-01T12:00:00.123Z again", "at <date> again"),
        ("at 2026-05-01 12:00:00+02:00", "at <date>"),
        ("Sun Jul  3 12:12:12 2005", "<date>"),
        ("on 3 July 2005", "on <date>"),
        ("it may fail", "it may fail"),
        ("took 12ms or 1.5 s and 3%", "took <n> or <n> s and <n>"),
        ("no file /srv/app/cart.txt", "no file <path>"),
        (r"no file C:\Users\bob\cart.txt", "no file <path>"),
        ("rows [1, 2, 3] and [4, 5]", "rows [<n>] and [<n>]"),
        ("'NoneType' object has no attribute 'total'", "'NoneType' object has no attribute 'total'"),
        ("bad value 'two words'", "bad value <quoted>"),
        ('column "item_7" is missing', 'column "item_<n>" is missing'),
        ("can't do what isn't allowed", "can't do what isn't allowed"),
        ("worker-3 of utf8", "worker-<n> of utf<n>"),
        ("  two\n lines ", "two lines"),
        ("", ""),
    ],
)
def test_templates(text, template):
    assert templates.template(text) == template


def test_a_long_message_is_cut_before_and_after():
    assert templates.template("word " * 1_000_000) == ("word " * 60).strip()
    assert templates.template("x" * 999 + " 1") == "x" * 300


@pytest.mark.parametrize("pattern", ["1,", "a-", "a@", "a.", "f:", "/a", "'a", "<n>, ", "1 ~/", "Jan 1 ", "eyJ", "0x "])
def test_texts_that_invite_searching_again_and_again_are_taken(pattern):
    assert len(templates.template(pattern * 100_000)) <= templates.TEMPLATE_MAX


def test_values_of_other_lengths_before_a_cut_make_no_difference():
    tail = " and the rest of a long story" * 100
    assert templates.template(f"order 1 failed{tail}") == templates.template(f"order {'9' * 40} failed{tail}")


def test_a_template_of_a_template_is_itself():
    once = templates.template("GET https://a.example/1 by ann@shop.example.com at 12:00:01 from 10.0.0.1: 'a b' 0xff 7")
    assert templates.template(once) == once
