"""The simulated cloud with one more habit of the real AWS provider: the id is also among the outputs.

A policy pack sees a resource's id nowhere else (AnalyzeStack has no field for it), so without it no control could join
two resources at update. The provider is a bridged one, whose outputs are Terraform's attributes, ``id`` among them.
"""

from collections.abc import Mapping
from dataclasses import replace
from typing import Any

from pulumi.runtime.proto import provider_pb2_grpc

from preflight.simulation.place import Place
from tests.engine.cloud import Cloud, Thing
from tests.engine.cloud.families import Aws, Values
from tests.engine.cloud.provider import Provider


class _WithIds(Aws):
    def unknowns(self, type_token: str, inputs: Values) -> list[str]:
        return [*super().unknowns(type_token, inputs), "id"]

    def make(self, type_token: str, urn: str, inputs: Values, generation: int) -> Thing:
        thing = super().make(type_token, urn, inputs, generation)
        return replace(thing, outputs={**thing.outputs, "id": thing.id})


class RealisticCloud(Cloud):
    """A ``Cloud`` whose AWS provider says ids among the outputs."""

    def _servicer(self, package: str, version: str) -> provider_pb2_grpc.ResourceProviderServicer:
        if package != "aws":
            return super()._servicer(package, version)

        def aws(arguments: Mapping[str, Any], place: Place) -> Aws:
            return _WithIds(self.store, place, (arguments.get("defaultTags") or {}).get("tags") or {})

        return Provider(self.ground, version, aws)
