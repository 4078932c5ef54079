"""Rules over what services may do and reach, and what they are made of: secrets, levels, ways out, processors."""

from pathlib import Path
from typing import TYPE_CHECKING

from settings import dockerfile, images, secret_values
from settings.containers import ContainerSettings
from settings.egress import network
from settings.errors import Doubt, Findings, Mistake, Unknown, named, nearest, several, shown
from settings.functions import FunctionSettings
from settings.machines import alike
from settings.runtime import TaskSettings
from settings.section import skipping
from settings.services import FleetSettings, JobSettings, ServiceSettings
from settings.stores import ADMIN

if TYPE_CHECKING:
    from settings.rules import Stack

PROTECTED = "groundwork:protection.protected: true"


def _boundary_is_of_the_account(stack: "Stack") -> Findings:
    protection = stack.settings.protection
    boundary = protection.permissions_boundary
    if boundary is None:
        return
    _, partition, _, _, account, _ = boundary.split(":", 5)
    ours = stack.region.partition
    if partition != ours or account not in {protection.account_id, "aws"}:
        yield Mistake(
            key=("protection", "permissionsBoundary"),
            problem="is a policy of another account or partition, which cannot bound roles of this one",
            given=shown(boundary),
            allowed=f"arn:{ours}:iam::{protection.account_id}:policy/..., or a policy of AWS (arn:{ours}:iam::aws:...)",
            change=f"name a policy of the account {protection.account_id}",
        )


def _images_come_through_endpoints(stack: "Stack") -> Findings:
    net = stack.settings.network
    if not stack.protected or net.existing is not None or net.nat == "none" or "ecr" in net.endpoints:
        return
    pulled = [name for name, service in stack.settings.services.items() if isinstance(service, TaskSettings)
              and (service.build is not None or _in_ecr(service.image))]  # fmt: skip
    if pulled:
        yield Doubt(
            key=("network", "endpoints"),
            text=f"ecr is not among them, so tasks that start pull their images through NAT ({several(pulled, 'and')});"
            " one that fails again and again does so day and night, and each GB is billed",
        )


def _every_value_is_used(stack: "Stack") -> Findings:
    used = {name for service in stack.settings.services.values() for name in service.secret_names}
    data = stack.settings.data
    used |= {name for cache in data.caches.values() for name in cache.secret_names}
    used |= {name for database in data.databases.values() for name in database.secret_names}
    for name in sorted((stack.secret_names or frozenset()) - used - {*data.secrets}):
        yield Doubt(
            key=(secret_values.SECTION, name), text="no service names it under `secrets`, so it is not made available"
        )


def _secrets_are_set(stack: "Stack", service: ServiceSettings) -> Findings:
    known = stack.secret_names
    if known is None:
        raise Unknown(secret_values.SECTION)
    later = {name for name, kept in stack.settings.data.secrets.items() if kept.later}
    for variable, secret in service.secrets.items():
        name = vars(secret).get("config")
        if name is None or name in known | later or vars(secret).get("arn") is not None:
            continue
        guess = nearest(name, sorted(known | later))
        yield Mistake(
            key=("secrets", variable, "config"),
            problem=f"no value of this name is set in {secret_values.KEY}",
            given=f"the name {named(name)}",
            allowed=several(sorted(known)) if known else f"nothing: {secret_values.KEY} has no value",
            change=(f"did you mean {guess}? Or set it: " if guess else "")
            + secret_values.setting(name, stack.name)
            + f"; or say under groundwork:data.secrets.{name} that it is set later",
        )


