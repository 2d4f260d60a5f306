"""How people are reached: e-mail addresses and telephone numbers."""

from bugs.privacy.detectors.shapes import WORD, Shape

EMAIL = Shape(
    kind="email",
    pattern=r"[\w.!#$%&'*+/=?^`{|}~-]{1,64}@(?:[A-Za-z0-9-]{1,63}\.){1,8}[A-Za-z0-9-]{2,63}",
    trigger="@",
    after=WORD,
)
