"""Keeps what is valid of a mistaken stack file, so that rules over several values still find their mistakes. Failure
path only."""

from collections.abc import Callable, Mapping
from functools import cache, cached_property, partial
from types import NoneType
from typing import Annotated, Any, Literal, TypeGuard, TypeVar, get_args, get_origin

from pydantic import ConfigDict, TypeAdapter, ValidationError
from pydantic.fields import FieldInfo

from settings.section import Salvaged, Section, alias

S = TypeVar("S", bound=Section)
Keep = Callable[[object], Any]
"""What is valid of a value of one type; _NOTHING where it is mistaken as a whole."""

_NOTHING = object()


def salvage(model: type[S], raw: object) -> S:
    """A section in which every field that is mistaken has no value: asking for it raises Unknown. Rules have not been
    run."""
    values: dict[str, Any] = {}
    if isinstance(raw, dict):
        for name, key, keep, default in _fields(model):
            if key in raw:
                value = keep(raw[key])
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
def _fields(model: type[Section]) -> tuple[tuple[str, str, Keep, Callable[[], Any] | None], ...]:
    """Of each field: its name, its key, what keeps the valid part of a value, what makes its default if it has one."""
    return tuple(
        (name, alias(model, name), _keep(field.rebuild_annotation()), None if field.is_required() else _default(field))
        for name, field in model.model_fields.items()
    )


def _default(field: FieldInfo) -> Callable[[], Any]:
    factory: Any = field.default_factory  # ours take no argument; pydantic would look at the signature each time
    return factory if factory is not None else field.get_default


def _keep(annotation: Any) -> Keep:
    """What keeps the valid part of a value of this type: found out once, not for each value."""
    kind = get_args(annotation)[0] if get_origin(annotation) is Annotated else annotation
    options = get_args(kind)
    given = [option for option in options if option is not NoneType]
    models = [option for option in given if _is_section(option)]
    if _is_section(kind):
        return partial(salvage, kind)
    if get_origin(kind) is Mapping:
        return _of_a_map(*options)
    if get_origin(kind) is tuple:
        keep = _of_a_list(given[0]) if _is_section(given[0]) else _Plain(annotation)
    elif len(given) == 1 and len(options) == 2:  # a union of sections, or null
        keep = _keep(given[0])
    else:
        keep = partial(_of_its_kind, models) if models else _Plain(annotation)
    return _or_null(keep) if NoneType in options else keep


def _is_section(kind: Any) -> TypeGuard[type[Section]]:
    return isinstance(kind, type) and issubclass(kind, Section)


def _or_null(keep: Keep) -> Keep:
    return lambda raw: None if raw is None else keep(raw)


def _of_a_map(name_kind: Any, entry: Any) -> Keep:
    # A name that refers to something (a store) cannot do so when it is mistaken itself.
    keep, known = _keep(entry), None if name_kind is str else _Plain(name_kind)

    def of_a_map(raw: object) -> Any:
        if not isinstance(raw, dict):
            return _NOTHING
        parts = {name: part for name, value in raw.items() if (part := keep(value)) is not _NOTHING}
        if known is None:
            return parts
        return {name: p for name, p in parts.items() if isinstance(p, Section) or known(name) is not _NOTHING}

    return of_a_map


def _of_a_list(model: type[Section]) -> Keep:
    return lambda raw: tuple(salvage(model, part) for part in raw) if isinstance(raw, list) else _NOTHING


class _Plain:
    """Keeps a value that pydantic takes."""

    def __init__(self, annotation: Any) -> None:
        self._annotation = annotation

    def __call__(self, raw: object) -> Any:
        try:
            return self._adapter.validate_python(raw)
        except ValidationError:
            return _NOTHING

    @cached_property
    def _adapter(self) -> TypeAdapter[Any]:
        return TypeAdapter(self._annotation, config=ConfigDict(strict=True, allow_inf_nan=False))


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