def _secrets_are_within_reach(stack: "Stack", service: ServiceSettings) -> Findings:
    region, account = stack.region, stack.settings.protection.account_id
    for variable, secret in service.secrets.items():
        here = vars(secret)
        for field, key, kind in (("arn", "arn", "secretsmanager"), ("key_arn", "keyArn", "kms")):
            arn = here.get(field)
            if arn is not None and arn.split(":")[1:4] != [region.partition, kind, region.code]:
                yield Mistake(
                    key=("secrets", variable, key),
                    problem="lies in another region or partition than the stack, whose tasks fetch it where they run",
                    given=f"one of {arn.split(':')[3]}",
                    allowed=f"arn:{region.partition}:{kind}:{region.code}:...",
                    change="replicate the secret to the stack's region, and name the replica"
                    if kind == "secretsmanager"
                    else "name the key of the replica",
                )
        arn = here.get("arn")
        if arn is not None and "key_arn" in here and here["key_arn"] is None and arn.split(":")[4] != account:
            yield Mistake(
                key=("secrets", variable, "keyArn"),
                problem="is not given, and a secret of another account can be read only with a key of that account",
                given=f"nothing (the secret is of {arn.split(':')[4]})",
                allowed="the ARN of the KMS key that the secret is encrypted with",
                change=f"add keyArn, and let the account {account} use key and secret in their policies",
            )


def _nobody_is_admin_when_protected(stack: "Stack", service: ServiceSettings) -> Findings:
    if not stack.protected:
        return
    stores = stack.settings.data.stores
    for name, level in service.uses.items():
        others = [other for other in getattr(type(stores.get(name)), "levels", ()) if other != ADMIN]
        if level == ADMIN and others:
            yield Mistake(
                key=("uses", name),
                problem="may destroy for good what the store holds, which nothing that runs in a protected stack may",
                given=f"{ADMIN} ({PROTECTED})",
                allowed=several(others),
                change=f"write {name}: {others[-1]}; what an administrator has to do, a person does in a role of"
                " their own",
            )


def _without_internet_aws_is_reached(stack: "Stack", service: ServiceSettings) -> Findings:
    if service.egress.internet != "none" or isinstance(service, FleetSettings):  # a fleet cannot do without
        return
    net = stack.settings.network
    key, given = ("egress", "internet"), "none"
    if net.existing is not None:
        yield Mistake(
            key=key,
            problem="asks for the endpoints of the stack's network, and this one is brought",
            given=f"{given} (groundwork:network.existing: given)",
            allowed="https, with an existing network",
            change="set it to https, and leave it to that network what gets out",
        )
        return
    missing = [endpoint for endpoint in _needed(stack, service) if endpoint not in net.endpoints]
    if missing:
        yield Mistake(
            key=key,
            problem="leaves no way to AWS services that it needs",
            given=f"{given} (groundwork:network.endpoints: {', '.join(net.endpoints) or 'none'})",
            allowed=f"none only with {several(missing, 'and')} among the endpoints",
            change=f"add {several(missing, 'and')} to groundwork:network.endpoints, or set it to https",
        )
    if isinstance(service, TaskSettings) and service.image is not None and not _in_ecr(service.image):
        yield Mistake(
            key=key,
            problem="leaves no way to the registry of its image",
            given=f"{given} (image: {shown(service.image)})",
            allowed="none with an image in the private ECR of an account, or with a build folder",
            change="copy the image to ECR and name it there, or set it to https",
        )
    if isinstance(service, JobSettings) and service.stop_after_seconds is not None:
        yield Mistake(
            key=key,
            problem="leaves no way to the public ECR, from which the timer comes that stops a run",
            given=f"{given} (stopAfterSeconds: {service.stop_after_seconds})",
            allowed="none with stopAfterSeconds: null",
            change="set stopAfterSeconds to null and let the program watch the clock, or set it to https",
        )


def _needed(stack: "Stack", service: ServiceSettings) -> list[str]:
    """The endpoints that a service cannot do without when it reaches nothing else."""
    stores = stack.settings.data.stores
    kinds = {getattr(type(stores.get(store)), "kind", "") for store in service.reached}
    needed = ["ecr", "s3", "logs"] if isinstance(service, TaskSettings) else []
    if service.secrets or kinds & {"database", "cache"}:
        needed.append("secretsmanager")
    if "queue" in kinds:
        needed.append("sqs")
    if "bucket" in kinds and "s3" not in needed:
        needed.append("s3")
    if "table" in kinds:
        needed.append("dynamodb")
    if "secretsmanager" not in needed and _rotates(stack, service):
        needed.append("secretsmanager")
    return needed


def _rotates(stack: "Stack", service: ServiceSettings) -> bool:
    rotations = [kept.rotation for kept in stack.settings.data.secrets.values() if kept.rotation is not None]
    return any(stack.settings.services.get(rotation.function) is service for rotation in rotations)


