"""What the SDK says of each of its steps, which nobody reads: several calls to the engine for each resource.

Each is a call that the program waits for. What the program itself says, and whatever is about a resource (the SDK waits
for that), is said as always.
"""

import functools
import sys
from typing import Any

from pulumi import log

from preflight.sdk_speed import known

DEBUG: known.Texts = {"pulumi.log": {"debug": "23337dcf450b281c"}}

_SDK = "pulumi."


def install() -> None:
    """Replaces what is known."""
    if known.as_expected(DEBUG):
        log.debug = functools.partial(_debug, log.debug)


def _debug(original: Any, msg: Any, *rest: Any, **named: Any) -> None:
    # The frame above is the caller's: a partial has none of its own.
    if rest or named or type(msg) is not str or not _is_sdk(sys._getframe(1).f_globals.get("__name__")):  # noqa: SLF001
        original(msg, *rest, **named)


def _is_sdk(module: object) -> bool:
    return type(module) is str and module.startswith(_SDK)
