"""Rules across the sections of a stack file. Each says what it finds; a rule that needs a mistaken value is skipped."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING

from settings import (
    access_rules,
    backup_rules,
    call_rules,
    calls,
    database_rules,
    deployment_rules,
    function_rules,
    images,
    kind_rules,
    machine_rules,
    network_rules,
    route_rules,
    secret_rules,
    store_rules,
    tables,
)
from settings.caches import CacheSettings
from settings.data import StoreSettings
from settings.errors import (
    Finding,
    Findings,
    Key,
    Mistake,
    Unknown,
    below,
    named,
    nearest,
    several,
    shown,
    unmistakable,
)
from settings.fleets import FleetScaleSettings, FleetSettings
from settings.folders import files
from settings.scaling import ScaleSettings, ScheduleSettings
from settings.section import skipping
from settings.services import FunctionSettings, JobSettings, ServiceSettings
from settings.stores import ADMIN, variable

if TYPE_CHECKING:
    from settings import Settings

PROTECTED_TASKS = 2


@dataclass(frozen=True, kw_only=True)
class Stack:
    """What rules look at: the settings, as far as they are valid, and where they were read."""

    settings: "Settings"
    region_code: str | None
    name: str
    root: Path
    secret_names: frozenset[str] | None = frozenset()
    """The values that groundwork:secrets holds; None when it cannot be read."""
    passwords: Mapping[str, frozenset[str]] = field(default_factory=dict)
    """For which passwords (secret_values.PASSWORDS) each of those that are text would do."""

    @property
    def region(self) -> tables.Region:
        """The stack's region; Unknown when the stack file names none that exists."""
        if self.region_code not in tables.regions():
            raise Unknown("region")
        return tables.regions()[self.region_code]

    @property
    def protected(self) -> bool:
        """Whether the stack is protected."""
        return self.settings.protection.protected


def findings(stack: Stack) -> Iterator[Finding]:
    """What all rules across sections have to say, in the order of the stack file."""
    for check in access_rules.OF_THE_STACK:
        yield from skipping(check, stack)
    for check in network_rules.OF_THE_NETWORK:
        yield from skipping(check, stack)
    yield from database_rules.of_the_stack(stack)
    for check in (*store_rules.OF_THE_STACK, secret_rules.of_each, *backup_rules.OF_THE_STACK):
        yield from skipping(check, stack)
    for check in network_rules.OF_THE_EDGE:
        yield from skipping(check, stack)
    services = _services(stack)
    for name, service in services.items():
        for rule in (
            _image_is_pinned,
            _image_can_be_pulled,
            _folder_can_be_built,
            _service_survives,
            _stores_exist,
            _variables_are_free,
            *kind_rules.RULES,
            *machine_rules.OF_A_SERVICE,
            *deployment_rules.OF_A_SERVICE,
            *function_rules.RULES,
            *route_rules.OF_A_SERVICE,
            *access_rules.OF_A_SERVICE,
            *store_rules.OF_A_SERVICE,
            *database_rules.OF_A_SERVICE,
        ):
            yield from (below(("services", name), found) for found in skipping(rule, stack, service))
        for between in call_rules.BETWEEN_SERVICES:
            yield from skipping(between, stack, name, service)
    yield from machine_rules.of_capacity(stack)
    yield from route_rules.findings(services)
    yield from function_rules.between(services)


def _services(stack: Stack) -> Mapping[str, ServiceSettings]:
    services: Mapping[str, ServiceSettings] = vars(stack.settings).get("services", {})
    return services


def _image_is_pinned(stack: Stack, service: ServiceSettings) -> Findings:
    image = _image(service)
    if image is None or not stack.protected or image.pinned:
        return
    yield Mistake(
        key=("image",),
        problem=f"a protected stack runs a fixed version, {'latest moves' if image.tag else 'no tag means latest'}",
        given=f"{shown(service.image)} (groundwork:protection.protected: true)",
        allowed="a tag other than latest, or a digest",
        change=f"name the version: {image.repository}:<tag> or {image.repository}@sha256:<digest>",
    )


def _image_can_be_pulled(stack: Stack, service: ServiceSettings) -> Findings:
    image = _image(service)
    if image is None or stack.settings.network.nat != "none" or image.in_private_ecr:
        return
    if isinstance(service, FunctionSettings):  # Lambda pulls it, from where the private tier does not matter
        return
    yield Mistake(
        key=("image",),
        problem=f"cannot be pulled from {image.registry or 'Docker Hub'}: groundwork:network.nat is none, so the"
        " private tier"
        " has no way to the internet",
        given=f"{shown(service.image)} (groundwork:network.nat: none)",
        allowed="an image in the private ECR of an account, or a build folder, as long as groundwork:network.nat"
        " is none",
        change=f"set groundwork:network.nat to {network_rules.ways_out(stack)}, or copy the image to ECR and name it"
        " there",
    )


def _left_out(store: StoreSettings, called: str, name: str) -> bool:
    """Whether a store has a variable only where it has readers, and has none."""
    if called != variable(name, "READER_HOST"):
        return False
    if isinstance(store, CacheSettings):
        return store.shards is not None or store.nodes in (None, 1)
    return not getattr(store, "reader_endpoint", False)


def _image(service: ServiceSettings) -> images.Image | None:
    try:
        return images.parse(service.image) if service.image is not None else None
    except ValueError:
        return None


