"""What the provider refuses by the form of the inputs: arguments that it does not have, missing ones, a list where it
wants a text, a word that is none of an enumeration.

The form is that of the classes of arguments in the installed SDK, so it is right for its version and for any type; the
words are those of ``allowed``. A program that gives plain dictionaries has nobody else who would tell it.
"""

import functools
import re
import types
import typing
from collections.abc import Iterator, Mapping
from decimal import Decimal
from typing import Any, NamedTuple

from preflight.simulation import allowed, sdk_types
from preflight.simulation.together import UNKNOWN, Problem, near, snake

_SIGNATURE = "4dabf18193072939515e22adb298388d"  # the key of an asset or a reference on the wire: no map of the program
_ADDED = frozenset({"tagsAll", "region", "timeouts"})  # by the engine's side, or by a transform where a type lacks it
_SHOWN = 12  # words of an enumeration in a message
# Texts that the provider takes: strconv.ParseBool and ParseInt of Go (pulumi-terraform-bridge, CoerceTerraformString).
_FLAGS = {"true": True, "t": True, "1": True, "false": False, "f": False, "0": False}
_NUMBER = re.compile(r"[-+]?\d{1,18}(\.\d{1,18})?([eE][-+]?\d\d?)?", re.ASCII)
_READ = ("aws:", "awsx:")
_BEGINS = frozenset("0123456789+-tTfF")
_PLURAL_IN_TERRAFORM = ("Arn", "Block", "Id", "Name")


class Form(NamedTuple):
    """What a declared type takes: blocks of these classes, or which other kinds of values."""

    blocks: tuple[type, ...] = ()
    many: "Form | None" = None
    kinds: frozenset[type] = frozenset()
    open: bool = False
    values: "Form | None" = None  # of a map

    @property
    def words(self) -> str:
        """For a message."""
        if self.many is not None:
            return f"a list, each element of it {self.many.words}"
        names = {str: "a text", int: "a number", float: "a number", bool: "True or False", dict: "a map"}
        said = ["a block"] * bool(self.blocks) + sorted({names.get(kind, "a value") for kind in self.kinds})
        return " or ".join(said)


