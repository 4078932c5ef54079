"""The engine's side: reads the log of its calls (PULUMI_DEBUG_GRPC), which has every request with its response."""

import copy
import json
import re
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from tests.engine.fidelity import normal
from tests.engine.fidelity.normal import Json, Side

_MONITOR = "/pulumirpc.ResourceMonitor/"
_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 0.001}

# Fields of a registration that say how the SDK talks, where the call stands in the program, or whom to call back.
TALK = {
    "acceptSecrets", "acceptResources", "acceptsByteString", "supportsPartialValues", "supportsResultReporting",
    "sourcePosition", "stackTrace", "parentStackTraceHandle", "transforms", "snippetId", "aliasSpecs", "packageRef",
    "pluginChecksums", "stateMigrations", "envVarMappings",
}  # fmt: skip
# Fields that are no options: they have their own places in the form.
PLACED = {
    "type", "name", "parent", "custom", "remote", "object", "properties", "id", "dependencies", "propertyDependencies",
}  # fmt: skip
# Options whose name and form are the same on both sides.
SAME = {
    "protect", "retainOnDelete", "ignoreChanges", "replaceOnChanges", "version", "deletedWith", "hideDiffs",
    "replaceWith", "hooks",
}  # fmt: skip
# Options that have another name or form in a recording; `_options` translates them.
TRANSLATED = {
    "provider", "providers", "aliases", "aliasURNs", "customTimeouts", "importId", "additionalSecretOutputs",
    "deleteBeforeReplace", "deleteBeforeReplaceDefined", "pluginDownloadURL", "replacementTrigger",
}  # fmt: skip


class UnaccountedError(Exception):
    """The engine was asked something that this comparison does not know: say where it belongs."""


def read(log: Path, states: Iterable[Json]) -> Side:
    """One run of the engine with a policy pack; ``states`` are the resources as they are in its state, or would be."""
    side = Side()
    checked: dict[str, Json] = {}
    for method, request, response in _calls(log):
        if method == f"{_MONITOR}RegisterResource":
            _register(side, request, response)
        elif method == f"{_MONITOR}ReadResource":
            read = {"custom": True, "read": True, "id": request["id"]}
            _add(side, response["urn"], {**_registration(request, response), **read})
        elif method == "/pulumirpc.ResourceProvider/Check":
            checked[request["urn"]] = request["news"]
        elif method == "/pulumirpc.ResourceProvider/CheckConfig":
            _configure(side, request)
        elif method == "/pulumirpc.Analyzer/ConfigureStack":
            side.configuration = request
        elif method == "/pulumirpc.Analyzer/Analyze":
            side.analyzed[request["urn"]] = normal.analyzed(request)
        elif method == "/pulumirpc.Analyzer/AnalyzeStack":
            side.stack = {entry["urn"]: normal.analyzed(entry) for entry in request["resources"]}
    _as_sent_on(side, checked, states)
    return side


def _calls(log: Path) -> Iterator[tuple[str, Json, Json]]:
    for line in log.read_text().splitlines():
        call = json.loads(line)
        if call.get("progress") == "response_completed" and "response" in call:
            yield call["method"], call["request"], call["response"]


def _register(side: Side, request: Json, response: Json) -> None:
    known = side.registrations.get(response["urn"])
    if known is None or request.get("remote"):  # a component of another process registers itself a second time
        _add(side, response["urn"], _registration(request, response))


def _configure(side: Side, request: Json) -> None:
    """A default provider is registered by the engine itself: there is nothing but its configuration."""
    urn = request["urn"]
    kind, name = urn.split("::")[2:]
    if name.startswith("default"):
        inputs = normal.value(request["news"])
        _add(side, urn, {"type": kind, "name": name, "custom": True, "inputs": inputs})


def _add(side: Side, urn: str, registration: Json) -> None:
    side.registrations[urn] = {
        key: entry for key, entry in registration.items() if entry not in ("", [], {}, None, False)
    }


def _registration(request: Json, response: Json) -> Json:
    return {
        **{key: request.get(key) for key in ("type", "name", "parent", "custom", "remote")},
        "id": _known(response.get("id")),
        "inputs": normal.value(request.get("object", request.get("properties", {}))),
        "dependencies": sorted(request.get("dependencies", ())),
        "propertyDependencies": normal.dependencies(request.get("propertyDependencies", {})),
        "options": _options(request),
    }


