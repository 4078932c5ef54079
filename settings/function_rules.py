"""Rules that look from a function at the rest of the stack file, and at its folder."""

from collections.abc import Mapping, Sequence
from itertools import combinations
from pathlib import Path
from typing import TYPE_CHECKING

from settings import function_variables, handlers, images, store_rules
from settings.errors import Doubt, Findings, Mistake, named, nearest, several, shown
from settings.folders import files
from settings.function_triggers import BIG_BATCH
from settings.functions import SECRET_FIELD, FunctionSettings
from settings.section import skipping
from settings.services import ServiceSettings
from settings.stores import variable
from settings.workers import WorkerSettings

if TYPE_CHECKING:
    from settings.rules import Stack

# What AWS advises for the visibility of a queue, in time-outs of the function: a run that cannot begin at once is tried
# again before its messages come back (Lambda guide, services-sqs-configure, read 2026-11; the hard limit is one).
VISIBILITY_TIMEOUTS = 6
RECEIVES_LEAST = 5  # the same page: a function that is refused runs receives messages that it never sees
FOLLOWERS = 2
UNZIPPED_MOST = 250 * 2**20  # bytes of a function's folder (Lambda quotas, read 2026-11)
_NAMED = 5  # files or names in a message


def _queue_exists(stack: "Stack", service: ServiceSettings) -> Findings:
    if isinstance(service, FunctionSettings) and service.queue is not None:
        yield from _trigger_exists(stack, "queue", service.queue.name, stack.settings.data.queues)


def _bucket_exists(stack: "Stack", service: ServiceSettings) -> Findings:
    if isinstance(service, FunctionSettings) and service.bucket is not None:
        yield from _trigger_exists(stack, "bucket", service.bucket.name, stack.settings.data.buckets)


def _table_tells(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, FunctionSettings) or service.table is None:
        return
    known = stack.settings.data.tables
    yield from _trigger_exists(stack, "table", service.table.name, known)
    table = known.get(service.table.name)
    if table is not None and table.stream is None:
        yield Mistake(
            key=("table", "name"),
            problem="nothing is told of the changes of this table",
            given=f"{named(service.table.name)} (groundwork:data.tables.{service.table.name}.stream: null)",
            allowed="tables with a stream",
            change=f"give groundwork:data.tables.{service.table.name} a stream, for example stream: both",
        )


def _trigger_exists(stack: "Stack", kind: str, name: str, known: Mapping[str, object]) -> Findings:
    if name in known:
        return
    other = stack.settings.data.stores.get(name)
    guess = nearest(name, list(known))
    yield Mistake(
        key=(kind, "name"),
        problem=f"there is no such {kind} in groundwork:data"
        if other is None
        else f"is a {getattr(type(other), 'kind', 'store')} and no {kind}",
        given=f"the name {named(name)}",
        allowed=several([*known]) if known else f"nothing: groundwork:data has no {kind}",
        change=f"did you mean {guess}?" if guess else f"name a {kind}, or add this one under groundwork:data.{kind}s",
    )


def _messages_stay_hidden_for_long_enough(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, FunctionSettings) or service.queue is None:
        return
    trigger = service.queue
    queue = stack.settings.data.queues.get(trigger.name)
    if queue is None:
        return
    least = VISIBILITY_TIMEOUTS * service.timeout_seconds + trigger.window_seconds
    if queue.visibility_seconds < least:
        window = f" and windowSeconds ({trigger.window_seconds})" if trigger.window_seconds else ""
        fitting = (queue.visibility_seconds - trigger.window_seconds) // VISIBILITY_TIMEOUTS
        yield Mistake(
            key=("timeoutSeconds",),
            problem="is too long for its queue: messages come back while their run may still wait or work, and are"
            " handled twice",
            given=f"{service.timeout_seconds} (groundwork:data.queues.{trigger.name}.visibilitySeconds:"
            f" {queue.visibility_seconds})",
            allowed=f"a visibilitySeconds of {VISIBILITY_TIMEOUTS} time-outs{window} or more: {least}",
            change=f"raise visibilitySeconds of {trigger.name} to {least}"
            + (f", or lower timeoutSeconds to {fitting}" if fitting >= 1 else ""),
        )
    if queue.max_receives < RECEIVES_LEAST:
        yield Doubt(
            key=("queue",),
            text=f"groundwork:data.queues.{trigger.name}.maxReceives is {queue.max_receives}: when runs are refused for"
            f" a while, messages become dead letters that no run has seen; AWS advises {RECEIVES_LEAST} or more",
        )


