"""The modules, the loader and the finder that stand in for those of a generated Pulumi SDK.

All of it runs before the first resource of every preflight, so it imports nothing that Python has not loaded anyway,
and `source`, which parses and compiles, only when the memo lacks something.

Threads need no lock of ours, and one held during an import could deadlock with the import system's own. Modules are
executed under those; a class that two threads want at the same time may be executed twice, but `dict.setdefault` lets
only one of the two classes ever be seen.
"""

import contextlib
import marshal
import os
import sys
import threading
from collections.abc import Callable, Iterable, Sequence
from importlib import import_module
from importlib.machinery import ModuleSpec, PathFinder, SourceFileLoader
from importlib.util import source_hash
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING, Any

from preflight.lazy_sdk import hints
from preflight.lazy_sdk.memo import Memo, Record, Stamp

if TYPE_CHECKING:
    from preflight.lazy_sdk.source import Slices

_TYPES = frozenset({"_inputs", "outputs", "_enums"})
_STATE = "__groundwork_lazy__"
_COMPANION = "pydantic"  # what Pulumi programs read their configuration with; takes 60 ms and depends on nothing
_WHOLE = ""  # in place of a class's name: the code of a whole module


class _Running(threading.local):
    """The SDK package whose modules this thread is executing: a star import among those binds no types."""

    package: str | None = None


_running = _Running()


class LazyService(ModuleType):
    """``pulumi_aws.<service>``: imports the submodule that defines a name when the name is first asked for."""

    def __getattr__(self, name: str) -> Any:
        origins: dict[str, str] = self.__dict__.get(_STATE, {})
        if name == "__all__":  # star import: what the plain module would have held
            return [known for known in dir(self) if not known.startswith("_")]
        if name not in origins:
            raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")
        origin = origins[name]
        module = import_module(f"{self.__name__}.{origin or name}")
        return self.__dict__.setdefault(name, getattr(module, name) if origin else module)

    def __setattr__(self, name: str, value: Any) -> None:
        # The import system binds the submodule `get_ami`; the plain `__init__` ends with the function of that name.
        origin = self.__dict__.get(_STATE, {}).get(name)
        if origin == name and isinstance(value, ModuleType):
            value = getattr(value, name, value)
        super().__setattr__(name, value)

    def __dir__(self) -> Iterable[str]:
        return sorted({*self.__dict__, *self.__dict__.get(_STATE, ())} - {_STATE})


class LazyTypes(ModuleType):
    """``_inputs``, ``outputs`` or ``_enums`` of a service: defines a class when it is first asked for."""

    def __getattr__(self, name: str) -> Any:
        state: _TypesState | None = self.__dict__.get(_STATE)
        if state is not None:
            if name in state.names:
                scratch: dict[str, Any] = {}
                _run(state.code(name), self.__dict__, scratch)
                return self.__dict__.setdefault(name, scratch[name])
            if name == "__all__":
                return [] if _running.package == self.__package__ else list(state.names)
            if name in state.enums:
                return getattr(self.__dict__["_enums"], name)
        raise AttributeError(f"module {self.__name__!r} has no attribute {name!r}")

    def __dir__(self) -> Iterable[str]:
        state: _TypesState | None = self.__dict__.get(_STATE)
        names = () if state is None else (*state.names, *state.enums)
        return sorted({*self.__dict__, *names} - {_STATE})


class _TypesState:
    """The classes of one type module: which there are, and where to get the code of one."""

    def __init__(self, memo: Memo, record: Record, kind: str, path: str) -> None:
        self.names: dict[str, None] = dict.fromkeys(record.shape[1])
        self.enums: dict[str, None] = {}
        """Names of the lazy ``_enums`` that this module star-imports."""
        self._memo, self._record, self._kind, self._path = memo, record, kind, path
        self._slices: Slices | None = None

    def code(self, name: str) -> bytes:
        """Marshalled code that defines one class."""
        known = self._record.slices.get(name)
        if known is None:
            known = self._record.slices[name] = self._compile(name)
            self._memo.changed = True
        return known

    def _compile(self, name: str) -> bytes:
        from preflight.lazy_sdk import source  # noqa: PLC0415 (seldom needed, and it imports `ast`)

        if self._slices is None:
            self._slices = source.Slices(source.read(self._path), self._path)
        return self._slices.compile(name, self._owner)

    def _owner(self, name: str) -> str | None:
        if name in self.names:
            return self._kind
        return "_enums" if name in self.enums else None


