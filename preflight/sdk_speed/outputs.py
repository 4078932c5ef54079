"""Outputs with fewer tasks: the SDK starts one for each property of each resource, asked for or not.

A program of 200 resources has 4,000 such properties and reads one in ten. The values, what is known and secret of them,
and the resources behind them are the same; so is when a program's own data is looked at.
"""

import asyncio
import functools
from collections.abc import Iterable, Mapping
from typing import Any

from pulumi import output
from pulumi.output import Output
from pulumi.runtime import resource, rpc
from pulumi.runtime.settings import SETTINGS

from preflight.sdk_speed import known

Data = Any  # the SDK's own class of an output's state; private, and without a type from 3.250 on
PROMPT = frozenset({str, int, float, bool, type(None)})
"""Types whose values are what they are; a subclass may be anything."""

OUTPUTS: known.Texts = {
    "pulumi.output": {
        "_OutputData.__post_init__": "c6516ef6914633b4",
        "Output.__init__": "8bbfed732b719206",
        "Output._track": "98cab2b79c400652",
        "Output._from_data": "c0b90cb2c033e4cd",
        "Output.from_input": "808f92fd768d6e15",
        "Output.all": "5a937e4d7d93c489",
    },
    "pulumi.runtime.rpc": {"contains_unknowns": "26afe411619b6625", "transfer_properties": "12097ce0453b3797"},
}
NAMES: known.Texts = {"pulumi.runtime.resource": {"create_urn": "9ef05ef98f44e152"}}


def install() -> None:
    """Replaces what is known; see `preflight.sdk_speed`."""
    if known.as_expected(OUTPUTS):
        rpc.contains_unknowns = output.contains_unknowns = contains_unknowns
        rpc.transfer_properties = _transfer_properties
        Output._track = _track  # type: ignore[method-assign]  # noqa: SLF001
        Output.from_input = staticmethod(functools.partial(_from_input, Output.from_input))  # type: ignore[method-assign]
        if known.as_expected(NAMES):
            resource.create_urn = functools.partial(_create_urn, resource.create_urn)


def contains_unknowns(val: Any) -> bool:
    """Whether anything in the value is known only after the deployment; looks into each list and dictionary once."""
    return type(val) not in PROMPT and _any_unknown((val,), set())


def _any_unknown(values: Iterable[Any], seen: set[int]) -> bool:
    for value in values:
        kind = type(value)
        if kind in PROMPT:
            continue
        if isinstance(value, output.Unknown):
            return True
        if isinstance(value, dict | list) and (identity := object.__hash__(value)) not in seen:
            seen.add(identity)
            if _any_unknown([value[key] for key in value] if isinstance(value, dict) else value, seen):
                return True
    return False


def _transfer_properties(res: Any, props: Mapping[str, Any], custom: bool) -> dict[str, Any]:
    """Makes an output of each property, and answers what resolves them.

    They are not waited for at the end of the program: whoever resolves them is.
    """
    resolvers = {}
    for name in props:
        if name == "urn" or (name == "id" and custom):
            continue
        future: asyncio.Future[Data] = asyncio.Future()
        resolvers[name] = functools.partial(_resolve, future, res)
        res.__dict__[name] = _output(future)
    return resolvers


def _resolve(
    future: "asyncio.Future[Data]", res: Any, value: Any, is_known: bool, is_secret: bool, deps: Any,
    failed: Exception | None,
) -> None:  # fmt: skip
    if failed is not None:
        future.set_exception(failed)
    else:
        resources = {*(deps or ()), res}
        future.set_result(output._OutputData(resources=resources, value=value, is_known=is_known, is_secret=is_secret))  # noqa: SLF001


def _output(data: "asyncio.Future[Data]") -> Output[Any]:
    made = object.__new__(Output)
    made._data = data
    return made


def _prompt(value: Any) -> Output[Any]:
    data: asyncio.Future[Data] = asyncio.Future()
    data.set_result(output._OutputData(resources=set(), value=value, is_known=True, is_secret=False))  # noqa: SLF001
    return _output(data)


def _track(self: Any) -> None:
    data = self._data
    if data.done() and not data.cancelled() and data.exception() is None:
        return  # there is nothing to wait for
    with SETTINGS.lock:
        SETTINGS.outputs.add(data)
    data.add_done_callback(_ended)


def _ended(data: "asyncio.Future[Data]") -> None:
    if data.cancelled() or data.exception() is not None:
        return  # left to be told at the end of the program
    with SETTINGS.lock:
        SETTINGS.outputs.discard(data)


def _create_urn(original: Any, name: Any, type_: Any, parent: Any = None, *place: Any, **named: Any) -> Output[Any]:
    if type(name) is str and type(type_) is str and type(parent) is str:
        return _prompt(f"{parent[0 : parent.rfind('::')]}${type_}::{name}")
    made: Output[Any] = original(name, type_, parent, *place, **named)
    return made


def _from_input(original: Any, val: Any) -> Output[Any]:
    """`Output.from_input`, with one task for a value made of lists and dictionaries instead of two for each of them."""
    kind = type(val)
    if kind in PROMPT or ((kind is dict or kind is list) and not val):
        return _prompt(val)
    if kind is dict or kind is list:
        return Output._from_data(_gathered(original, _taken(val)))  # noqa: SLF001
    made: Output[Any] = original(val)
    return made


def _taken(value: Any) -> Any:
    """The value as it is now: what is in the lists and dictionaries that the SDK looks into before it returns."""
    if type(value) is list:
        return [_taken(element) for element in value]
    return dict(value) if type(value) is dict else value


async def _gathered(original: Any, value: Any) -> Data:
    waiting: list[Output[Any]] = []
    shape = _lifted(original, value, waiting)
    data = list(await asyncio.gather(*(one._data for one in waiting)))  # noqa: SLF001
    resources = set().union(*(one.resources for one in data))
    is_known, is_secret = all(one.is_known for one in data), any(one.is_secret for one in data)
    return output._OutputData(resources, _filled(shape, iter(data)), is_known, is_secret)  # noqa: SLF001


class _Awaited:
    """The place of a value that has to be waited for."""


def _lifted(original: Any, value: Any, waiting: list[Output[Any]]) -> Any:
    kind = type(value)
    if kind in PROMPT:
        return value
    if kind is list:
        return [_lifted(original, element, waiting) for element in value]
    if kind is dict and all(type(key) is str for key in value):
        return {key: _lifted(original, element, waiting) for key, element in value.items()}
    waiting.append(original(value))
    return _Awaited


def _filled(shape: Any, data: Any) -> Any:
    if shape is _Awaited:
        return next(data).value
    if type(shape) is list:
        return [_filled(element, data) for element in shape]
    return {key: _filled(element, data) for key, element in shape.items()} if type(shape) is dict else shape
