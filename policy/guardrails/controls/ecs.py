"""What runs in containers, as whom, and what it may reach."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from guardrails import kinds, plaintext
from guardrails.checks import all_of, by_kind, differs, each_block, is_false, leaf, leaves, when
from guardrails.containers import each_container, entries, pairs
from guardrails.graph import Node
from guardrails.joins import ROLE
from guardrails.parameters import REGISTRIES
from guardrails.plaintext import FINE
from guardrails.reading import ABSENT, Absent, Known, Record, Unknown, Value
from guardrails.verdicts import BASELINE, HOLDS, Control, Family, Finding, Scope, Severity, View, breaks, waits

from . import services

TASKS = (kinds.TASK_DEFINITION,)
_ON_LINUX = leaf(
    "runtimePlatform.operatingSystemFamily", "text", lambda family, _: not family.upper().startswith("WINDOWS"),
    absent="LINUX", says="it runs on Windows",
)  # fmt: skip
"""Users, capabilities and read-only file systems are not to be had on Windows."""
_STRONG = frozenset({"ALL", "SYS_ADMIN", "NET_ADMIN"})
"""Capabilities that lead out of a container."""
_MOVING = frozenset(
    {"latest", "stable", "edge", "main", "mainline", "master", "trunk", "develop", "development", "dev", "nightly",
     "current", "release", "rolling", "lts", "test", "testing", "staging", "prod", "production", "snapshot"}
)  # fmt: skip
"""Tags that by their very name are moved to another image."""


def _no_plaintext(record: Record, view: View) -> bool | str | None:
    answers = list(_secrets(record, view))
    wrong = next((answer for answer in answers if isinstance(answer, str)), None)
    return wrong or (None if None in answers else FINE)


def _secrets(record: Record, view: View) -> Iterator[bool | str | None]:
    logging = record.record("logConfiguration")
    named = [("environment", pairs(record, "environment")), ("dockerLabels", entries(record, "dockerLabels"))]
    if isinstance(logging, Known):
        named.append(("logConfiguration.options", entries(logging.value, "options")))
    else:
        yield plaintext.within(logging, view)
    for where, found in named:
        for name, value in found:
            answer = plaintext.under(name, value, view)
            yield f"{answer} in {where} under {name}" if isinstance(answer, str) else answer
    health = record.record("healthCheck")
    for where, block in (("command", record), ("entryPoint", record), ("command", health)):
        owner = block.value if isinstance(block, Known) else block
        if isinstance(owner, Record):
            for value in _line(owner, where):
                answer = plaintext.within(value, view)
                yield f"{answer} in {where}" if isinstance(answer, str) else answer


def _line(record: Record, key: str) -> Iterator[Value[str]]:
    """The command line as one text, and the unknown parts of it."""
    found = record.items(key)
    if isinstance(found, Unknown):
        yield found
    elif isinstance(found, Known):
        parts = list(found.value.texts())
        yield from (part for part in parts if isinstance(part, Unknown))
        yield Known(" ".join(part.value if isinstance(part, Known) else "${unknown}" for part in parts))


def _unprivileged(record: Record, _view: View) -> bool | str | None:
    privileged = record.flag("privileged")
    added = list(leaves(record, "linuxParameters.capabilities.add[]", "text"))
    strong = [value.value for value in added if isinstance(value, Known)]
    strong = sorted(_STRONG & {value.upper().removeprefix("CAP_") for value in strong})
    if privileged == Known(True):
        return "it is privileged"
    if strong:
        return f"it is given {', '.join(strong)}"
    return None if any(isinstance(value, Unknown) for value in (privileged, *added)) else FINE


def _not_root(record: Record, _view: View) -> bool | str | None:
    user = record.text("user")
    if isinstance(user, Unknown):
        return None
    if isinstance(user, Absent):
        return "no user is set, and that of most images is root"
    name = user.value.partition(":")[0].strip().lower()
    return "it runs as root" if name in ("", "root") or (name.isdigit() and int(name) == 0) else FINE


def _read_only(record: Record, _view: View) -> bool | str | None:
    found = record.flag("readonlyRootFilesystem")
    if isinstance(found, Unknown):
        return None
    return FINE if found == Known(True) else "its root file system can be written"


def _logs(record: Record, _view: View) -> bool | str | None:
    drivers = list(leaves(record, "logConfiguration.logDriver", "text"))
    if any(isinstance(driver, Unknown) for driver in drivers):
        return None
    named = [driver.value for driver in drivers if isinstance(driver, Known)]
    return FINE if named and named[0].lower() != "none" else "nothing keeps its logs: it has no log driver"


def _pinned(record: Record, view: View) -> bool | str | None:
    image = record.text("image")
    if isinstance(image, Unknown):
        return None
    if isinstance(image, Absent):
        return "it names no image"
    name, _, digest = image.value.partition("@")
    tag = name.rpartition("/")[2].partition(":")[2].lower()
    trusted = view.config[REGISTRIES]
    if trusted and not any(_begins(spelling, prefix) for spelling in _spellings(image.value) for prefix in trusted):
        return "its image is from a registry that trustedRegistries does not name"
    if digest:
        return FINE
    if not tag:
        return "its image has no tag, which means latest"
    moves = tag in _MOVING or tag.startswith("latest") or tag.endswith("-latest")
    return "the tag of its image moves" if moves else FINE


def _spellings(image: str) -> tuple[str, ...]:
    """The name as it is written and, of Docker Hub, as it is meant."""
    first, slash, _ = image.partition("/")
    if slash and (re.search(r"[.:]", first) or first == "localhost"):
        return (image,)
    return (image, f"docker.io/{image}" if slash else f"docker.io/library/{image}")


def _begins(image: str, prefix: str) -> bool:
    """Whether the image lies below the prefix; `registry.example` is no beginning of `registry.example.net/x`."""
    return image.startswith(prefix) and (prefix[-1] in "/:@" or image[len(prefix) :][:1] in ("", "/", ":", "@"))


def _roles_differ(node: Node, view: View) -> Iterable[Finding]:
    task, execution = node.props.text("taskRoleArn"), node.props.text("executionRoleArn")
    if isinstance(task, Absent) or isinstance(execution, Absent):
        yield HOLDS
        return
    found = view.graph.link(task, ROLE), view.graph.link(execution, ROLE)
    first, second = found[0].one, found[1].one
    same: bool | None
    if first is not None and second is not None:
        same = first is second
    elif isinstance(task, Known) and isinstance(execution, Known):
        same = _short(task.value) == _short(execution.value) and not _elsewhere(task.value, execution.value)
    else:
        ours = first if first is not None else second
        name: Value[str] = ABSENT if ours is None else ours.props.text("name")
        literals = {_short(role.value) for role in (task, execution) if isinstance(role, Known)}
        same = False if literals and isinstance(name, Known) and name.value not in literals else None
    if same:
        yield breaks("the containers have the role of whoever starts them", node.label, *_labels(first))
    elif same is None:
        yield waits(
            "whether taskRoleArn and executionRoleArn are one role: "
            + next((members.missing for members in found if members.one is None), "which roles these are"),
            node.label,
        )
    else:
        yield HOLDS


def _short(role: str) -> str:
    return role.rpartition("/")[2]


def _elsewhere(one: str, other: str) -> bool:
    """Whether both are ARNs, and not the same one."""
    return one.startswith("arn:") and other.startswith("arn:") and one != other


def _labels(node: Node | None) -> tuple[str, ...]:
    return () if node is None else (node.label,)


_PUBLIC = {
    kind: is_false(f"{block}networkConfiguration.assignPublicIp", says="its tasks get public addresses")
    for kind, block in (
        (kinds.ECS_SERVICE, ""), (kinds.TASK_SET, ""), (kinds.EVENT_TARGET, "ecsTarget."),
        (kinds.SCHEDULE, "target.ecsParameters."),
    )
}  # fmt: skip
CONTROLS = (
    Control(
        id="ecs-no-public-ip",
        title="Services, task sets and schedules do not give their tasks public addresses",
        severity=Severity.HIGH,
        subjects=tuple(_PUBLIC),
        references=("ECS.2", "ECS.16", "CKV_AWS_333"),
        own_packs=(BASELINE,),
        why="With a public address only the security group is left between a container and the internet.",
        fix='network_configuration={"assign_public_ip": False, "subnets": private ones with NAT or endpoints}',
        judge=by_kind(_PUBLIC),
    ),
    Control(
        id="ecs-no-plaintext-secrets",
        title="No secret stands in the environment, command, labels or log options of a container",
        severity=Severity.CRITICAL,
        subjects=TASKS,
        references=("ECS.8", "AwsSolutions-ECS2"),
        own_packs=(BASELINE,),
        why="Whoever may describe a task definition reads it, and old revisions keep it for ever.",
        fix='move it to secrets=[{"name": ..., "valueFrom": secret.arn}] and rotate it',
        judge=each_container(_no_plaintext, "a value that may be a secret"),
    ),
    Control(
        id="ecs-non-privileged",
        title="No container is privileged or may administer its host or network",
        severity=Severity.HIGH,
        subjects=TASKS,
        references=("ECS.4", "CKV_AWS_334"),
        own_packs=(BASELINE,),
        why="Such a container is root on its host, and so on all others there.",
        fix="drop privileged and the capabilities ALL, SYS_ADMIN, NET_ADMIN from the container definition",
        judge=each_container(_unprivileged, "the privileges"),
    ),
    Control(
        id="ecs-non-root-user",
        title="Every container says a user that is not root",
        severity=Severity.MEDIUM,
        subjects=TASKS,
        references=("ECS.20",),
        why="A fault in the program is then one in the whole container, and half way to its host.",
        fix='set "user": "1000:1000" (any user but root) in the container definition',
        judge=when(_ON_LINUX, each_container(_not_root, "the user")),
    ),
    Control(
        id="ecs-readonly-rootfs",
        title="The root file system of every container is read-only",
        severity=Severity.MEDIUM,
        subjects=TASKS,
        references=("ECS.5", "CKV_AWS_336"),
        why="Whoever breaks in can otherwise change the program and leave tools behind.",
        fix='set "readonlyRootFilesystem": True, and mount volumes where the program writes',
        judge=when(_ON_LINUX, each_container(_read_only, "readonlyRootFilesystem")),
    ),
    Control(
        id="ecs-log-configuration",
        title="Every container has a log driver",
        severity=Severity.MEDIUM,
        subjects=TASKS,
        references=("ECS.9", "AwsSolutions-ECS7"),
        why="What a container said before it died is lost with it.",
        fix='set "logConfiguration": {"logDriver": "awslogs", "options": {...}} in the container definition',
        judge=each_container(_logs, "the log configuration"),
    ),
    Control(
        id="ecs-no-host-namespaces",
        title="Tasks do not share the network, processes or memory of their host",
        severity=Severity.HIGH,
        subjects=TASKS,
        references=("ECS.3", "ECS.17", "CKV_AWS_335"),
        own_packs=(BASELINE,),
        why="A container that sees its host's processes or network reaches all others there, and the host's role.",
        fix='network_mode="awsvpc", and no pid_mode="host" or ipc_mode="host"',
        judge=all_of(differs("networkMode", "host"), differs("pidMode", "host"), differs("ipcMode", "host")),
    ),
    Control(
        id="ecs-task-role-distinct",
        title="The role of the containers is not the one that starts them",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=TASKS,
        references=("CKV_AWS_249",),
        own_packs=(BASELINE,),
        why="The role that starts a task may read its secrets and pull any image; the program in it need not.",
        fix="give task_role_arn an iam.Role of its own",
        judge=_roles_differ,
    ),
    Control(
        id="ecs-image-pinned",
        title="Images are named by digest or by a tag that stays, and come from trusted registries",
        severity=Severity.MEDIUM,
        subjects=TASKS,
        own_packs=(BASELINE,),
        parameters=(REGISTRIES,),
        why="A tag that moves means that nobody knows what runs, and that a restart may run something else.",
        fix="name the image as repository@sha256:..., or by a tag of its version, from a registry in trustedRegistries",
        judge=each_container(_pinned, "the image"),
    ),
    Control(
        id="ecs-efs-transit-encryption",
        title="EFS volumes of tasks are mounted over TLS",
        severity=Severity.HIGH,
        subjects=TASKS,
        references=("ECS.18", "CKV_AWS_97"),
        own_packs=(BASELINE,),
        why="NFS without TLS can be read and changed by anybody on the way.",
        fix='set efs_volume_configuration={"transit_encryption": "ENABLED", ...}',
        judge=each_block(
            "volumes[].efsVolumeConfiguration", "transitEncryption",
            lambda value, _: value.upper() == "ENABLED", absent="DISABLED", says="an EFS volume is mounted without TLS",
        ),
    ),
    *services.CONTROLS,
)  # fmt: skip
FAMILY = Family("ecs", "Containers (ECS)", CONTROLS)
