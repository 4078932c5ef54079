"""Objects of Kubernetes: their names, and the status that a program waits for."""

from typing import Any

import pulumi
import pytest

from preflight.simulation import kubernetes, sdk_types

SERVICE = "kubernetes:core/v1:Service"


@pulumi.output_type
class Ingress(dict[str, Any]):
    @property
    @pulumi.getter
    def hostname(self) -> str | None:
        return pulumi.get(self, "hostname")  # type: ignore[no-any-return]


@pulumi.output_type
class Status(dict[str, Any]):
    @property
    @pulumi.getter
    def ingress(self) -> list[Ingress] | None:
        return pulumi.get(self, "ingress")  # type: ignore[no-any-return]


class Service(pulumi.CustomResource):
    def __init__(self, name: str, metadata: Any = None, spec: Status | None = None) -> None: ...

    @property
    @pulumi.getter
    def metadata(self) -> pulumi.Output[dict[str, Any] | None]:
        return pulumi.get(self, "metadata")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def spec(self) -> pulumi.Output[Status | None]:
        return pulumi.get(self, "spec")  # type: ignore[no-any-return]

    @property
    @pulumi.getter
    def status(self) -> pulumi.Output[Status | None]:
        return pulumi.get(self, "status")  # type: ignore[no-any-return]


@pytest.fixture
def sdk(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sdk_types, "resource_class", lambda token: Service if token.endswith(":Service") else None)
    for cached in (sdk_types.wire_types, sdk_types.kinds):
        cached.cache_clear()
        monkeypatch.setattr(sdk_types, cached.__name__, cached.__wrapped__)


@pytest.mark.usefixtures("sdk")
class TestObjects:
    def test_one_without_a_name_gets_the_name_that_the_provider_makes(self) -> None:
        (key, metadata) = next(iter(kubernetes.named(SERVICE, "web", "urn", {}).items()))
        assert (key, metadata["name"][:4]) == ("metadata", "web-")
        labels = kubernetes.named(SERVICE, "web", "urn", {"metadata": {"labels": {"a": "b"}}})["metadata"]
        assert labels == {"labels": {"a": "b"}, "name": metadata["name"]}

    def test_a_name_of_its_own_stays(self) -> None:
        for given in ({"name": "shop"}, {"generateName": "shop-"}):
            assert kubernetes.named(SERVICE, "web", "urn", {"metadata": given}) == {}
        assert kubernetes.named("aws:ecs/service:Service", "web", "urn", {}) == {}

    def test_the_status_is_there_with_one_of_what_a_program_takes_the_first_of(self) -> None:
        assert sdk_types.kinds(SERVICE) == {"status": "O"}
        assert sdk_types.instance(SERVICE, "status") == {"ingress": [{"hostname": "simulated-hostname"}]}

    def test_a_type_of_aws_has_only_what_it_always_has(self) -> None:
        assert sdk_types.kinds("aws:ecs/service:Service") == {}
