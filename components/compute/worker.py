"""A worker on Fargate: nobody calls it, it takes its work from a queue."""

import dataclasses
from collections.abc import Mapping, Sequence

import pulumi

from components.compute import connect, rollout, scaling, tasks, watch, workload
from components.compute.platform import Platform, ServiceArgs
from components.compute.task import Container
from components.compute.tasks import TasksArgs
from components.compute.workload import WorkloadArgs
from components.contracts import Access, QueueAddress, Signal, Statement
from settings.services import WorkerSettings
from settings.workers import VARIABLES


class Worker(pulumi.ComponentResource):
    """Tasks that consume one queue: as many as its backlog takes, within bounds, replaced bit by bit.

    A task may protect itself while it works: then neither scaling in nor a deployment stops it before `timeoutSeconds`
    are over. `service_name` is known only when its tasks run; an update that ECS took back fails instead.
    """

    service_name: pulumi.Output[str]
    signals: Sequence[Signal]

    def __init__(
        self, name: str, args: ServiceArgs[WorkerSettings], opts: pulumi.ResourceOptions | None = None
    ) -> None:
        super().__init__("groundwork:compute:Worker", name, None, opts)
        child = pulumi.ResourceOptions(parent=self)
        settings, platform = args.settings, args.platform
        work = workload.make(name, _workload(args), child)
        service = tasks.make(
            name,
            TasksArgs(
                workload=work,
                platform=platform,
                least=settings.scale.min,
                spot=settings.spot,
                provider=workload.on(settings, platform),
                # Without the rules no image can be pulled; a service whose rights go first hangs while it is deleted.
                # Whom it calls comes first: its tasks know only names that there were when they began.
                needs=[*work.walls.rules, work.roles, *connect.after(args)],
                connect=connect.configuration(name, args, work.log_group),
                busy_seconds=settings.timeout_seconds,
                rollout=rollout.unrouted(settings.deployment),
            ),
            self,
        )
        measured = scaling.Metrics(
            cluster_name=platform.cluster.name, service_name=service.name, queue_name=_queue(args).name
        )
        scaling.make(name, settings.scale, measured, child)

        self.service_name = tasks.serving(name, service, work.definition)
        self.signals = watch.signals(
            name,
            watch.WatchArgs(
                cluster_name=platform.cluster.name,
                service_name=service.name,
                least=settings.scale.least,
                sleeps=settings.scale.sleeps,
                counted=platform.cluster.counts_tasks,
            ),
        )
        self.register_outputs({"serviceName": self.service_name})


def _queue(args: ServiceArgs[WorkerSettings]) -> QueueAddress:
    queue = args.access[args.settings.queue].queue
    assert queue is not None, "settings have seen to it that the store is a queue"
    return queue


def _workload(args: ServiceArgs[WorkerSettings]) -> WorkloadArgs:
    settings, platform = args.settings, args.platform
    return WorkloadArgs(
        settings=settings,
        access=_told(args),
        platform=platform,
        container=Container(command=settings.command),
        statements=[protecting(platform)],
        sessions=not platform.protected,
    )


def _told(args: ServiceArgs[WorkerSettings]) -> Mapping[str, Access]:
    """The access, and what a worker's program has to know beside it: which queue is its own, how long work may take."""
    own = args.access[args.settings.queue]
    told = dict(zip(VARIABLES, (_queue(args).url, str(args.settings.timeout_seconds)), strict=True))
    environment = {**own.environment, **told}
    return {**args.access, args.settings.queue: dataclasses.replace(own, environment=environment)}


def protecting(platform: Platform) -> Statement:
    """Tasks of the cluster may be protected against scaling in. ECS knows no narrower resource before a task runs."""
    return Statement(
        sid="ProtectWork",
        actions=["ecs:GetTaskProtection", "ecs:UpdateTaskProtection"],
        resources=[pulumi.Output.concat(platform.location.arn("ecs", "task/"), platform.cluster.name, "/*")],
        conditions={"ArnEquals": {"ecs:cluster": platform.cluster.arn}},
    )