class _Loader(SourceFileLoader):
    """Loads one module of an SDK lazily, or the plain way when its source is not of the generated shape."""

    def __init__(self, name: str, path: str, status: os.stat_result, memo: Memo) -> None:
        super().__init__(name, path)
        self._status, self._memo = status, memo

    def exec_module(self, module: ModuleType) -> None:
        is_service = os.path.basename(self.path) == "__init__.py"
        kind = module.__name__.rpartition(".")[2]
        # A service's shape tells what its modules export, so it goes stale when any of them changes.
        stamp = _listing(os.path.dirname(self.path)) if is_service else (self._status.st_mtime_ns, self._status.st_size)
        record = self._memo.record(module.__name__, stamp) or self._examine(module.__name__, kind, stamp, is_service)
        outer = _running.package
        _running.package = None if record.shape is None else module.__package__
        try:
            if record.shape is None:
                super().exec_module(module)
            elif is_service:
                self._become_service(module, record)
            elif kind in _TYPES:
                self._become_types(module, record, kind)
            else:
                _run(self._resource(record), module.__dict__)
                bind = _references(module, *record.shape)
                if hints.deferred():
                    hints.leave(module.__name__, bind)
                else:
                    hints.evaluate(module)
                    bind()
        finally:
            _running.package = outer

    def _examine(self, name: str, kind: str, stamp: Stamp, is_service: bool) -> Record:
        from preflight.lazy_sdk import source  # noqa: PLC0415 (seldom needed, and it imports `ast`)

        shape: Any
        try:
            text = source.read(self.path)
            if is_service:
                folder = os.path.dirname(self.path)
                shape = source.service_shape(text, lambda sibling: source.read(os.path.join(folder, f"{sibling}.py")))
            else:
                shape = source.types_shape(text, self.path) if kind in _TYPES else source.resource_shape(text)
        except (OSError, SyntaxError, ValueError):
            shape = None  # plain loading will say what is wrong with the file
        return self._memo.remember(name, stamp, shape)

    def _resource(self, record: Record) -> bytes:
        """Marshalled code of a resource or lookup module, without its functions' docstrings, which are most of it."""
        known = record.slices.get(_WHOLE)
        if known is None:
            from preflight.lazy_sdk import source  # noqa: PLC0415 (seldom needed, and it imports `ast`)

            known = record.slices[_WHOLE] = source.whole(source.read(self.path), self.path)
            self._memo.changed = True
        return known

    def _become_service(self, module: ModuleType, record: Record) -> None:
        imports, origins = record.shape
        _run(imports, module.__dict__)
        module.__dict__[_STATE] = origins
        module.__class__ = LazyService

    def _become_types(self, module: ModuleType, record: Record, kind: str) -> None:
        state = _TypesState(self._memo, record, kind, self.path)
        head, _, stars_enums = record.shape
        _run(head, module.__dict__)
        del module.__dict__["__all__"]
        enums = sys.modules.get(f"{module.__package__}._enums")
        if stars_enums and isinstance(enums, LazyTypes):
            module.__dict__["_enums"] = enums
            state.enums = enums.__dict__[_STATE].names
        module.__dict__[kind] = module  # for forward references, see `Slices.compile`
        module.__dict__[_STATE] = state
        module.__class__ = LazyTypes


def _run(code: bytes, names: dict[str, Any], found: dict[str, Any] | None = None) -> None:
    """Execute the SDK's own code, which is either freshly compiled or from a memo that only the user can write."""
    exec(marshal.loads(code), names, found)  # noqa: S102, S302


def _listing(folder: str) -> bytes:
    """Digest of the names, modification times and sizes of the sources in a folder."""
    with os.scandir(folder) as entries:
        sources = [(entry.name, entry.stat()) for entry in entries if entry.name.endswith(".py")]
    return source_hash(repr(sorted((name, status.st_mtime_ns, status.st_size) for name, status in sources)).encode())