def _fifo_comes_in_small_batches(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, FunctionSettings) or service.queue is None:
        return
    trigger = service.queue
    queue = stack.settings.data.queues.get(trigger.name)
    if queue is None or not queue.fifo:
        return
    for key, value, most in (
        ("batchSize", trigger.batch_size, BIG_BATCH),
        ("windowSeconds", trigger.window_seconds, 0),
    ):
        if value > most:
            yield Mistake(
                key=("queue", key),
                problem=f"is more than Lambda takes from a FIFO queue, which {trigger.name} is",
                given=f"{value}",
                allowed=f"1 to {most}" if most else "0",
                change=f"set it to {most}",
            )


def _stores_are_in_the_network(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, FunctionSettings) or service.vpc:
        return
    stores = stack.settings.data.stores
    for name in service.uses:
        kind = getattr(type(stores.get(name)), "kind", "")
        if kind in store_rules.INSIDE:
            yield Mistake(
                key=("vpc",),
                problem=f"is false, and the {kind} {name} is reached from the private tier only",
                given="false",
                allowed=f"true with a {kind} under uses",
                change=f"set vpc to true, or take {name} out of uses",
            )


def _arns_of_secrets_have_names_of_their_own(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, FunctionSettings):
        return
    stores = stack.settings.data.stores
    databases = [name for name in service.needs if getattr(type(stores.get(name)), "kind", "") == "database"]
    taken = dict.fromkeys(service.environment, "environment")
    taken |= {variable(name, SECRET_FIELD): f"uses: {name}" for name in databases}
    for name in service.secrets:
        if (given := f"{name}_{SECRET_FIELD}") in taken:
            yield Mistake(
                key=("secrets", name),
                problem=f"brings the variable {given}, which `{taken[given]}` sets already",
                given=f"the name {named(name)}",
                allowed=f"names that with _{SECRET_FIELD} behind them are free",
                change="rename it",
            )


def _requests_are_waited_for(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, FunctionSettings) or service.route is None:
        return
    idle = stack.settings.edge.idle_timeout_seconds
    if idle is not None and service.timeout_seconds > idle:
        yield Mistake(
            key=("timeoutSeconds",),
            problem="is longer than the load balancer waits for an answer",
            given=f"{service.timeout_seconds} (groundwork:edge.idleTimeoutSeconds: {idle})",
            allowed=f"1 to {idle} with a route",
            change="lower it, or raise groundwork:edge.idleTimeoutSeconds",
        )


def _image_is_in_reach_of_lambda(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, FunctionSettings) or service.image is None:
        return
    try:
        image = images.parse(service.image)
    except ValueError:
        return
    region = stack.region.code
    if not image.in_private_ecr or image.registry is None or image.registry.split(".")[3] != region:
        yield Mistake(
            key=("image",),
            problem="is out of Lambda's reach, which takes images from private ECR repositories of its own region only",
            given=shown(service.image),
            allowed=f"<account>.dkr.ecr.{region}.amazonaws.com/<name>:<tag>, or a build folder",
            change="copy the image to ECR and name it there, or build it from a folder",
        )


def _folder_holds_the_program(stack: "Stack", service: ServiceSettings) -> Findings:
    if not isinstance(service, FunctionSettings) or service.build is None or not service.zipped:
        return
    root = stack.root.resolve()
    folder = root / service.build
    if folder.is_symlink() or not folder.is_dir() or root not in folder.resolve().parents:
        return  # said by another rule
    size = sum((folder / file).stat().st_size for file in files(folder))
    if size > UNZIPPED_MOST:
        yield Mistake(
            key=("build",),
            problem="is larger than a function may be",
            given=f"{shown(service.build)} ({size // 2**20} MiB)",
            allowed=f"{UNZIPPED_MOST // 2**20} MiB in all",
            change="take out what the program does not need, or make an image of it: a Dockerfile, no runtime",
        )
    yield from skipping(_handler_is_there, folder, service)


def _handler_is_there(folder: Path, service: FunctionSettings) -> Findings:
    """As far as it can be known: of compiled languages and of runtimes of one's own nothing is."""
    if service.runtime is None or service.handler is None:
        return
    language = handlers.language(service.runtime)
    if language is None:
        return
    given = f"{shown(service.handler)} (build: {shown(service.build)})"
    handler = language.split(service.handler)
    there = _modules(folder, language)
    if handler is None:
        yield Mistake(
            key=("handler",),
            problem="names no function of a module",
            given=given,
            allowed="module.function, the module a file of the build folder" + _found(there),
            change="write for example receipt.handler",
        )
        return
    file = language.file(folder, handler.path)
    if file is None:
        if language.unread(folder, handler.path):
            return
        yield Mistake(
            key=("handler",),
            problem="names no module in the build folder",
            given=given,
            allowed="module.function, the module a file of the build folder" + _found(there),
            change=_module_instead(there, handler, language),
        )
        return
    offered = language.offered((folder / file).read_bytes())
    if offered is None or (name := handler.first) in offered.names:
        return
    does = "defines" if language.dotted else "exports"
    known = list(offered.functions) or sorted(name for name in offered.names if not name.startswith("_"))
    meant = nearest(name, known) or (known[0] if len(known) == 1 else None)
    yield Mistake(
        key=("handler",),
        problem=f"names nothing that {file} {does}: each call of the function would fail",
        given=given,
        allowed=f"what {file} {does}: {', '.join(known[:_NAMED])}{_more(known)}"
        if known
        else f"what {file} {does}, which is nothing",
        change=f"write {service.handler.removesuffix(handler.name)}{meant}, or {does[:-1]} {name} in {file}"
        if meant
        else f"{does[:-1]} {name} in {file}, or name another module",
    )


