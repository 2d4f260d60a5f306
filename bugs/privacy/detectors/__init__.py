"""The table of detectors. Pure: texts in, spans out."""

from bugs.privacy.detectors.contact import EMAIL
from bugs.privacy.detectors.shapes import Shape

# Gates: shapes whose triggers are looked for in one pass. Where two find the same place, the first wins.
GATES: tuple[tuple[Shape, ...], ...] = ((EMAIL,),)
KINDS = tuple(dict.fromkeys(shape.kind for gate in GATES for shape in gate))
LABEL_KINDS = frozenset({"email"})