def problems(type_token: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """What the SDK's class for a type does not take; nothing for a type that the installed SDK does not have."""
    arguments = sdk_types.arguments_class(type_token)
    if arguments is not None:
        yield from _block(arguments, {key: value for key, value in inputs.items() if key not in _ADDED}, "")


def requires(type_token: str, path: str) -> bool:
    """Whether the SDK's class asks for the argument at a path of names; ``[]``, any element of a list, is skipped."""
    arguments = sdk_types.arguments_class(type_token)
    *inner, last = (step for step in path.split(".") if step != "[]")
    for step in inner:
        form = _fields(arguments).get(step) if arguments is not None else None
        found = (form.many or form).blocks if form is not None else ()
        arguments = found[0] if found else None
    return arguments is not None and last in _required(arguments)


def typed(type_token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with flags and numbers in place of the texts that the provider reads as such, and texts in place of
    flags and numbers where it wants nothing else, as its Check returns them: the SDK hands on ``multi_az="true"`` and
    ``tags={"size": 5}`` as they are. Marks of secrets and outputs stay; any other text stays, and is refused. Other
    providers read their inputs themselves; a type that the installed SDK lacks is left too."""
    arguments = sdk_types.arguments_class(type_token) if type_token.startswith(_READ) else None
    return dict(inputs) if arguments is None else _typed_block(arguments, inputs)


def mended(type_token: str, inputs: Mapping[str, Any]) -> dict[str, Any]:
    """The inputs with lists where a block stands for one: the SDK cannot read them back otherwise and ends the program,
    and nobody hears of what else is wrong."""
    arguments = sdk_types.arguments_class(type_token)
    return _mended_block(arguments, inputs) if arguments is not None else dict(inputs)


def _mended_block(arguments: type, values: Mapping[str, Any]) -> dict[str, Any]:
    fields = _fields(arguments)
    return {
        key: _mended(fields[key], value) if isinstance(value, dict | list) and key in fields else value
        for key, value in values.items()
    }


def _mended(form: Form, value: Any) -> Any:
    if isinstance(value, list):
        return [_mended(form.many, each) for each in value] if form.many is not None and form.many.blocks else value
    if not isinstance(value, Mapping) or _SIGNATURE in value or form.open or dict in form.kinds:
        return value
    if form.many is not None and not form.blocks:
        return [_mended(form.many, value)] if form.many.blocks else []
    return _mended_block(form.blocks[0], value) if len(form.blocks) == 1 else value


def _typed_block(arguments: type, values: Mapping[str, Any]) -> dict[str, Any]:
    fields = _fields(arguments)
    return {
        key: value if _is_as_read(value) or (form := fields.get(key)) is None else _typed(form, value)
        for key, value in values.items()
    }


def _is_as_read(value: Any) -> bool:
    """Whether a look at the value alone tells that the provider reads it as it is; most texts are no flag or number."""
    kind = type(value)
    return value[:1] not in _BEGINS if kind is str else value is None


def _typed(form: Form, value: Any) -> Any:
    if isinstance(value, str | int | float):
        return _typed_leaf(form, value)
    if isinstance(value, list):
        element = form.many or form  # a list of one may stand for a block
        return [_typed(element, each) for each in value]
    if not isinstance(value, Mapping):
        return value
    if _SIGNATURE in value:
        return {**value, "value": _typed(form, value["value"])} if "value" in value else value
    if form.values is not None and not form.blocks:
        inner = form.values
        return {key: each if _is_as_read(each) else _typed(inner, each) for key, each in value.items()}
    blocks = (form.many or form).blocks
    return _typed_block(blocks[0], value) if len(blocks) == 1 and dict not in form.kinds else value


def _typed_leaf(form: Form, value: str | bool | int | float) -> Any:
    if isinstance(value, str):
        return _of_text(form.kinds, value)
    only_text = form.kinds == {str} and not (form.open or form.blocks or form.many)
    return _as_text(value) if only_text else value


def _as_text(value: bool | int | float) -> str:
    """A flag or number as the provider writes it: strconv.FormatBool, and FormatFloat without an exponent."""
    return str(value).lower() if isinstance(value, bool) else format(Decimal(repr(value)).normalize(), "f")


def _of_text(kinds: frozenset[type], text: str) -> Any:
    """The flag or number that the provider reads in a text where it wants nothing else; else the text."""
    if kinds == {bool}:
        return _FLAGS.get(text.lower(), text)
    if not kinds or kinds - {int, float} or not _NUMBER.fullmatch(text):
        return text
    number = float(text)
    return int(number) if number.is_integer() else number


def _block(arguments: type, values: Mapping[str, Any], place: str) -> Iterator[Problem]:
    fields, words = _fields(arguments), allowed.of(arguments)
    for key, value in values.items():
        if value is None or value == UNKNOWN or key.startswith("__"):
            continue
        form = fields.get(key)
        if form is None:
            if _plural(fields, key, value):
                continue
            yield Problem(place + key, f"there is no such argument{snake(near(key, fields))}")
            continue
        yield from _value(form, value, place + key)
        if key in words:
            yield from _words(words[key], value, place + key)
    there = {_plural(fields, key, value) or key for key, value in values.items() if value is not None}
    for key in _required(arguments) if place else ():  # at the top the SDK asks for them itself
        if key not in there:
            yield Problem(place + key, "is required and missing")


def _plural(fields: Mapping[str, Form], key: str, value: Any) -> str:
    """The list that a name in the singular stands for. In the plain dictionary of a block the provider takes
    Terraform's own name too, which is the singular for many lists (PulumiToTerraformName of pulumi-terraform-bridge).
    Lists of ids, ARNs, names and CIDR blocks are plural in Terraform as well, with hardly an exception: those names are
    refused."""
    if key in fields or not isinstance(value, list) or key.endswith(_PLURAL_IN_TERRAFORM):
        return ""
    names = (key + "s", key + "es", key[:-1] + "ies")
    return next((each for each in names if each in fields and fields[each].many is not None), "")


def _value(form: Form, value: Any, place: str) -> Iterator[Problem]:
    if form.open or value is None or value == UNKNOWN or (isinstance(value, Mapping) and _SIGNATURE in value):
        return
    if isinstance(value, Mapping) and len(form.blocks) == 1 and dict not in form.kinds:
        yield from _block(form.blocks[0], value, f"{place}.")
    elif isinstance(value, list) and form.many is not None:
        for index, element in enumerate(value):
            yield from _value(form.many, element, f"{place}[{index}]")
    elif not _fits(form, value):
        given = "a map" if isinstance(value, Mapping) else "a list" if isinstance(value, list) else repr(value)
        cure = ": put it into one, [...]" if form.many is not None and not isinstance(value, list) else ""
        yield Problem(place, f"expected {form.words}, got {given}{cure}")


def _fits(form: Form, value: Any) -> bool:
    """A list of one may stand for a block, and either for text in JSON."""
    if isinstance(value, Mapping):
        return form.many is None or bool(form.blocks or dict in form.kinds)
    if isinstance(value, list):
        return bool(form.blocks or form.kinds & {dict, str})
    if form.many is not None or not form.kinds - {dict}:
        return False
    return not isinstance(value, str) or str in form.kinds or _converts(form.kinds, value)


def _converts(kinds: frozenset[type], text: str) -> bool:
    """Whether the provider takes a text for a number or a flag."""
    return any(_of_text(kinds & these, text) is not text for these in ({bool}, {int, float}))


def _words(known: allowed.Words, value: Any, place: str) -> Iterator[Problem]:
    if isinstance(value, list):
        for index, element in enumerate(value):
            yield from _words(known, element, f"{place}[{index}]")
    elif isinstance(value, str) and value != UNKNOWN and (value or known.even_empty) and not known.has(value):
        shown = f": {', '.join(known.values)}" if len(known.values) <= _SHOWN else ""
        yield Problem(place, f"{value!r} is none of what AWS takes{near(value, known.values)}{shown}")


class _Fields(Mapping[str, Form]):
    """The arguments of a class by their names on the wire, each read when it is asked for: of sixty, ten are given."""

    def __init__(self, declared: Mapping[str, Any]) -> None:
        self._declared = declared
        self._forms: dict[str, Form] = {}

    def __getitem__(self, name: str) -> Form:
        found = self._forms.get(name)
        if found is None:
            found = self._forms[name] = _form(self._declared[name])
        return found

    def __iter__(self) -> Iterator[str]:
        return iter(self._declared)

    def __len__(self) -> int:
        return len(self._declared)


@functools.cache
def _fields(arguments: type) -> Mapping[str, Form]:
    from pulumi import _types  # noqa: PLC0415  only in a process that runs a Pulumi program

    return _Fields(_types.input_type_types(arguments))


@functools.cache
def _required(arguments: type) -> tuple[str, ...]:
    """Names on the wire of the arguments without a default."""
    from pulumi import _types  # noqa: PLC0415

    initializer = arguments.__init__  # type: ignore[misc]
    code, defaults = initializer.__code__, initializer.__kwdefaults__ or {}
    names = code.co_varnames[code.co_argcount : code.co_argcount + code.co_kwonlyargcount]
    wire = _types.input_type_py_to_pulumi_names(arguments)
    return tuple(wire.get(name) or name for name in names if name not in defaults)


def _form(declared: Any) -> Form:
    from pulumi import _types  # noqa: PLC0415

    origin = typing.get_origin(declared)
    if origin in (typing.Union, types.UnionType):
        found = [_form(each) for each in typing.get_args(declared) if not _wraps(each)]
        return Form(
            blocks=tuple(block for form in found for block in form.blocks),
            many=next((form.many for form in found if form.many is not None), None),
            kinds=frozenset().union(*(form.kinds for form in found)),
            open=any(form.open for form in found),
            values=next((form.values for form in found if form.values is not None), None),
        )
    if isinstance(origin, type) and issubclass(origin, typing.Mapping):
        declared_values = typing.get_args(declared)[1:]
        return Form(kinds=frozenset({dict}), values=_form(declared_values[0]) if declared_values else None)
    if isinstance(origin, type) and issubclass(origin, typing.Sequence):
        return Form(many=_form(typing.get_args(declared)[0]))
    if isinstance(declared, type) and _types.is_input_type(declared):
        return Form(blocks=(declared,))
    if declared in (int, float, bool, str):
        return Form(kinds=frozenset({declared}))
    return Form(open=True)  # assets, enumerations of the SDK, anything that is not known here


def _wraps(declared: Any) -> bool:
    """Whether an alternative only says that the value may come later, or not at all."""
    name = getattr(typing.get_origin(declared) or declared, "__name__", "")
    return declared is type(None) or name in ("Awaitable", "Output")