def _options(request: Mapping[str, Any]) -> Json:
    known = TALK | PLACED | SAME | TRANSLATED
    strange = {key for key, entry in request.items() if key not in known and entry not in ("", [], {}, None, False)}
    if strange:
        raise UnaccountedError(f"{request.get('type')} '{request.get('name')}': {', '.join(sorted(strange))}")
    options: Json = {key: request[key] for key in SAME if request.get(key)}
    options |= {
        "provider": normal.provider_urn(request.get("provider", "")),
        "providers": {key: normal.provider_urn(entry) for key, entry in request.get("providers", {}).items()},
        "aliases": [_alias(alias) for alias in request.get("aliases", ())] or request.get("aliasURNs"),
        "customTimeouts": {key: _seconds(text) for key, text in request.get("customTimeouts", {}).items()},
        "import": request.get("importId"),
        "additionalSecretOutputs": sorted(request.get("additionalSecretOutputs", ())),
        "pluginDownloadUrl": request.get("pluginDownloadURL"),
        "replacementTrigger": normal.value(request.get("replacementTrigger")),
    }
    found = {key: entry for key, entry in options.items() if entry}
    if request.get("deleteBeforeReplaceDefined"):
        found["deleteBeforeReplace"] = bool(request.get("deleteBeforeReplace"))
    return found


def _alias(alias: Json) -> Any:
    if "urn" in alias:
        return alias["urn"]
    return {key: entry for key, entry in alias["spec"].items() if entry != ""}


def _seconds(text: str) -> float:
    total: float = sum(float(number) * _UNITS[unit] for number, unit in re.findall(r"([\d.]+)(h|ms|m|s)", text))
    return int(total) if float(total).is_integer() else total


def _as_sent_on(side: Side, checked: Mapping[str, Json], states: Iterable[Json]) -> None:
    """What the engine made of the requests: transforms, what a child takes from its parent, default providers.

    A request says what the program asked for. Inputs as transforms leave them are in the call of Check, options and
    dependencies in what the policy pack is told, what the pack is never told in the state.
    """
    for urn, told in side.analyzed.items():
        if told["type"].startswith("pulumi:providers:") and urn not in side.registrations:
            _add(side, urn, {"type": told["type"], "name": told["name"], "custom": True})
    known = {state["urn"]: state for state in states}
    for urn, registration in side.registrations.items():
        if urn in checked:
            registration["inputs"] = normal.value(checked[urn])
        if registration.get("remote"):
            continue
        options = registration.setdefault("options", {})
        if not registration.get("read") and urn in side.stack:
            _take(options, _told(side.analyzed[urn].get("options", {})))
            needs = {key: side.stack[urn].get(key) for key in ("dependencies", "propertyDependencies")}
            _take(registration, copy.deepcopy(needs))
        if urn not in known:  # default providers, of which a preview does not speak
            continue
        _take(options, _stated(known[urn]))
        if registration["type"].startswith("pulumi:providers:"):
            _take(registration, {"id": _known(known[urn].get("id"))})
    for urn, registration in side.registrations.items():
        side.registrations[urn] = {key: entry for key, entry in registration.items() if entry not in ({}, [])}


def _told(options: Json) -> Json:
    """The options that a policy pack is told, all of them."""
    same = ("protect", "ignoreChanges", "additionalSecretOutputs", "customTimeouts")
    defined = options.get("deleteBeforeReplaceDefined")
    return {
        **{key: options.get(key) for key in same},
        "deleteBeforeReplace": bool(options.get("deleteBeforeReplace")) if defined else None,
    }


def _stated(state: Json) -> Json:
    """The options that only the state has as they came to be."""
    provider = normal.provider_urn(state.get("provider", ""))
    return {"provider": provider, **{key: state.get(key) for key in ("deletedWith", "retainOnDelete")}}


def _known(identity: str | None) -> str | None:
    return None if identity == normal.UNKNOWN else identity


def _take(target: Json, values: Json) -> None:
    """Sets what is there, and removes what is not; False is something only where the program may say it."""
    for key, entry in values.items():
        if entry in ("", [], {}, None) or (entry is False and key != "deleteBeforeReplace"):
            target.pop(key, None)
        else:
            target[key] = entry
