"""Stacks that come as text: the usual three languages, outermost call first, whatever stands around them."""

import pytest

from bugs.ingest.reading import stack_text

V8 = """TypeError: Cannot read properties of undefined (reading 'price')
    at total (webpack:///./app/(shop)/cart.ts:12:9)
    at Array.map (<anonymous>)
    at async Checkout.pay (/srv/app/node_modules/pay/index.js:3:4)
    at /srv/app/main.js:1:1
    at node:internal/process/task_queues:95:5"""
GECKO = """pay@https://shop.example/@vite/a.js:10:5
@https://shop.example/b.js:1:2
[native code]"""
PYTHON = """Traceback (most recent call last):
  File "/a.py", line 1, in <module>
    f()
    ~^^
KeyError: 'x'

During handling of the above exception, another exception occurred:

Traceback (most recent call last):
  File "/srv/shop/pay.py", line 12, in pay
    total(1)
  File "/usr/lib/python3.11/site-packages/prices/all.py", line 3, in total
prices.NoPrice: no price
for two"""
JAVA = """Exception in thread "main" java.lang.IllegalStateException: no basket
\tat com.shop.Cart.total(Cart.java:42) ~[shop.jar:1.2:3]
\tat java.base/java.util.ArrayList.get(ArrayList.java:427)
\tat com.shop.Main.main(Native Method)
Caused by: java.lang.NullPointerException: x
\tat com.shop.Price.of(Price.java:1)
\t... 2 more"""


def shown(stack):
    return [(frame["function"], frame["filename"], frame.get("lineno"), frame["in_app"]) for frame in stack.frames]


@pytest.mark.parametrize(
    ("text", "kind", "value", "frames"),
    [
        (
            V8,
            "TypeError",
            "Cannot read properties of undefined (reading 'price')",
            [
                ("?", "node:internal/process/task_queues", 95, False),
                ("?", "/srv/app/main.js", 1, True),
                ("Checkout.pay", "/srv/app/node_modules/pay/index.js", 3, False),
                ("total", "webpack:///./app/(shop)/cart.ts", 12, True),
            ],
        ),
        (
            GECKO,
            "",
            "",
            [("?", "https://shop.example/b.js", 1, True), ("pay", "https://shop.example/@vite/a.js", 10, True)],
        ),
        (
            PYTHON,
            "NoPrice",
            "no price\nfor two",
            [
                ("pay", "/srv/shop/pay.py", 12, True),
                ("total", "/usr/lib/python3.11/site-packages/prices/all.py", 3, False),
            ],
        ),
        (
            JAVA,
            "IllegalStateException",
            "no basket",
            [
                ("main", "Native Method", None, True),
                ("get", "ArrayList.java", 427, False),
                ("total", "Cart.java", 42, True),
            ],
        ),
        ("boom", "", "boom", []),
        ("it broke: badly", "", "it broke: badly", []),
        ("", "", "", []),
        ("a@b", "", "a@b", []),
    ],
)
def test_what_a_text_says(text, kind, value, frames):
    found = stack_text.parse(text)
    assert (found.type, found.value, shown(found)) == (kind, value, frames)


def test_the_line_of_code_and_the_column_are_kept():
    assert stack_text.parse(PYTHON).frames[0]["context_line"] == "total(1)"
    assert stack_text.parse(V8).frames[-1]["colno"] == 9


def test_a_text_is_read_as_far_as_its_bound():
    line = "    at f (/a.js:1:1)"
    assert len(stack_text.parse("\n".join([line] * (stack_text.LINES_MAX + 1))).frames) == stack_text.LINES_MAX
