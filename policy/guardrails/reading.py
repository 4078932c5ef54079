"""The only way to look at a property of a resource: known, unknown or absent, never one mistaken for another.

A preview replaces what AWS will only know later by markers, and pulumi_policy raises when one is touched. Here every
look answers `Known`, `Unknown` or `Absent`. Only `Known` has a value, so a control that forgets the other two does not
pass the type checker, and fails as an internal error instead of passing a resource.
"""

from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Generic, NamedTuple, TypeAlias, TypeVar

from pulumi_policy import proxy

T = TypeVar("T")

_MARKERS = frozenset(
    {
        proxy.UNKNOWN_ARCHIVE_VALUE,
        proxy.UNKNOWN_ARRAY_VALUE,
        proxy.UNKNOWN_ASSET_VALUE,
        proxy.UNKNOWN_BOOLEAN_VALUE,
        proxy.UNKNOWN_NUMBER_VALUE,
        proxy.UNKNOWN_OBJECT_VALUE,
        proxy.UNKNOWN_STRING_VALUE,
    }
)


_PROXIES = (proxy._DictProxy, proxy._ListProxy)  # noqa: SLF001
_HIDDEN: Any = object()
"""Stands for a value that is not known yet."""


class Known(NamedTuple, Generic[T]):
    """A value that will not change between preview and update."""

    value: T


class Unknown(NamedTuple):
    """A value that only the update will tell.

    `sources` are the URNs of the resources that the top-level property was derived from. `traced` says whether they
    could be seen at all: they are sent with the whole stack, not with a single resource, and some are in another stack.
    """

    sources: tuple[str, ...] = ()
    traced: bool = True

    @property
    def computed(self) -> bool:
        """Whether nobody in the program set it, provided that it is an input which the provider may compute."""
        return self.traced and not self.sources


_NOBODYS = Unknown()


class Absent:
    """Not set: the provider's default holds."""

    __slots__ = ()


ABSENT = Absent()
"""The only one there is."""
Value: TypeAlias = Known[T] | Unknown | Absent


class UnexpectedShapeError(Exception):
    """A property has a form that AWS does not have. The text names the property, never its value."""


def or_default(value: Value[T], default: T) -> Known[T] | Unknown:
    """`value` with the provider's default where it is absent."""
    return Known(default) if isinstance(value, Absent) else value


def unset_if_computed(value: Value[T]) -> Value[T]:
    """For inputs that the provider may compute: unknown with no source in the program means that nobody set it.

    `Props` does this by itself for the inputs that the SDK says so of; it is left to do inside of blocks.
    """
    return ABSENT if isinstance(value, Unknown) and value.computed else value


