"""How a case is written: one control, a sentence, a small program, and what the control says of it.

Every case runs at preview (ids unknown) and at update (ids known) in `test_policy_cases.py`, which also hides each
input in turn that the control looks at: what is unknown is never taken for good, nor for bad.
"""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from functools import cache
from typing import Any

from guardrails.config import Config, parse
from guardrails.controls import CONTROLS
from guardrails.verdicts import Outcome

from tests.policy.graphs import Derived, Elsewhere, Output, Program

Make = Callable[[], Program]
BY_ID = {control.id: control for control in CONTROLS}


@dataclass(frozen=True, kw_only=True, eq=False)
class Case:
    """What a control complains of, by logical name of the resource; nothing: the program is compliant.

    `told`: words of a message that say what is easily mistaken, such as a path or another fix than the control's own.
    """

    control: str
    says: str
    program: Make
    update: Mapping[str, Outcome]
    preview: Mapping[str, Outcome]
    raw: Mapping[str, Any] = field(default_factory=dict)
    protected: bool = False
    told: str = ""

    def config(self) -> Config:
        """The configuration of the case; its control is asked whatever its packs."""
        return _parsed(json.dumps({**self.raw, "levels": {self.control: "mandatory"}}), self.protected)

    def __str__(self) -> str:
        return f"{self.control}: {self.says}"


@cache
def _parsed(raw: str, protected: bool) -> Config:
    return parse(json.loads(raw), CONTROLS, "prod" if protected else "dev")


def holds(
    control: str, says: str, program: Make, *, at_preview: tuple[str, ...] = (), protected: bool = False,
    told: str = "", **config: Any,
) -> Case:  # fmt: skip
    """The control is content; `at_preview` are the resources on which it is undecided as long as ids are unknown."""
    undecided = dict.fromkeys(at_preview, Outcome.UNDECIDED)
    return Case(
        control=control, says=says, program=program, update={}, preview=undecided, raw=config, protected=protected,
        told=told,
    )  # fmt: skip


def breaks(
    control: str, says: str, program: Make, *names: str, undecided_at_preview: bool = False,
    only_at_update: bool = False, protected: bool = False, told: str = "", **config: Any,
) -> Case:  # fmt: skip
    """The control finds these resources in violation (default: `it`), at preview too unless that is said.

    `only_at_update` is for controls that look at the run: nothing at preview, not even a doubt.
    """
    found = dict.fromkeys(names or ("it",), Outcome.VIOLATION)
    before = dict.fromkeys(found, Outcome.UNDECIDED) if undecided_at_preview else {} if only_at_update else found
    return Case(
        control=control, says=says, program=program, update=found, preview=before, raw=config, protected=protected,
        told=told,
    )  # fmt: skip


def waits(
    control: str, says: str, program: Make, *names: str, protected: bool = False, told: str = "", **config: Any
) -> Case:
    """The answer lies outside of the program: undecided in both phases (default: on `it`)."""
    found = dict.fromkeys(names or ("it",), Outcome.UNDECIDED)
    return Case(
        control=control, says=says, program=program, update=found, preview=found, raw=config, protected=protected,
        told=told,
    )  # fmt: skip


@dataclass(frozen=True)
class Ref:
    """`ref("vpc.id")`: a property of another resource of the same program."""

    name: str
    key: str


def ref(path: str) -> Any:
    """What another resource will be: `ref("vpc.id")`, `ref("key.arn")`."""
    name, _, key = path.partition(".")
    return Ref(name, key)


@dataclass(frozen=True)
class Document:
    """JSON text; unknown as a whole at preview when there is a `ref` in it."""

    content: Any


def document(content: Any) -> Any:
    """A policy document or container definitions as the text that a program sends."""
    return Document(content)


@dataclass(frozen=True)
class Made:
    """What `make` makes of what these `ref`s turn out to be; a preview shows only from where it comes."""

    refs: tuple[Ref, ...]
    make: Callable[..., Any]


def made_of(*refs: Any, make: Callable[..., Any]) -> Any:
    """What an `apply` over properties of other resources makes."""
    return Made(refs, make)


def first(count: int, *refs: Any) -> Any:
    """A list of the first of these, of which a preview shows only that it is made of all of them."""
    return Made(refs, lambda *values: list(values[:count]))


def lost(value: Any) -> Any:
    """Unknown at preview without a source: an output of another stack, or a lost edge."""
    return Elsewhere(value)


def one(kind: str, /, **inputs: Any) -> Make:
    """A program of one resource, `it`."""
    return build(it=(kind, inputs))


def build(**resources: tuple[str, dict[str, Any]] | tuple[str, dict[str, Any], dict[str, Any]]) -> Make:
    """A program by logical name; `ref`s may point to any resource that comes before. `-` is written `_`.

    A third element of the tuple is a dict of options: `protect`, `ignores`, `provider`, `parent`.
    """

    def make() -> Program:
        program = Program()
        add(program, **resources)
        return program

    return make


def add(program: Program, **resources: Any) -> Program:
    """The program with more resources in it."""
    for name, (kind, inputs, *options) in resources.items():
        settings = dict(options[0]) if options else {}
        parent = settings.pop("parent", None)
        made = program.add(
            kind,
            name.replace("_", "-"),
            program[parent] if parent else None,
            **{key: _real(value, program) for key, value in inputs.items()},
        )
        for key, value in settings.items():
            assert hasattr(made, key), key
            setattr(made, key, value)
    return program


def house(base: Callable[[], Program], /, **resources: Any) -> Make:
    """A compliant program of `houses.py` with more resources in it."""
    return lambda: add(base(), **resources)


def changed(base: Make, name: str, /, **inputs: Any) -> Make:
    """The program with other inputs of one resource; `None` takes an input away."""

    def make() -> Program:
        program = base()
        for key, value in inputs.items():
            if value is None:
                program[name].inputs.pop(key, None)
            else:
                program[name].inputs[key] = _real(value, program)
        return program

    return make


def without(base: Make, *names: str) -> Make:
    """The program without some resources."""

    def make() -> Program:
        program = base()
        for name in names:
            del program[name]
        return program

    return make


def retyped(base: Make, name: str, token: str) -> Make:
    """The program with a resource under another type token: an old name of the same thing."""

    def make() -> Program:
        program = base()
        program[name].type = token
        return program

    return make


def _real(value: Any, program: Program) -> Any:
    if isinstance(value, Ref):
        return Output(program[value.name], value.key)
    if isinstance(value, Made):
        return Derived(tuple(_real(each, program) for each in value.refs), value.make)
    if isinstance(value, Document):
        content = _real(value.content, program)
        outputs = tuple(_outputs(content))
        known = not outputs and _settled(content) == content
        return json.dumps(content) if known else Derived(outputs, lambda *_: json.dumps(_settled(content)))
    if isinstance(value, dict):
        return {key: _real(item, program) for key, item in value.items()}
    return [_real(item, program) for item in value] if isinstance(value, list) else value


def _outputs(value: Any) -> Iterator[Output]:
    if isinstance(value, Output):
        yield value
    elif isinstance(value, dict | list):
        for item in value.values() if isinstance(value, dict) else value:
            yield from _outputs(item)


def _settled(value: Any) -> Any:
    if isinstance(value, Output | Derived | Elsewhere):
        return value.resolved()
    if isinstance(value, dict):
        return {key: _settled(item) for key, item in value.items()}
    return [_settled(item) for item in value] if isinstance(value, list) else value
