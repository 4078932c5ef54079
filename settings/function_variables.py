"""How much of the 4 KiB that Lambda has for the variables of a function is taken, by its own and by what `uses` brings.

What AWS makes up itself (addresses, ARNs, the end of a name) counts as long as it can be, so that a function that is
not refused here is not refused by Lambda either, half way through an update.
"""

import json
from collections.abc import Collection, Iterator, Mapping
from typing import TYPE_CHECKING

from settings.buckets import BucketSettings
from settings.caches import CacheSettings
from settings.data import StoreSettings
from settings.databases import AuroraSettings, RdsSettings
from settings.dynamo_tables import TableSettings
from settings.errors import Findings, Mistake
from settings.files import FileSystemSettings, path_of
from settings.functions import SECRET_FIELD, FunctionSettings
from settings.queues import QueueSettings
from settings.secrets import SecretSettings
from settings.services import ServiceSettings
from settings.stores import variable
from settings.tables import Region

if TYPE_CHECKING:
    from settings.rules import Stack

# Bytes of all variables together (Lambda quotas, read 2026-11). Lambda measures them as one JSON document: what it
# refuses it quotes so ("String measured: {...}", github-aws-runners/terraform-aws-github-runner issue 3594).
MOST = 4096
_NAMED = 6  # stores in a message
_MADE_UNIQUE = 8  # a hyphen and seven digits, which Pulumi puts behind a name
_ID = 40  # of a cache, its user group and its users (ElastiCache API)
_PORT, _ACCOUNT, _BROKERS = 5, 12, 3  # MSK names three brokers at most
_AT = 23  # the moment at which the stream of a table was made, in its ARN


def fit_together(stack: "Stack", service: ServiceSettings) -> Findings:
    """A rule of each service: all variables of a function have room."""
    if not isinstance(service, FunctionSettings):
        return
    # The braces are counted with its own variables, and the last comma is none.
    parts = {"environment": _bytes(service.environment) + len("{}") - len(","), **brought(stack, service)}
    size = sum(parts.values())
    if size <= MOST:
        return
    own = parts.pop("environment")
    largest = sorted(parts.items(), key=lambda part: -part[1])
    told = [f"{own} in environment"] if service.environment else []
    told += [f"{count} for {name}" for name, count in largest[:_NAMED]]
    rest = sum(count for _, count in largest[_NAMED:])
    yield Mistake(
        key=("environment",) if service.environment else ("uses",),
        problem="is more than a function can be told" + (", with the variables that `uses` brings" if parts else ""),
        given=f"up to {size} bytes: {', '.join(told)}" + (f", {rest} for {len(largest) - _NAMED} more" if rest else ""),
        allowed=f"{MOST} bytes of names and values, in JSON as Lambda measures them",
        change="put what is large into a bucket, or into the program"
        if own >= max(parts.values(), default=0)
        else "let a second function do what some of these are for, or give them shorter names",
    )


def brought(stack: "Stack", service: FunctionSettings) -> dict[str, int]:
    """Store, or `secrets` -> the most bytes that its variables take."""
    stores = stack.settings.data.stores
    found = {}
    for name, levels in service.needs.items():
        if name in stores:
            longest = lengths(name, levels, stores[name], stack.region)
            found[name] = _bytes({called: "x" * length for called, length in longest.items()})
    if service.secrets:
        arns = {f"{name}_{SECRET_FIELD}": "x" * _secret(one, stack.region) for name, one in service.secrets.items()}
        found["secrets"] = _bytes(arns)
    return found


def _bytes(variables: Mapping[str, str]) -> int:
    """In JSON, each with a comma behind it."""
    return sum(len(f"{_json(name)}:{_json(value)},".encode(errors="replace")) for name, value in variables.items())


def _json(text: str) -> str:
    return json.dumps(text, ensure_ascii=False)