def _folder_can_be_built(stack: Stack, service: ServiceSettings) -> Findings:
    if service.build is None:
        return
    zipped = isinstance(service, FunctionSettings) and service.zipped
    what, file = ("the program", "*") if zipped else ("a Dockerfile", "Dockerfile")
    root = stack.root.resolve()
    try:
        folder = (root / service.build).resolve()
    except (OSError, RuntimeError):  # a symbolic link that leads to itself
        folder = root
    if Path(service.build).is_absolute() or folder == root or not folder.is_relative_to(root):
        problem, change = (
            "is not a folder inside the project",
            "write the way from Pulumi.yaml, for example services/status",
        )
    elif not folder.is_dir():
        near = nearest(
            service.build, sorted(f"services/{found.parent.name}" for found in root.glob(f"services/*/{file}"))
        )
        problem, change = (
            "does not exist",
            f"did you mean {near}?" if near else f"make the folder, with {what} in it",
        )
    elif not zipped and not (folder / "Dockerfile").is_file():
        or_zip = ", or give runtime and handler" if isinstance(service, FunctionSettings) else ""
        problem, change = "has no Dockerfile", f"add {service.build.rstrip('/')}/Dockerfile{or_zip}"
    elif not files(folder):
        problem, change = "is empty", f"put {what} into it"
    else:
        return
    yield Mistake(
        key=("build",),
        problem=problem,
        given=shown(service.build),
        allowed=f"a folder with {what}, relative to the folder of Pulumi.yaml",
        change=change,
    )


def _service_survives(stack: Stack, service: ServiceSettings) -> Findings:
    if not stack.protected or isinstance(service, JobSettings | FunctionSettings):
        return
    one = "an instance" if isinstance(service, FleetSettings) else "a task"
    yield from skipping(_bounds_survive, ("scale", "min"), service.scale, one)
    for name, schedule in service.scale.schedules.items():
        yield from skipping(_bounds_survive, ("scale", "schedules", name, "min"), schedule, one)


def _bounds_survive(key: Key, bounds: ScaleSettings | FleetScaleSettings | ScheduleSettings, one: str) -> Findings:
    if bounds.min < PROTECTED_TASKS:
        yield Mistake(
            key=key,
            problem=f"a protected stack's service needs {one} in a second zone",
            given=f"{bounds.min} (groundwork:protection.protected: true)",
            allowed=f"{PROTECTED_TASKS} or more",
            change=f"set min to {PROTECTED_TASKS}, and max to no less",
        )


def _stores_exist(stack: Stack, service: ServiceSettings) -> Findings:
    stores = stack.settings.data.stores
    for name, level in service.uses.items():
        if level == calls.CALL:
            continue
        if name not in stores:
            if (call := call_rules.instead_of_a_store(name, level, _services(stack))) is not None:
                yield call
                continue
            guess = nearest(name, list(stores))
            yield Mistake(
                key=("uses", name),
                problem="there is no such store in groundwork:data",
                given=f"the name {named(name)}",
                allowed=several([*stores]) if stores else "nothing: groundwork:data has no store",
                change=f"did you mean {guess}?" if guess else "name a store, or add this one under groundwork:data",
            )
            continue
        yield from skipping(_level_exists, stack, name, level, stores[name])


# `write` is the master account: whoever asks for something else is not to be led there.
_READING_A_DATABASE = (
    "there is no level that only reads. Set iamUser of the database, write {name}: connect, and grant that user in SQL"
    " what it may do, for example SELECT; with readerEndpoint it finds the readers (docs/data.md). `write` is the"
    " master account"
)


def _level_exists(stack: Stack, name: str, level: str, store: StoreSettings) -> Findings:
    if level == ADMIN:  # judged by access_rules
        return
    if level not in store.levels:
        levels = store.levels if stack.protected else (*store.levels, ADMIN)
        # A word that is a little alike is no misspelling: a right that was not meant is worse than none.
        near = unmistakable(level, store.levels)
        guess = near if near == nearest(level, store.levels) else None
        yield Mistake(
            key=("uses", name),
            problem=f"a {store.kind} cannot be used in this way",
            given=shown(level),
            allowed=several(levels),
            change=_READING_A_DATABASE.format(name=name)
            if not guess and store.kind == "database"
            else f"write {name}: {guess}"
            if guess
            else f"write what it needs: {name}: {several(store.levels)} (docs/services.md, Access)",
        )


def _variables_are_free(stack: Stack, service: ServiceSettings) -> Findings:
    stores = stack.settings.data.stores
    taken: dict[str, str] = {}
    for name in service.needs:
        store = stores.get(name)
        for part in getattr(type(store), "variables", ()):  # none for a store that is missing or mistaken
            called = variable(name, part)
            other = taken.setdefault(called, name)
            if other != name and not any(_left_out(stores[each], called, each) for each in (name, other)):
                yield Mistake(
                    key=("uses", name),
                    problem=f"gives the container {called}, as {named(other)} does",
                    given=f"the stores {named(other)} and {named(name)}",
                    allowed="stores of which no two give a variable of one name",
                    change="rename one of the two stores, or let another service use it",
                )
    taken |= {variable(name, calls.FIELD): name for name in call_rules.called_by(service)}
    given = [*(("environment", name) for name in service.environment), *(("secrets", name) for name in service.secrets)]
    for source, name in given:
        if name in taken:
            yield Mistake(
                key=(source, name),
                problem=f"is set by `uses: {taken[name]}` already",
                given=f"the name {named(name)}",
                allowed=f"names other than {several([*taken], 'and')}",
                change="take it out, or rename it",
            )
