"""Which paths are one interpreter."""

import os


def place(python: str) -> str:
    """The interpreter's path without ``..``; not what it links to, which virtual environments have in common."""
    return os.path.join(os.path.realpath(os.path.dirname(python)), os.path.basename(python))
