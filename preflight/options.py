"""The options of a registration, in the form of a recording: only those that were set."""

import re
from typing import TYPE_CHECKING, Any

from preflight import wire

if TYPE_CHECKING:
    from pulumi.runtime.proto import alias_pb2, resource_pb2

INHERITED = ("protect", "retainOnDelete", "deletedWith")
"""Options that the engine takes from the parent where a registration does not say them (source_eval.go, v3.259)."""

_UNITS = {"h": 3600.0, "m": 60.0, "s": 1.0, "ms": 1e-3, "us": 1e-6, "µs": 1e-6, "ns": 1e-9}
_DURATION = re.compile(r"(\d+(?:\.\d*)?)(h|ms|m|s|us|µs|ns)")


def seconds(duration: str) -> float:
    """A Go duration such as ``1h30m`` in seconds; ValueError for anything else."""
    position, total = 0, 0.0
    while position < len(duration):
        found = _DURATION.match(duration, position)
        if found is None:
            break
        total += float(found[1]) * _UNITS[found[2]]
        position = found.end()
    if position != len(duration) or not duration:
        raise ValueError(
            f"custom timeout {duration!r} is not a duration: use numbers with units such as 30s, 10m or 1h30m"
        )
    return int(total) if total.is_integer() else total


def recorded(request: "resource_pb2.RegisterResourceRequest", provider: str) -> dict[str, Any]:
    """Options by the names of the recording; URNs of providers without their ids."""
    options: dict[str, Any] = {
        "protect": request.protect,
        "retainOnDelete": request.retainOnDelete,
        "ignoreChanges": list(request.ignoreChanges),
        "replaceOnChanges": list(request.replaceOnChanges),
        "aliases": [_alias(alias) for alias in request.aliases] or list(request.aliasURNs),
        "provider": provider,
        "providers": {package: urn_of(request.providers[package]) for package in sorted(request.providers)},
        "version": request.version,
        "customTimeouts": timeouts(request.customTimeouts),
        "additionalSecretOutputs": sorted(request.additionalSecretOutputs),
        "deletedWith": request.deletedWith,
        "import": request.importId,
        "pluginDownloadUrl": request.pluginDownloadURL,
    }
    # Fields that older SDKs do not have.
    for name, field in (("replaceWith", "replace_with"), ("hideDiffs", "hideDiffs")):
        options[name] = sorted(getattr(request, field, ()))
    if hasattr(request, "hooks"):
        options["hooks"] = {field.json_name: list(names) for field, names in request.hooks.ListFields()}
    if hasattr(request, "replacement_trigger") and request.HasField("replacement_trigger"):
        options["replacementTrigger"] = wire.redacted(wire.unpacked(request.replacement_trigger))
    kept = {key: value for key, value in options.items() if value}
    if request.deleteBeforeReplaceDefined:
        kept["deleteBeforeReplace"] = request.deleteBeforeReplace
    return kept


def of_read(request: "resource_pb2.ReadResourceRequest", provider: str) -> dict[str, Any]:
    """The same of a read."""
    options: dict[str, Any] = {
        "external": True,
        "provider": provider,
        "version": request.version,
        "additionalSecretOutputs": sorted(request.additionalSecretOutputs),
        "pluginDownloadUrl": request.pluginDownloadURL,
    }
    return {key: value for key, value in options.items() if value}


def timeouts(message: "resource_pb2.RegisterResourceRequest.CustomTimeouts") -> dict[str, float]:
    """Custom timeouts in seconds; those not set are left out."""
    return {field.name: seconds(value) for field, value in message.ListFields()}


def urn_of(reference: str) -> str:
    """The URN in a provider reference (``urn::id``)."""
    return reference.rpartition("::")[0]


def _alias(alias: "alias_pb2.Alias") -> Any:
    if alias.HasField("urn"):
        return alias.urn
    return {field.name: value for field, value in alias.spec.ListFields() if value != ""}
