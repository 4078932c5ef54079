"""The requests that the engine would send to a policy pack for a run.

``Analyze`` gets inputs after Check, without top-level ``__`` keys. ``AnalyzeStack`` gets outputs; in a preview what AWS
computes is there and unknown, as the real provider plans it. Resources read from the cloud are in neither: their
properties are not known here, and a verdict on invented ones would be worth nothing. What the program makes of them is
unknown at the update too (``preflight.existing``).
"""

from collections.abc import Iterator
from typing import Any

from pulumi.runtime.proto import analyzer_pb2

from preflight import existing, wire
from preflight.monitor import Monitor, unknown_until_made
from preflight.registry import Entry
from preflight.run import Run
from preflight.simulation import images

_DRAWN = {"aws:ec2/subnet:Subnet": ("availabilityZone", "availabilityZoneId")}
"""Outputs that AWS picks among several where the program says none of them. What is made up is not told to the pack."""


def stack_configuration(run: Run) -> analyzer_pb2.AnalyzerStackConfigureRequest:
    """What the pack is told about the stack before anything else."""
    return analyzer_pb2.AnalyzerStackConfigureRequest(
        stack=run.stack,
        project=run.project,
        organization=run.organization,
        dry_run=run.preview,
        config_secret_keys=sorted(run.secret_keys),
        config=dict(run.config),
        tags={},
    )


def analyze_requests(monitor: Monitor) -> Iterator[analyzer_pb2.AnalyzeRequest]:
    """One request per registered resource, providers and components among them, sorted by URN."""
    entries = monitor.registry.sorted()
    providers = _provider_resources(entries)
    for entry in entries:
        if not entry.external:
            yield analyzer_pb2.AnalyzeRequest(
                type=entry.type,
                urn=entry.urn,
                name=entry.name,
                properties=wire.struct(_visible({} if entry.remote else _veiled(entry, entry.checked, monitor))),
                options=_options(entry),
                provider=providers.get(entry.provider),
            )


def analyze_stack_request(monitor: Monitor) -> analyzer_pb2.AnalyzeStackRequest:
    """All of them at once, with outputs and dependencies."""
    entries = monitor.registry.sorted()
    providers = _provider_resources(entries)
    resources = []
    for entry in entries:
        if entry.external:
            continue
        resource = analyzer_pb2.AnalyzerResource(
            type=entry.type,
            urn=entry.urn,
            name=entry.name,
            properties=wire.struct(_visible(_veiled(entry, _outputs(entry, monitor), monitor))),
            options=_options(entry),
            provider=providers.get(entry.provider),
            parent=entry.parent,
            dependencies=entry.dependencies,
        )
        for key, urns in () if entry.remote else entry.property_dependencies.items():
            resource.propertyDependencies[key].urns.extend(urns)
        resources.append(resource)
    return analyzer_pb2.AnalyzeStackRequest(resources=resources)


def _provider_resources(entries: list[Entry]) -> dict[str, analyzer_pb2.AnalyzerProviderResource]:
    return {
        entry.urn: analyzer_pb2.AnalyzerProviderResource(
            type=entry.type, urn=entry.urn, name=entry.name, properties=wire.struct(_visible(entry.checked))
        )
        for entry in entries
        if entry.type.startswith("pulumi:providers:")
    }


def _visible(values: dict[str, Any]) -> dict[str, Any]:
    return {key: wire.flat(value) for key, value in values.items() if not key.startswith("__")}


def _veiled(entry: Entry, values: dict[str, Any], monitor: Monitor) -> dict[str, Any]:
    return existing.veiled(entry, values, monitor.registry.entries)


def _outputs(entry: Entry, monitor: Monitor) -> dict[str, Any]:
    if not entry.custom or entry.type.startswith("pulumi:providers:"):
        return entry.outputs
    if monitor.providers.waits(entry.provider):
        return {}
    # Among the outputs of providers bridged from Terraform, which nearly all are; docker-build is none.
    identity = {} if entry.type == images.TYPE else {"id": entry.id or wire.UNKNOWN}
    unknown = dict.fromkeys(unknown_until_made(entry), wire.UNKNOWN) if monitor.run.preview else {}
    drawn = _DRAWN.get(entry.type, ())
    told = entry.outputs
    if drawn and entry.checked.keys().isdisjoint(drawn):
        told = {key: value for key, value in told.items() if key not in drawn}
    return {**unknown, **told, **identity}


def _options(entry: Entry) -> analyzer_pb2.AnalyzerResourceOptions:
    options = entry.options
    return analyzer_pb2.AnalyzerResourceOptions(
        protect=options.get("protect", False),
        ignoreChanges=options.get("ignoreChanges", ()),
        deleteBeforeReplace=options.get("deleteBeforeReplace", False),
        deleteBeforeReplaceDefined="deleteBeforeReplace" in options,
        additionalSecretOutputs=options.get("additionalSecretOutputs", ()),
        customTimeouts=analyzer_pb2.AnalyzerResourceOptions.CustomTimeouts(**options.get("customTimeouts", {})),
        parent=entry.parent,
    )
