"""Providers of a run: the explicit ones of the program, and the default ones that the engine makes by itself."""

import json
import re
from collections.abc import Mapping
from typing import Any

from preflight import wire
from preflight.faults import Fault, MissingProviderError
from preflight.options import urn_of
from preflight.registry import Entry, Registry, make_urn
from preflight.run import Run
from preflight.sequence import Made
from preflight.simulation.place import Place, uuid

_PREFIX = "pulumi:providers:"


class Providers:
    """Finds the provider of each resource, and makes the default ones, one per package and version."""

    def __init__(self, run: Run, registry: Registry) -> None:
        self._run = run
        self._registry = registry
        self._disabled = self._switched_off()

    def of(self, request: Any, source: str | None, packages: Mapping[str, tuple[str, str]]) -> str:
        """URN of the provider of a registration or read; empty for components and for providers themselves.

        A component of another process has none either, but the process that builds it is one, and is made here.
        """
        if request.provider:
            return urn_of(request.provider)
        remote = getattr(request, "remote", False)
        if not (remote or getattr(request, "custom", True)) or request.type.startswith(_PREFIX):
            return ""
        package, version = packages.get(request.packageRef) or (request.type.partition(":")[0], request.version)
        if package in self._disabled or ("*" in self._disabled and package != "pulumi"):
            fault = Fault(
                kind="missing-provider",
                message=(
                    f"{request.type} '{request.name}' has no provider: the stack switches the default provider of "
                    f"'{package}' off (pulumi:disable-default-providers). Hand it one by provider=, or by its parent"
                ),
                source=source,
            )
            self._registry.fault(fault)
            raise MissingProviderError(fault)
        default = self._default(package, version, request.pluginDownloadURL)
        return "" if remote else default

    def _switched_off(self) -> frozenset[str]:
        text = self._run.config.get("pulumi:disable-default-providers")
        return frozenset(json.loads(text)) if text else frozenset()

    def _default(self, package: str, version: str, url: str) -> str:
        name = "_".join(["default", *(re.sub(r"[^A-Za-z0-9]", "_", part) for part in (version, url) if part)])
        urn = make_urn(self._run.stack, self._run.project, "", _PREFIX + package, name)
        with self._registry.lock:
            if urn not in self._registry.entries:
                inputs = self._configured(package)
                if version:
                    inputs["version"] = version
                entry = Entry(
                    urn=urn, type=_PREFIX + package, name=name, parent="", custom=True, id=self.identity(urn),
                    inputs=inputs, checked=inputs, outputs=dict(inputs), made=Made(late=False),
                )  # fmt: skip
                self._registry.add(entry)
        return urn

    def _configured(self, package: str) -> dict[str, Any]:
        return {
            key.partition(":")[2]: wire.secret(value) if key in self._run.secret_keys else value
            for key, value in sorted(self._run.config.items())
            if key.startswith(f"{package}:") and key != "pulumi:disable-default-providers"
        }

    def identity(self, urn: str) -> str:
        """A provider's id: unknown in a preview, else a UUID."""
        return "" if self._run.preview else uuid(urn)

    def place(self, provider: str, inputs: Mapping[str, Any]) -> Place:
        """Region and account that a provider works in; a resource's own ``region`` goes first."""
        configured = self._registry.entries[provider].checked if provider in self._registry.entries else {}
        region = next((r for r in (inputs.get("region"), configured.get("region")) if _is_text(r)), None)
        account = self._run.place.account
        allowed = configured.get("allowedAccountIds")
        allowed = json.loads(str(allowed)) if _is_text(allowed) and str(allowed).startswith("[") else allowed
        if isinstance(allowed, list) and len(allowed) == 1 and _is_text(allowed[0]):
            account = allowed[0]
        return Place(str(region or self._run.place.region), account)

    def waits(self, provider: str) -> bool:
        """Whether the configuration of a provider is not known yet: the engine does not start it then."""
        entry = self._registry.entries.get(provider)
        return entry is not None and wire.has_unknown(entry.checked)

    def default_tags(self, provider: str) -> dict[str, Any]:
        """Tags that an AWS provider puts on everything it makes, with the marks of the wire inside.

        Where they are not known, the one under the empty name is unknown.
        """
        configured = self._registry.entries[provider].checked if provider in self._registry.entries else {}
        given = configured.get("defaultTags") or {}
        secret, given = wire.is_secret(given), wire.bare(given)
        if isinstance(given, str):  # a list or map in the configuration of a provider is JSON text
            given = {"tags": {"": given}} if given == wire.UNKNOWN else json.loads(given)
        tags = given.get("tags") or {}
        tags = {"": tags} if tags == wire.UNKNOWN else tags
        return {key: wire.secret(value) for key, value in tags.items()} if secret else tags

    def remark(self) -> None:
        """Notes what may not be meant in the use of providers; the program must have ended."""
        self._note_mixed_use()
        self._note_assumed_region()

    def _note_mixed_use(self) -> None:
        """Remarks on resources that fell to a default provider in a program that makes its own for that package.

        It may be meant (a second region), so it is no error; a stack that means to forbid it sets
        ``pulumi:disable-default-providers``.
        """
        entries = self._registry.sorted()
        explicit: dict[str, list[str]] = {}
        for entry in entries:
            if entry.type.startswith(_PREFIX) and entry.source is not None:
                explicit.setdefault(entry.type.removeprefix(_PREFIX), []).append(entry.name)
        for package, names in explicit.items():
            start = f"::{_PREFIX}{package}::default"
            stray = [e for e in entries if e.provider and start in e.provider and not e.external]
            if stray:
                shown = ", ".join(f"{e.type} '{e.name}' ({e.source})" for e in stray[:5])
                more = f" and {len(stray) - 5} more" if len(stray) > 5 else ""
                use = "resources use" if len(stray) > 1 else "resource uses"
                self._registry.note(
                    f"missing provider? {len(stray)} {use} the default {package} provider although the program "
                    f"makes its own ({', '.join(sorted(names))}): {shown}{more}. To forbid it set "
                    f"pulumi:disable-default-providers to [{package}] in the stack file"
                )

    def _note_assumed_region(self) -> None:
        """A remark on resources of AWS for which neither they, their provider, the stack nor the environment says a
        region: the real provider may find one in a profile, and refuses to work without."""
        if not self._run.assumed:
            return
        entries = self._registry.entries
        without = [
            entry
            for entry in self._registry.sorted()
            if entry.package == "aws" and entry.provider in entries and not entry.inputs.get("region")
            and not entries[entry.provider].checked.get("region")
        ]  # fmt: skip
        if without:
            first, more = without[0], f" and {len(without) - 1} more" * (len(without) > 1)
            self._registry.note(
                f"no region is given: {self._run.place.region} is assumed for {first.type} '{first.name}'{more}. Set "
                "aws:region in the stack file, or AWS_REGION"
            )


def _is_text(value: Any) -> bool:
    return isinstance(value, str) and bool(value) and value != wire.UNKNOWN