def _places_have_a_way(stack: "Stack", service: ServiceSettings) -> Findings:
    if stack.settings.network.ipv6:
        return
    for position, place in enumerate(service.egress.to):
        if _version(place.cidr) == 6:
            yield Mistake(
                key=("egress", "to", position, "cidr"),
                problem="is a range of IPv6, which the stack's network does not have",
                given=f"{shown(place.cidr)} (groundwork:network.ipv6: false)",
                allowed="a range of IPv4, as long as groundwork:network.ipv6 is false",
                change="name a range of IPv4, or set groundwork:network.ipv6 to true",
            )


def _version(cidr: str) -> int | None:
    try:
        return network(cidr).version
    except ValueError:
        return None


def _image_is_for_the_processor(stack: "Stack", service: ServiceSettings) -> Findings:
    """As far as it can be known: from the image's name, or from what the Dockerfile is built on."""
    if isinstance(service, FleetSettings):
        type_, wanted, source = service.machine.type, service.machine.architecture, "machine.type"
        given, other = f"{source}: {type_}, which is {wanted}", "x86_64" if wanted == "arm64" else "arm64"
        way = f"take a machine.type of {other}, for example {alike(type_, other)}"
    elif isinstance(service, ContainerSettings | FunctionSettings):
        wanted, source = service.size.architecture, "size.architecture"
        given, way = (
            f"{source}: {wanted}",
            f"set {source} to {'x86_64' if wanted == 'arm64' else 'arm64'}",
        )
    else:
        return
    if service.image is not None:
        yield from skipping(_named_image_fits, service.image, wanted, given, way)
    elif service.build is not None:
        yield from skipping(_built_image_fits, stack.root, service.build, wanted, source, given)


def _named_image_fits(reference: str, wanted: str, given: str, way: str) -> Findings:
    if (known := _known(reference)) is not None and wanted not in known[0]:
        yield Mistake(
            key=("image",),
            problem=f"is built for {several(sorted(known[0]), 'and')} only ({known[1]}), its tasks would not start",
            given=f"{shown(reference)} ({given})",
            allowed=f"an image for {wanted}",
            change=f"name one that is built for {wanted}, or {way}",
        )


def _built_image_fits(root: Path, build: str, wanted: str, source: str, given: str) -> Findings:
    """`source` is the key that says which processor is wanted, `given` the same with its value."""
    base = _base(root / build / "Dockerfile")
    if base is None:
        return
    image, platform = base
    if platform is not None and dockerfile.architecture(platform) != wanted:
        only, way = dockerfile.architecture(platform), f"FROM --platform={platform}"
    elif platform is None and (known := _known(image)) is not None and wanted not in known[0]:
        only, way = min(known[0]), f"FROM {image}: {known[1]}"
    else:
        return
    yield Mistake(
        key=("build",),
        problem=f"its Dockerfile makes an image for {only or 'another platform'} ({way}), its tasks would not start",
        given=f"{shown(build)} ({given})",
        allowed=f"a Dockerfile whose last stage can be built for {wanted}",
        change=f"take the platform out of the Dockerfile: what is built for comes from {source}"
        if platform
        else f"build on an image for {wanted}",
    )


def _base(file: Path) -> tuple[str, str | None] | None:
    try:
        return dockerfile.built_on(file.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return None


def _known(reference: str) -> tuple[frozenset[str], str] | None:
    try:
        return images.architectures(images.parse(reference))
    except ValueError:
        return None


def _in_ecr(reference: str | None) -> bool:
    try:
        return reference is not None and images.parse(reference).in_private_ecr
    except ValueError:
        return False


OF_THE_STACK = (_boundary_is_of_the_account, _images_come_through_endpoints, _every_value_is_used)
OF_A_SERVICE = (
    _nobody_is_admin_when_protected,
    _secrets_are_set,
    _secrets_are_within_reach,
    _without_internet_aws_is_reached,
    _places_have_a_way,
    _image_is_for_the_processor,
)
"""In the order of the messages; each takes the stack and one service, keys are relative to the service."""
