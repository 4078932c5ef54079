"""What a reader of text would obey instead of showing it: a program's message or a stack file may hold it."""

import re

# Control characters, and the marks that turn the direction of writing. Kept: what `str.splitlines` breaks lines at.
_CONTROL = re.compile(r"[\x00-\x08\x0e-\x1b\x7f-\x84\x86-\x9f\u202a-\u202e\u2066-\u2069]")


def one_line(text: str) -> str:
    """The text with such characters written out, on one line."""
    return " ".join(visible(text).split())


def visible(text: str) -> str:
    """The text with such characters written out, as in `\\x1b`."""
    return _CONTROL.sub(lambda found: ascii(found[0])[1:-1], text)
