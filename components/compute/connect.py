"""Calls from one service to another, by name: ECS Service Connect.

A proxy in every task that calls or is called knows the names, spreads requests over the healthy tasks and tries again.
Without TLS: that takes a private certificate authority of one's own (50 to 400 USD a month), and the way from task to
task is within the VPC and opened for the one caller alone.
"""

from collections.abc import Mapping, Sequence
from typing import Any, Literal, Protocol

import pulumi
import pulumi_aws as aws

from components.compute import firewall
from components.compute.platform import Connection, ServiceArgs
from components.compute.task import logging
from components.contracts import Access, Opening
from settings import call_rules
from settings.calls import FIELD, CalledSettings
from settings.services import ServiceSettings, WebSettings
from settings.stores import variable

# What a port speaks, in ECS's words; http1 is what a service speaks that does not say.
PROTOCOLS: Mapping[str, Literal["http", "http2", "grpc"]] = {"http1": "http", "http2": "http2", "grpc": "grpc"}
LOG_PREFIX = "connect"


class Called(Protocol):
    """A service that is built and can be called."""

    group_id: pulumi.Output[str]
    running: aws.ecs.Service


class Calls:
    """Who calls whom, while the services are built one after the other, callees first.

    Two services that call each other cannot both be first: the way of the one that is built first is opened as soon as
    there is the other, and it learns the other's name in its next deployment.
    """

    def __init__(self, name: str, services: Mapping[str, ServiceSettings], opts: pulumi.ResourceOptions) -> None:
        self._services = services
        self._offered = call_rules.offered(services)
        self._built: dict[str, Called] = {}
        self._namespace: aws.servicediscovery.HttpNamespace | None = None
        if self._offered:
            self._namespace = aws.servicediscovery.HttpNamespace(
                f"{name}-calls", description="Names by which the services of the stack call each other", opts=opts
            )

    def access(self, caller: str) -> dict[str, Access]:
        """What calling takes, callee by callee: its address, and the way to it where it is built already."""
        return {
            callee: Access(environment={variable(callee, FIELD): self._url(callee)}, opening=self._opening(callee))
            for callee in self._callees(caller)
        }

    def connection(self, service: str) -> Connection | None:
        """Nothing for a service that neither calls nor can be called."""
        callees = self._callees(service)
        if self._namespace is None or not (callees or service in self._offered):
            return None
        after = [self._built[callee].running for callee in callees if callee in self._built]
        return Connection(namespace_arn=self._namespace.arn, offered=service in self._offered, after=after)

    def built(self, service: str, made: Called) -> None:
        """Opens the way to it for whoever was built before and calls it."""
        self._built[service] = made
        opening = self._opening(service)
        assert opening is not None, "it has just been built"
        for caller, other in self._built.items():
            if caller != service and service in self._callees(caller):
                assert isinstance(other, pulumi.Resource), "a service is a component"
                firewall.to_store(caller, service, opening, other.group_id, pulumi.ResourceOptions(parent=other))

    def _callees(self, caller: str) -> list[str]:
        return [callee for callee in call_rules.called_by(self._services[caller]) if callee in self._offered]

    def _url(self, callee: str) -> str:
        return f"http://{callee}:{self._settings(callee).port}"

    def _opening(self, callee: str) -> Opening | None:
        if callee not in self._built:
            return None
        return Opening(
            security_group_id=self._built[callee].group_id,
            port=self._settings(callee).port,
            description=f"Calls of the service {callee}",
        )

    def _settings(self, callee: str) -> WebSettings:
        settings = self._services[callee]
        assert isinstance(settings, WebSettings), "settings have seen to it that only these are called"
        return settings


def after(args: ServiceArgs[Any]) -> Sequence[pulumi.Resource]:
    """Whom the service calls, as far as they can be waited for."""
    return () if args.connection is None else args.connection.after


def port_name(name: str, args: ServiceArgs[Any]) -> str | None:
    """What the port of the service is called in its task definition, when it can be called."""
    return name if args.connection is not None and args.connection.offered else None


def configuration(
    name: str, args: ServiceArgs[Any], log_group: pulumi.Input[str]
) -> aws.ecs.ServiceServiceConnectConfigurationArgs | None:
    """The proxy of one service: in front of its port when it can be called, and the names of all others."""
    if args.connection is None:
        return None
    log = logging(log_group, args.platform.location.region, LOG_PREFIX)
    return aws.ecs.ServiceServiceConnectConfigurationArgs(
        enabled=True,
        namespace=args.connection.namespace_arn,
        services=[_offer(name, args.settings)] if args.connection.offered else None,
        log_configuration=aws.ecs.ServiceServiceConnectConfigurationLogConfigurationArgs(
            log_driver=log["logDriver"], options=log["options"]
        ),
    )


def _offer(name: str, settings: WebSettings) -> aws.ecs.ServiceServiceConnectConfigurationServiceArgs:
    """Its name and port are those of the service; the port has the name of the service in the task definition too."""
    return aws.ecs.ServiceServiceConnectConfigurationServiceArgs(
        port_name=name,
        client_alias=[
            aws.ecs.ServiceServiceConnectConfigurationServiceClientAliasArgs(dns_name=name, port=settings.port)
        ],
        timeout=_timeouts(settings.called),
    )


def _timeouts(called: CalledSettings | None) -> aws.ecs.ServiceServiceConnectConfigurationServiceTimeoutArgs | None:
    if called is None:
        return None
    return aws.ecs.ServiceServiceConnectConfigurationServiceTimeoutArgs(
        idle_timeout_seconds=called.idle_seconds, per_request_timeout_seconds=called.timeout_seconds
    )