def _modules(folder: Path, language: handlers.Language) -> list[Path]:
    """The files that could be meant, by name."""
    return sorted(
        file for file in folder.iterdir() if file.suffix in language.endings and file.suffix and file.is_file()
    )


def _more(names: Sequence[object]) -> str:
    return f" and {len(names) - _NAMED} more" if len(names) > _NAMED else ""


def _found(there: list[Path]) -> str:
    return f" (there: {', '.join(file.name for file in there[:_NAMED])}{_more(there)})" if there else ""


def _module_instead(there: list[Path], handler: handlers.Handler, language: handlers.Language) -> str:
    file = handler.path + next(ending for ending in language.endings if ending.startswith("."))
    stems = [file.stem for file in there]
    meant = nearest(handler.path, stems) or (stems[0] if len(stems) == 1 else None)
    return f"write {meant}.{handler.name}, or add {file}" if meant else f"name a module that is there, or add {file}"


RULES = (
    _queue_exists,
    _messages_stay_hidden_for_long_enough,
    _fifo_comes_in_small_batches,
    _bucket_exists,
    _table_tells,
    _stores_are_in_the_network,
    _arns_of_secrets_have_names_of_their_own,
    function_variables.fit_together,
    _requests_are_waited_for,
    _image_is_in_reach_of_lambda,
    _folder_holds_the_program,
)
"""In the order of the messages; each takes the stack and one service, keys are relative to the service."""


def between(services: Mapping[str, ServiceSettings]) -> Findings:
    """What functions have to say to each other, and to workers; keys from `services` on."""
    functions = {name: service for name, service in services.items() if isinstance(service, FunctionSettings)}
    for (name, one), (other, two) in combinations(functions.items(), 2):
        yield from skipping(_are_called_apart, other, two, name, one)
    consumers: dict[str, str] = {}
    followers: dict[str, list[str]] = {}
    for name, service in services.items():
        yield from skipping(_consumes_alone, name, service, consumers)
        yield from skipping(_two_follow, name, service, followers)


def _are_called_apart(name: str, function: FunctionSettings, other: str, earlier: FunctionSettings) -> Findings:
    mine, theirs = function.bucket, earlier.bucket
    if mine is None or theirs is None or mine.name != theirs.name or not mine.overlaps(theirs):
        return
    yield Mistake(
        key=("services", name, "bucket"),
        problem=f"an object of {mine.name} could call groundwork:services.{other} as well, and S3 tells each event to"
        " one function only",
        given=f"{mine.words} ({other}: {theirs.words})",
        allowed="prefixes of which none begins with the other, or suffixes of which none ends with the other, or"
        " other events",
        change="give the two prefixes that lie apart, for example inbox/ and archive/",
    )


def _consumes_alone(name: str, service: ServiceSettings, consumers: dict[str, str]) -> Findings:
    if isinstance(service, WorkerSettings):
        queue = service.queue
    elif isinstance(service, FunctionSettings) and service.queue is not None:
        queue = service.queue.name
    else:
        return
    other = consumers.setdefault(queue, name)
    if other != name:
        yield Doubt(
            key=("services", name, "queue"),
            text=f"groundwork:services.{other} takes messages from {queue} as well: each message goes to one of the"
            " two, whichever asks first",
        )


def _two_follow(name: str, service: ServiceSettings, followers: dict[str, list[str]]) -> Findings:
    """More than two readers of one part of a stream are throttled (DynamoDB developer guide, Streams, read 2026-11)."""
    for store, levels in service.needs.items():
        if "follow" not in levels:
            continue
        others = followers.setdefault(store, [])
        if len(others) >= FOLLOWERS:
            yield Doubt(
                key=("services", name),
                text=f"{several(others, 'and')} follow the changes of {store} as well: DynamoDB lets {FOLLOWERS} read"
                " them at a time and throttles the rest; let one function tell the others, by a queue each",
            )
        others.append(name)