class Record:
    """A block of properties."""

    __slots__ = ("_origin", "_raw")

    def __init__(self, raw: Mapping[str, Any], origin: Unknown) -> None:
        self._raw = _opened(raw)
        self._origin = origin

    def names(self) -> list[str]:
        """The keys that are set, known or not; bookkeeping of the provider bridge (`__defaults`) left out."""
        return [key for key in self._raw if not key.startswith("__")]

    def text(self, key: str) -> Value[str]:
        """A string; numbers and booleans as AWS writes them. The empty string is how the provider says "not set"."""
        return _map(self._look(key), _text, key)

    def flag(self, key: str) -> Value[bool]:
        """A boolean, also when it is written as a string, which some types demand."""
        return _map(self._look(key), _flag, key)

    def number(self, key: str) -> Value[int]:
        """A whole number; they arrive as floats."""
        return _map(self._look(key), _number, key)

    def record(self, key: str) -> Value["Record"]:
        """A block; also one inside a list of one, as the older types nest it."""
        found = self._look(key)
        if isinstance(found, Known) and _is_list(found.value):
            found = _only(found.value, self._unknown(key), key)
        return _map(found, lambda raw, name: Record(_mapping(raw, name), self._unknown(key)), key)

    def items(self, key: str) -> Value["Items"]:
        """A list; a single value counts as a list of one, as the older types and policy documents write it."""
        found = self._look(key)
        if not isinstance(found, Known):
            return found
        raw = found.value if _is_list(found.value) else [found.value]
        return Known(Items(raw, self._unknown(key), key))

    def blocks(self, key: str) -> Iterator["Known[Record] | Unknown"]:
        """Each block of a list, or the list itself where it is unknown as a whole; nothing where it is not set."""
        found = self.items(key)
        if isinstance(found, Known):
            yield from found.value.records()
        elif isinstance(found, Unknown):
            yield found

    def strings(self) -> Iterator[tuple[str, Known[str] | Unknown]]:
        """Every text at any depth, and all that is unknown, each with the path to it, such as `environment.KEY`."""
        found: list[tuple[str, Known[str] | Unknown]] = []
        for key in self.names():
            value = self._look(key)
            if isinstance(value, Unknown) or (isinstance(value, Known) and isinstance(value.value, str)):
                found.append((key, value))
            elif isinstance(value, Known) and isinstance(value.value, Mapping | Sequence):
                _collect(value.value, key, self._unknown(key), found)
        return iter(found)

    def document(self, key: str) -> Value["str | Record"]:
        """A policy document, as JSON text or as a block."""
        found = self._look(key)
        if isinstance(found, Known) and isinstance(found.value, Mapping):
            return Known(Record(found.value, self._unknown(key)))
        return _map(found, _text, key)

    def _look(self, key: str) -> Value[Any]:
        value = _peek(self._raw, key)
        if value is None:
            return ABSENT
        return self._unknown(key) if value is _HIDDEN else Known(value)

    def _unknown(self, key: str) -> Unknown:  # noqa: ARG002 - the top level knows the sources of each key
        return self._origin


class Props(Record):
    """The properties of one resource; `edges` are the resources behind each, `None` when they cannot be seen.

    Of the inputs in `computed`, which the provider may make up, an unknown one without a source is absent: nobody in
    the program set it.
    """

    __slots__ = ("_computed", "_edges")

    def __init__(
        self,
        raw: Mapping[str, Any],
        edges: Mapping[str, tuple[str, ...]] | None,
        computed: frozenset[str] = frozenset(),
    ) -> None:
        super().__init__(raw, Unknown(traced=edges is not None))
        self._edges = edges
        self._computed = computed

    def beside(self, raw: Mapping[str, Any]) -> "Props":
        """Other properties of the same resource, with the same edges."""
        return Props(raw, self._edges)

    def pointer(self, key: str) -> Value[str]:
        """A string by which this resource may belong to another: unknown stays unknown, also where AWS has a default.

        Whether a companion has no owner, or one of another stack, is a difference.
        """
        return _map(super()._look(key), _text, key)

    def origin(self, key: str) -> Unknown:
        """Where the program takes the value from, also when it is known by now: no source means that it is a literal.

        Not traced where edges cannot be seen.
        """
        return self._unknown(key)

    def _look(self, key: str) -> Value[Any]:
        found = super()._look(key)
        return unset_if_computed(found) if key in self._computed else found

    def _unknown(self, key: str) -> Unknown:
        """An edge to a resource that was not sent (one that is only read) is named without its target."""
        if self._edges is None:
            return self._origin
        sources = self._edges.get(key)
        return _NOBODYS if sources is None else Unknown(sources, traced=bool(sources))


class Items:
    """A list of which each element may be known or not."""

    __slots__ = ("_name", "_origin", "_raw")

    def __init__(self, raw: Sequence[Any], origin: Unknown, name: str) -> None:
        self._raw = _opened(raw)
        self._origin = origin
        self._name = name

    def __len__(self) -> int:
        return len(self._raw)

    @property
    def blank(self) -> bool:
        """Whether nothing is in it but what AWS writes for "not set"."""
        return all(isinstance(found, Absent) or found == Known("") for found in self._elements())

    def texts(self) -> Iterator[Known[str] | Unknown]:
        """Each element as a string; empty ones are left out."""
        for found in self._elements():
            value = _map(found, _text, self._name)
            if not isinstance(value, Absent):
                yield value

    def records(self) -> Iterator[Known[Record] | Unknown]:
        """Each element as a block."""
        for found in self._elements():
            value = _map(found, lambda raw, name: Record(_mapping(raw, name), self._origin), self._name)
            if not isinstance(value, Absent):
                yield value

    def _elements(self) -> Iterator[Value[Any]]:
        return (_touch(self._raw, index, self._origin) for index in range(len(self._raw)))