def _references(module: ModuleType, parts: Sequence[str], quoted: Sequence[str]) -> Callable[[], None]:
    """Give a resource module the types that its star imports left out.

    Pulumi resolves forward references in the plain dictionary of the module, so those have to be there, which the
    answer is for; the others are found by attribute only.
    """
    sources = [sys.modules.get(f"{module.__package__}.{part}") for part in parts]
    lazy = [(source, source.__dict__[_STATE].names) for source in sources if isinstance(source, LazyTypes)]
    names = module.__dict__

    def bind() -> None:
        for source, known in lazy:
            for name in quoted:
                if name in known and name not in names:
                    names[name] = getattr(source, name)

    def absent(name: str) -> Any:
        for source, known in lazy:
            if name in known:
                return getattr(source, name)
        raise AttributeError(f"module {module.__name__!r} has no attribute {name!r}")

    if lazy:
        names.setdefault("__getattr__", absent)
    return bind


def _is_executed(module: ModuleType) -> bool:
    """Whether it has been; the SDK registers its services with Python's own lazy loader, which any question starts."""
    return type(module).__getattribute__ is ModuleType.__getattribute__


def _defined(module: ModuleType) -> tuple[str, ...]:
    """The classes of a lazy type module that have been asked for."""
    state = module.__dict__.get(_STATE)
    return tuple(name for name in module.__dict__ if name in state.names) if isinstance(state, _TypesState) else ()


class Finder:
    """Finds the services of the named SDK packages and the modules in them; leaves all else to Python."""

    def __init__(self, packages: Iterable[str], cache_dir: Path | None) -> None:
        self._packages = frozenset(packages)
        self._cache_dir = cache_dir
        self._memos: dict[str, Memo] = {}

    def find_spec(
        self,
        name: str,
        path: Sequence[str] | None = None,
        target: ModuleType | None = None,  # noqa: ARG002
    ) -> ModuleSpec | None:
        """The import system's question; None means "not mine"."""
        package, *rest = name.split(".")
        if package not in self._packages or not path or len(rest) not in (1, 2):
            return None
        folder = next(iter(path))
        stem = f"{folder}{os.sep}{rest[-1]}"
        source = f"{stem}{os.sep}__init__.py" if len(rest) == 1 else f"{stem}.py"
        try:
            status = os.stat(source)
            memo = self._open(package, folder if len(rest) == 1 else os.path.dirname(folder))
        except OSError:
            return None
        loader = _Loader(name, source, status, memo)
        spec = ModuleSpec(name, loader, origin=source, is_package=len(rest) == 1)
        spec.has_location = True
        if spec.submodule_search_locations is not None:
            spec.submodule_search_locations.append(stem)
        return spec

    def preload(self, program: str) -> None:
        """Import what earlier runs of this program have used, so that workers forked from this process share it.

        Nothing else is imported: a program may rely on what it does before it imports other people's packages.
        """
        for package in self._packages:
            spec = PathFinder.find_spec(package)
            if spec is None or not spec.submodule_search_locations:
                continue
            memo = self._open(package, next(iter(spec.submodule_search_locations)))
            for name, classes in memo.used(program).items():
                with contextlib.suppress(Exception):  # the program will meet it and say so
                    # Asked for this, the service is executed. After its modules it would be too late: the SDK's own
                    # lazy loader keeps what was bound before, and the module `get_ami` would stand for its function.
                    hasattr(import_module(".".join(name.split(".")[:2])), _STATE)
                    module = import_module(name)
                    for one in classes:
                        getattr(module, one)

    def save(self, program: str) -> None:
        """Write every memo that grew."""
        loaded = [(name, module) for name, module in list(sys.modules.items()) if _is_executed(module)]
        for package, memo in list(self._memos.items()):
            memo.use(
                program,
                {
                    name: _defined(module)
                    for name, module in loaded
                    if name.startswith((f"{package}.", f"{_COMPANION}.")) or name == _COMPANION
                },
            )
            memo.save()

    def _open(self, package: str, folder: str) -> Memo:
        return self._memos.get(package) or self._memos.setdefault(package, Memo(package, folder, self._cache_dir))
