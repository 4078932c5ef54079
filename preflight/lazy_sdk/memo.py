"""What the loader learnt from an SDK's sources, kept between processes in one file for each SDK package.

The file holds code, so it counts only if it belongs to the current user and nobody else may write to it. Any other
file, and one that is damaged or was made for another Python or another SDK, reads as empty and is written anew.
"""

import marshal
import os
import sys
from importlib.util import cache_from_source, source_hash
from pathlib import Path
from typing import Any

FORMAT = 4  # of the records below and of what `source.py` puts into them; raise it when either changes
_NAME = "groundwork-slices"
_DIGEST = 8  # bytes that `source_hash` returns
_FEW = 20  # modules; a program that uses less gains nothing by having them loaded before it runs
_PROGRAMS = 20  # whose use of modules is kept; who has more of them in one environment loads some of them later
# Bytes. A program of 150 resources over 14 services needs 6 MB; the whole of pulumi_aws would slow down every start.
_LIMIT = 32_000_000

Use = dict[str, tuple[str, ...]]
"""Modules by name that a program has used, in an order that imports each by itself, and the classes of type modules."""

Stamp = tuple[int, int] | bytes
"""What changes when a source changes: modification time and size of a file, or a digest of a folder's listing."""


class Record:
    """What is known of one module: its shape (a result of `source.py`; None: load it the plain way), and the compiled
    classes that some program has used so far."""

    __slots__ = ("shape", "slices", "stamp")

    def __init__(self, stamp: Stamp, shape: Any, slices: dict[str, bytes]) -> None:
        self.stamp = stamp
        self.shape = shape
        self.slices = slices


class Memo:
    """The records of one SDK package, by module name. Writes are single dictionary stores, so threads may share it."""

    def __init__(self, package: str, folder: str, cache_dir: Path | None) -> None:
        self._key = _key(package, folder)
        self._path = location(package, folder, cache_dir)
        records: dict[str, tuple[Stamp, Any, dict[str, bytes]]]
        self._uses: dict[str, Use]
        records, self._uses = read(self._path, self._key, 2) or ({}, {})
        self._records = {name: Record(*fields) for name, fields in records.items()}
        self.changed = False

    def record(self, module: str, stamp: Stamp) -> Record | None:
        """The record of a module, if it was made from the source as it is now."""
        found = self._records.get(module)
        return found if found is not None and found.stamp == stamp else None

    def remember(self, module: str, stamp: Stamp, shape: Any) -> Record:
        """A new record, in place of one that went stale."""
        record = self._records[module] = Record(stamp, shape, {})
        self.changed = True
        return record

    def used(self, program: str) -> Use:
        """What earlier runs of this program have used."""
        return self._uses.get(program, {})

    def use(self, program: str, use: Use) -> None:
        """Note what a run of this program has used, beside what earlier ones have."""
        known = self.used(program)
        together = {name: tuple({**dict.fromkeys(known.get(name, ())), **dict.fromkeys(use.get(name, ()))})
                    for name in {**known, **use}}  # fmt: skip
        if len(together) > _FEW and together != known:
            others = {name: kept for name, kept in self._uses.items() if name != program}
            self._uses = {**dict(list(others.items())[1 - _PROGRAMS :]), program: together}
            self.changed = True

    def save(self) -> None:
        """Write the file if anything was added; a reader sees the old file or the new one, never a part."""
        if not self.changed:
            return
        records = {name: (item.stamp, item.shape, dict(item.slices)) for name, item in list(self._records.items())}
        self.changed = not write(self._path, self._key, (records, self._uses), _LIMIT)


def _key(package: str, folder: str) -> tuple[Any, ...]:
    """Everything that makes an old file useless as a whole; single files are covered by the stamps of their records."""
    try:
        with open(os.path.join(folder, "pulumi-plugin.json"), "rb") as file:
            version = file.read()  # {"name": "aws", "version": "7.51.1", ...}
    except OSError:
        version = b""
    top = os.stat(os.path.join(folder, "__init__.py"))
    # Of several checkouts each may call the same environment by a link of its own.
    return (FORMAT, sys.version, package, os.path.realpath(folder), version, top.st_mtime_ns, top.st_size)


def location(what: str, folder: str, cache_dir: Path | None) -> str:
    """Beside the ``.pyc`` files of the package in this folder if we may write those, else in the user's cache."""
    name = f"{_NAME}-{FORMAT}-{what}.{sys.implementation.cache_tag}.marshal"
    if cache_dir is not None:
        return os.path.join(cache_dir, name)
    beside = existing = os.path.dirname(cache_from_source(os.path.join(folder, "__init__.py")))
    while not os.path.exists(existing):
        existing = os.path.dirname(existing)
    if os.access(existing, os.W_OK) and not sys.dont_write_bytecode:
        return os.path.join(beside, name)
    home = os.environ.get("XDG_CACHE_HOME") or os.path.expanduser("~/.cache")
    # Several virtual environments share this folder: without the path in the name they would take turns overwriting.
    return os.path.join(home, "groundwork", f"{source_hash(folder.encode()).hex()}-{name}")


def read(path: str, key: tuple[Any, ...], parts: int) -> tuple[Any, ...] | None:
    """The parts that `write` has written with the same key; None where there are none that may be believed."""
    try:
        with open(path, "rb") as file:
            if not _is_ours(os.fstat(file.fileno())):
                return None
            content = file.read()
    except OSError:
        return None
    # The digest comes first because `marshal` may crash the interpreter on bytes that were damaged.
    body = memoryview(content)[_DIGEST:]
    if source_hash(body) != content[:_DIGEST]:
        return None
    try:
        found_key, *found = marshal.loads(body)  # noqa: S302 (of our own making, see `_is_ours`)
    except (EOFError, TypeError, ValueError):
        return None
    return tuple(found) if found_key == key and len(found) == parts else None


def write(path: str, key: tuple[Any, ...], parts: tuple[Any, ...], limit: int) -> bool:
    """Writes the file, in which nothing else is then; False where that fails, which costs the next run some time."""
    body = marshal.dumps((key, *parts))
    try:
        if len(body) > limit:  # whoever uses so much gains little; the next process begins anew with what it needs
            os.unlink(path)
        else:
            _replace(path, source_hash(body) + body)
    except OSError:
        return False  # a full disk, or a read-only folder
    return True


def _is_ours(status: os.stat_result) -> bool:
    if sys.platform == "win32":
        return True  # no owners or modes there: the user's profile folder is private by its access list
    return status.st_uid == os.geteuid() and not status.st_mode & 0o022


def _replace(path: str, content: bytes) -> None:
    os.makedirs(os.path.dirname(path), mode=0o700, exist_ok=True)
    draft = f"{path}.{os.getpid()}"
    try:
        # O_EXCL also refuses a symbolic link that somebody else put there.
        with os.fdopen(os.open(draft, os.O_CREAT | os.O_EXCL | os.O_WRONLY, 0o600), "wb") as file:
            file.write(content)
        os.replace(draft, path)
    except OSError:
        if os.path.exists(draft):
            os.unlink(draft)
        raise