def _opened(raw: Any) -> Any:
    """What is in the wrapper of pulumi_policy, which asks of each value whether it is a marker, as `_peek` does."""
    return raw["__target"] if isinstance(raw, _PROXIES) else raw


def _peek(raw: Any, key: str | int) -> Any:
    """What is there: None where nothing is, `_HIDDEN` where nobody knows yet."""
    try:
        value = raw[key]
    except proxy.UnknownValueError:
        return _HIDDEN
    except KeyError:
        return None
    return _HIDDEN if isinstance(value, str) and value in _MARKERS else value


def _touch(raw: Any, key: str | int, unknown: Unknown) -> Value[Any]:
    value = _peek(raw, key)
    if value is None:
        return ABSENT
    return unknown if value is _HIDDEN else Known(value)


def _map(found: Value[Any], convert: Any, name: str) -> Value[Any]:
    if not isinstance(found, Known):
        return found
    converted = convert(found.value, name)
    return ABSENT if converted is None else Known(converted)


def _collect(value: Any, path: str, unknown: Unknown, found: list[tuple[str, Known[str] | Unknown]]) -> None:
    """Adds what `Record.strings` tells of one value; a list, as thousands of generators in each other take longer."""
    if isinstance(value, str):
        found.append((path, Known(value)))
    elif value is _HIDDEN:
        found.append((path, unknown))
    elif isinstance(value, Mapping):
        raw = _opened(value)
        for key in list(raw):
            _collect(_peek(raw, key), f"{path}.{key}", unknown, found)
    elif _is_list(value):
        raw = _opened(value)
        for index in range(len(raw)):
            _collect(_peek(raw, index), f"{path}[{index}]", unknown, found)


def _only(raw: Sequence[Any], unknown: Unknown, name: str) -> Value[Any]:
    if len(raw) > 1:
        raise UnexpectedShapeError(f"property {name!r} should be one block, it is a list of {len(raw)}")
    return _touch(raw, 0, unknown) if len(raw) else ABSENT


def _is_list(raw: Any) -> bool:
    return isinstance(raw, Sequence) and not isinstance(raw, str | bytes)


def _mapping(raw: Any, name: str) -> Mapping[str, Any]:
    if isinstance(raw, Mapping):
        return raw
    raise UnexpectedShapeError(f"property {name!r} should be a block of properties, it is a {_shape(raw)}")


def _text(raw: Any, name: str) -> str | None:
    if isinstance(raw, str):
        return raw or None
    if isinstance(raw, bool):
        return str(raw).lower()
    if isinstance(raw, int | float):
        return str(int(raw)) if float(raw).is_integer() else str(raw)
    raise UnexpectedShapeError(f"property {name!r} should be a string, it is a {_shape(raw)}")


def _flag(raw: Any, name: str) -> bool | None:
    if isinstance(raw, bool):
        return raw
    if isinstance(raw, str) and raw.lower() in {"true", "false", ""}:
        return raw.lower() == "true" if raw else None
    raise UnexpectedShapeError(f"property {name!r} should be true or false, it is a {_shape(raw)}")


def _number(raw: Any, name: str) -> int | None:
    if raw == "":
        return None
    if not isinstance(raw, bool) and isinstance(raw, int | float | str):
        try:
            number = float(raw)
        except ValueError:
            pass
        else:
            if number.is_integer():
                return int(number)
    raise UnexpectedShapeError(f"property {name!r} should be a whole number, it is a {_shape(raw)}")


def _shape(raw: Any) -> str:
    if isinstance(raw, bool):
        return "boolean"
    if isinstance(raw, Mapping):
        return "block of properties"
    if isinstance(raw, int | float):
        return "number"
    return "list" if _is_list(raw) else "string" if isinstance(raw, str) else type(raw).__name__
