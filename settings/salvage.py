"""Keeps what is valid of a mistaken stack file, so that rules over several values still find their mistakes. Failure
path only."""

from collections.abc import Callable, Mapping
from functools import cache
from typing import Annotated, Any, Literal, TypeVar, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from settings.section import Salvaged, Section, alias

S = TypeVar("S", bound=Section)

_NOTHING = object()


def salvage(model: type[S], raw: object) -> S:
    """A section in which every field that is mistaken has no value: asking for it raises Unknown. Rules have not been
    run."""
    values: dict[str, Any] = {}
    if isinstance(raw, dict):
        for name, key, annotation, default in _fields(model):
            if key in raw:
                value = _part(annotation, raw[key])
                if value is not _NOTHING:
                    values[name] = value
            elif default is not None:
                values[name] = default()
    # As model_construct makes it, which would fill in defaults, also for a field whose value is mistaken.
    salvaged = model.__new__(model)
    state: dict[str, Any] = {"__dict__": values, "__pydantic_fields_set__": set()}
    for name, content in {**state, "__pydantic_extra__": None, "__pydantic_private__": None}.items():
        object.__setattr__(salvaged, name, content)
    return salvaged


@cache
def _fields(model: type[Section]) -> tuple[tuple[str, str, Any, Callable[[], Any] | None], ...]:
    """Of each field: its name, its key, what it may be, and what makes its default if it has one."""
    return tuple(
        (name, alias(model, name), field.rebuild_annotation(), None if field.is_required() else _default(field))
        for name, field in model.model_fields.items()
    )


def _default(field: FieldInfo) -> Callable[[], Any]:
    factory: Any = field.default_factory  # ours take no argument; pydantic would look at the signature each time
    return factory if factory is not None else field.get_default


def _part(annotation: Any, raw: object) -> Any:
    kind = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    if isinstance(kind, type) and issubclass(kind, Section):
        return salvage(kind, raw)
    if get_origin(kind) is Mapping:
        name_kind, entry = get_args(kind)
        if not isinstance(raw, dict):
            return _NOTHING
        parts = {name: _part(entry, value) for name, value in raw.items()}
        if name_kind is not str:  # a name that refers to something (a store) cannot do so when it is mistaken itself
            parts = {
                name: part
                for name, part in parts.items()
                if isinstance(part, Section) or _valid(name_kind, name) is not _NOTHING
            }
        return {name: value for name, value in parts.items() if value is not _NOTHING}
    return _of_several(annotation, kind, raw)


def _of_several(annotation: Any, kind: Any, raw: object) -> Any:
    """A value whose type is a union or a list, or plain."""
    if raw is None and type(None) in get_args(kind):
        return None
    if get_origin(kind) is tuple:
        (item, *_) = get_args(kind)
        if isinstance(item, type) and issubclass(item, Section) and isinstance(raw, list):
            return tuple(salvage(item, part) for part in raw)
        return _valid(annotation, raw)
    given = [option for option in get_args(kind) if option is not type(None)]
    if len(given) == 1 and len(get_args(kind)) == 2:  # a union of sections, or null
        return _part(given[0], raw)
    models = [option for option in get_args(kind) if isinstance(option, type) and issubclass(option, Section)]
    if models:
        return _of_its_kind(models, raw)
    return _valid(annotation, raw)


def _valid(annotation: Any, raw: object) -> Any:
    try:
        return _adapter(annotation).validate_python(raw)
    except ValidationError:
        return _NOTHING


@cache
def _adapter(annotation: Any) -> TypeAdapter[Any]:
    return TypeAdapter(annotation, config=ConfigDict(strict=True, allow_inf_nan=False))


def _of_its_kind(models: list[type[Section]], raw: object) -> Section:
    """The one model whose fixed texts (`engine: postgres`) are those of `raw`."""
    for model in models:
        if isinstance(raw, dict) and all(raw.get(key) in values for key, values in _fixed(model)):
            return salvage(model, raw)
    return Salvaged()


@cache
def _fixed(model: type[Section]) -> tuple[tuple[str, tuple[Any, ...]], ...]:
    """The keys that have one of a few fixed texts, and these."""
    return tuple(
        (alias(model, name), get_args(field.annotation))
        for name, field in model.model_fields.items()
        if get_origin(field.annotation) is Literal and field.is_required()
    )