def lengths(name: str, levels: Collection[str], store: StoreSettings, region: Region) -> dict[str, int]:
    """Each variable that a function gets for using a store at these levels, and how long its value can be."""
    return {variable(name, part): length for part, length in _of_store(name, levels, store, region)}


def _of_store(name: str, levels: Collection[str], store: StoreSettings, region: Region) -> Iterator[tuple[str, int]]:
    made = len(f"data-{name}") + _MADE_UNIQUE
    if isinstance(store, AuroraSettings | RdsSettings):
        yield from _of_database(name, levels, store, region)
    elif isinstance(store, CacheSettings):
        yield from _of_cache(made, store, region)
    elif isinstance(store, BucketSettings):
        yield from (("BUCKET", made), ("REGION", len(region.code)))
    elif isinstance(store, QueueSettings):
        yield "QUEUE", len(f"https://sqs.{region.code}.{region.dns_suffix}//.fifo") + _ACCOUNT + made
    elif isinstance(store, TableSettings):
        yield from _of_table(made, levels, region)
    elif isinstance(store, FileSystemSettings):
        yield "PATH", len(path_of(name))
    else:
        broker = len(f"b-99..xxxxxx.c99.kafka-serverless.{region.code}.{region.dns_suffix}:9098,") + made
        yield from (("BOOTSTRAP", _BROKERS * broker), ("REGION", len(region.code)))


def _of_cache(made: int, store: CacheSettings, region: Region) -> Iterator[tuple[str, int]]:
    host = len(f"clustercfg..xxxxxx.serverless.xxxxx.cache.{region.dns_suffix}") + _ID
    yield from (("HOST", host), ("PORT", _PORT), ("MODE", len("cluster")), ("NAME", _ID), ("USERNAME", _ID))
    if store.shards is None and store.nodes not in (None, 1):
        yield "READER_HOST", host
    if store.passwords is not None:
        yield "SECRET_ARN", _secret_arn(made + len("-user-write"), region)


def _of_table(made: int, levels: Collection[str], region: Region) -> Iterator[tuple[str, int]]:
    if "follow" in levels:
        arn = len(f"arn:{region.partition}:dynamodb:{region.code}::table//stream/") + _ACCOUNT + made + _AT
        yield "STREAM_ARN", arn
    if set(levels) - {"follow"}:
        yield from (("TABLE", made), ("REGION", len(region.code)))


def _of_database(
    name: str, levels: Collection[str], store: AuroraSettings | RdsSettings, region: Region
) -> Iterator[tuple[str, int]]:
    made = len(f"data-{name}") + _MADE_UNIQUE
    database = len(store.database_name or f"{name}_db")
    between = (
        "-readers.endpoint.proxy-" if store.proxy else ".cluster-ro-" if isinstance(store, AuroraSettings) else "."
    )
    host = len(f"{between}xxxxxxxxxxxx.{region.code}.rds.{region.dns_suffix}") + made
    yield from (("HOST", host), ("PORT", _PORT), ("DATABASE", database), ("TLS_MODE", len("VERIFY_IDENTITY")))
    if isinstance(store, AuroraSettings):
        if store.reader_endpoint:
            yield "READER_HOST", host
    elif store.readers:
        yield "READER_HOST", store.readers * (host + len("-reader-99,"))
    if "connect" in levels:
        yield "USERNAME", len(store.iam_user or "")
    if set(levels) - {"connect"}:
        yield "SECRET_ARN", _secret_arn(max(len("rds!cluster-") + 36, made + len("-master")), region)


def _secret(settings: SecretSettings, region: Region) -> int:
    if settings.arn is not None:
        return len(settings.arn)
    return _secret_arn(len(f"compute-secrets-{settings.config}") + _MADE_UNIQUE, region)


def _secret_arn(name: int, region: Region) -> int:
    return len(f"arn:{region.partition}:secretsmanager:{region.code}::secret:-xxxxxx") + _ACCOUNT + name
