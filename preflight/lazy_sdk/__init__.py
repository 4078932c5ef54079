"""Makes a generated Pulumi SDK load only what a program uses: the same graph from an unmodified program, in less time.

Importing one service of ``pulumi_aws`` runs all of its modules and defines all of its nested types, though a program
uses a few. After `install()` a service imports a submodule, and a type module defines a class, when first asked for it.

What a program can tell apart: ``vars()`` of a service shows only the names used so far (``dir()`` shows all), functions
and nested types have no docstrings, types quote their neighbours as ``'_inputs.X'``, deprecation warnings come only
from modules that are used, annotations of resource modules are text except those of public properties (and of those
which `preflight.sdk_speed` has not asked for), and `typing.get_type_hints` fails on a resource's ``_internal_init``,
where Pulumi never asks for it. Sources of an unexpected shape load the plain way. What deferred.py names is loaded when
first used. The finders stay on ``sys.meta_path`` to the end of the process.
"""

import os
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

from preflight.lazy_sdk.deferred import Deferred
from preflight.lazy_sdk.modules import Finder

OFF_SWITCH = "GROUNDWORK_PLAIN_SDK"

_savers: list[Callable[[], None]] = []


def install(packages: Sequence[str] = ("pulumi_aws", "pulumi_awsx"), cache_dir: Path | None = None) -> None:
    """Serve the named SDK packages lazily from now on; a second call does nothing.

    Compiled classes are kept in ``cache_dir``; by default beside the package's own ``.pyc`` files, or in the user's
    cache when Python may not write those. Does nothing when the environment variable ``GROUNDWORK_PLAIN_SDK`` is 1.
    """
    if os.environ.get(OFF_SWITCH) != "1" and not installed():
        sys.meta_path[:0] = [Finder(packages, cache_dir), Deferred()]


def keep_texts(cache_dir: Path | None = None) -> None:
    """Have what Python's library makes of texts kept as well, see texts.py; likewise, a second call does nothing."""
    if os.environ.get(OFF_SWITCH) != "1" and not _savers:
        from preflight.lazy_sdk import texts  # noqa: PLC0415  it imports what not every process needs

        _savers.append(texts.install(cache_dir))


def installed() -> bool:
    """Whether SDK modules are being served lazily in this process."""
    return any(isinstance(finder, Finder) for finder in sys.meta_path)


def preload(program: str) -> None:
    """Import the modules of the SDK that earlier runs of this program used; it is known by its folder."""
    for finder in sys.meta_path:
        if isinstance(finder, Finder):
            finder.preload(program)


def save(program: str) -> None:
    """Keep for later processes what was compiled, and what this program used; a failure only costs time."""
    for finder in sys.meta_path:
        if isinstance(finder, Finder):
            finder.save(program)
    for save_texts in _savers:
        save_texts()
