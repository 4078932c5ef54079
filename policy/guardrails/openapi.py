"""OpenAPI documents that an API of API Gateway is imported from: whether their routes ask who calls.

From the developer guides (OpenAPI extensions), from memory: API Gateway takes a security scheme for an authorizer where
it has `x-amazon-apigateway-authorizer` or `x-amazon-apigateway-authtype`, and an API key where its type is `apiKey`.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

_VERBS = frozenset({"get", "put", "post", "delete", "head", "patch", "trace", "x-amazon-apigateway-any-method"})
_AUTHORIZERS = ("x-amazon-apigateway-authorizer", "x-amazon-apigateway-authtype")
_TYPE = "x-amazon-apigateway-auth"
POLICY = "x-amazon-apigateway-policy"


class Routes(NamedTuple):
    """How many routes ask nobody, of how many it is not known, how many there are. `policy`: the document has one."""

    open: int
    doubtful: int
    all: int
    policy: bool


def routes(text: str, *, keys: bool) -> Routes | None:
    """Those of a document in JSON or YAML, without what a browser asks before (OPTIONS); None for a text that is none.
    `keys`: whether an API key is one of the ways to ask, which it is for REST APIs alone."""
    document = _parsed(text)
    if not isinstance(document, Mapping) or not isinstance(paths := document.get("paths"), Mapping):
        return None
    schemes = _schemes(document)
    asks = [
        _asks(route, document, schemes, keys)
        for path, item in paths.items()
        if str(path)[:2] != "x-"
        for route in _of(item)
    ]
    return Routes(asks.count(False), asks.count(None), len(asks), policy=POLICY in document)


def _parsed(text: str) -> Any:
    try:
        return json.loads(text)
    except ValueError:
        pass
    except RecursionError:
        return None
    import yaml  # noqa: PLC0415 - few programs have such a document, and most of those in JSON

    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 - both are safe
    except (yaml.YAMLError, ValueError, RecursionError):
        return None


def _of(item: Any) -> Iterator[Mapping[str, Any] | None]:
    """The routes of one path; None for one that stands elsewhere."""
    if not isinstance(item, Mapping) or "$ref" in item:
        yield None
        return
    for verb, route in item.items():
        if str(verb).lower() in _VERBS:
            yield route if isinstance(route, Mapping) else {}


def _schemes(document: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = document.get("components")
    given = (parts.get("securitySchemes") if isinstance(parts, Mapping) else None, document.get("securityDefinitions"))
    return {name: scheme for each in given if isinstance(each, Mapping) for name, scheme in each.items()}


def _asks(
    route: Mapping[str, Any] | None, document: Mapping[str, Any], schemes: Mapping[str, Any], keys: bool
) -> bool | None:
    if route is None:
        return None
    own = route.get(_TYPE, document.get(_TYPE))
    kind = own.get("type") if isinstance(own, Mapping) else own
    if isinstance(kind, str):
        return kind.upper() != "NONE"
    wanted = route.get("security", document.get("security"))
    alternatives = [each for each in wanted if isinstance(each, Mapping)] if isinstance(wanted, list) else []
    if not alternatives or {} in alternatives:
        return False
    answers = [_any_asks((schemes.get(name) for name in each), keys) for each in alternatives]
    return all(answers) or None


def _any_asks(schemes: Iterator[Any], keys: bool) -> bool:
    """Whether API Gateway is known to enforce one of them: what it does with others is not known here."""
    return any(
        isinstance(each, Mapping)
        and (any(name in each for name in _AUTHORIZERS) or (keys and each.get("type") == "apiKey"))
        for each in schemes
    )
