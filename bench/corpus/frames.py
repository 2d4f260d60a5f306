"""Frames of a stack as the SDKs of two languages write them."""

import keyword
import re
from random import Random
from typing import Any

from bench.corpus.sources import Place

BESIDE = {"python": 5, "node": 7}  # lines that the SDKs send before and after the line; browsers have no source
VARIABLES = 4
_NAME = re.compile(r"\b[a-z_][a-z_0-9]{2,}\b")
_VALUES = (
    *("None", "True", "@@number@@", "'@@uuid@@'", "'customer-@@user@@'", "<Order: @@order@@>"),
    "<shop.baskets.Basket object at 0x7f@@address@@>",
    "<django.core.handlers.wsgi.WSGIRequest: POST '/api/v1/orders/@@order@@/'>",
    "datetime.timedelta(seconds=@@number@@)",
    {"id": "@@order@@", "customer": "'customer-@@user@@'", "lines": ["@@number@@", "@@number@@"]},
)


def frame(place: Place, platform: str, shift: int, dice: Random) -> dict[str, Any]:
    """shift: by how many lines its release moved the file's text."""
    made: dict[str, Any] = {"function": place.function, "lineno": place.line + 1 + shift, "in_app": place.in_app}
    if platform == "python":
        made |= {"filename": place.file, "abs_path": f"/srv/shop/{place.file}"}
        made |= {"module": place.file.removesuffix(".py").replace("/", ".")}
    else:
        made |= {"filename": f"app:///{place.file}", "colno": 1 + len(place.source[place.line]) // 2}
    if platform in BESIDE:
        before, line, after = place.around(BESIDE[platform])
        made |= {"pre_context": before, "context_line": line, "post_context": after}
    if platform == "python":
        made["vars"] = _variables([*before, line], dice)
    return made


def _variables(lines: list[str], dice: Random) -> dict[str, Any]:
    names = [name for name in dict.fromkeys(_NAME.findall(" ".join(lines))) if not keyword.iskeyword(name)]
    return {name: dice.choice(_VALUES) for name in names[:VARIABLES]}
