"""The settings of caches: engine, version, nodes or none, how clients sign in."""

from collections.abc import Iterator
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from settings import tables, windows
from settings.database_versions import numbers
from settings.errors import Doubt, nearest, several, shown
from settings.secrets import SecretName
from settings.section import Findings, Mistake, Section, rule
from settings.windows import DailyWindow, WeeklyWindow

CACHE_VARIABLES = ("HOST", "READER_HOST", "PORT", "MODE", "NAME", "USERNAME", "PASSWORD", "SECRET_ARN")
_TABLE = "settings/tables/elasticache.json"
_WINDOW_MINUTES = 60  # the least that ElastiCache takes (API model, 2026-11-17)
_NODES_MOST = 90  # of one cache, unless AWS is asked for more (ElastiCache guide, quotas, 2026-09)
_PRIMARY_AND_REPLICAS = 6
# The provider takes no later major version of nodes, whatever AWS has (terraform-provider-aws,
# internal/service/elasticache/engine_version.go, read 2026-11; pulumi-aws 7.51.1).
_LAST_MAJOR_OF_NODES = 9
# Families that move values to SSD, and what they evict by (ElastiCache guide, data-tiering, limitations, 2026-09).
_TIERED = ("r6gd",)
_EVICTION_OF_TIERED = ("volatile-lru", "allkeys-lru", "volatile-lfu", "allkeys-lfu", "noeviction")


class ServerlessCacheSettings(Section):
    """Up to how much a serverless cache grows; it costs what it holds and does, and a little when it is idle."""

    max_gigabytes: Annotated[
        int, Field(ge=1, le=5000, description="Data in GB, beyond which keys are evicted.", examples=[5])
    ]
    max_ecpu_per_second: Annotated[
        int,
        Field(
            ge=1000,
            le=15_000_000,
            description="Processing units a second (one for a simple command of 1 KB), beyond which commands are"
            " throttled.",
            examples=[5000],
        ),
    ]


class CachePasswordSettings(Section):
    """Names of values under groundwork:secrets, each a password of 16 to 128 characters."""

    write: Annotated[SecretName, Field(description="Of the user that reads and writes.", examples=["sessions-write"])]
    read: Annotated[
        SecretName | None, Field(description="Of the user that only reads; null where nobody does.", examples=[None])
    ] = None


class CacheWindowSettings(Section):
    """When AWS takes the daily snapshot and does maintenance, in UTC; apart from each other."""

    snapshot: Annotated[DailyWindow, Field(description="Times of each day, in UTC.", examples=["02:00-03:00"])]
    maintenance: Annotated[
        WeeklyWindow, Field(description="Times of a week, in UTC.", examples=["sun:04:00-sun:05:00"])
    ]

    @rule
    def _they_are_apart(self) -> Findings:
        yield from windows.judge(("snapshot", self.snapshot), ("maintenance", self.maintenance), _WINDOW_MINUTES)


class CacheSettings(Section):
    """Valkey or Redis OSS, over TLS only, for users with a token or a password: nodes of a size, or serverless."""

    kind: ClassVar[str] = "cache"
    levels: ClassVar[tuple[str, ...]] = ("read", "write")
    variables: ClassVar[tuple[str, ...]] = CACHE_VARIABLES

    engine: Annotated[
        Literal["valkey", "redis"],
        Field(description="From redis to valkey goes in place; back makes a new, empty cache.", examples=["valkey"]),
    ]
    version: Annotated[
        str,
        Field(
            pattern=r"^[0-9]{1,2}(\.[0-9]{1,2})?$",
            description="Major and minor version in quotes; of a serverless cache the major alone. A lower one makes a"
            " new, empty cache; so does any other one of a serverless cache.",
            examples=["8.2"],
            json_schema_extra={"patternErrorMessage": 'a version in quotes, for example "8.2"'},
        ),
    ]
    node_type: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^cache\.[a-z]+[0-9]+[a-z]*\.(micro|small|medium|([0-9]+x|x)?large)$",
                json_schema_extra={"patternErrorMessage": "a type of cache nodes, for example cache.t4g.micro"},
            ),
        ]
        | None,
        Field(description="Size of each node; null for a serverless cache.", examples=["cache.t4g.small"]),
    ] = None
    nodes: Annotated[
        Annotated[int, Field(ge=1, le=_PRIMARY_AND_REPLICAS)] | None,
        Field(
            description="A primary and its replicas, in different zones; with `shards` those of each. Two or more in a"
            " protected stack.",
            examples=[2],
        ),
    ] = None
    shards: Annotated[
        Annotated[int, Field(ge=1, le=_NODES_MOST)] | None,
        Field(
            description="Over how many primaries the keys are spread (cluster mode: clients have to know of it); null"
            " for one without it.",
            examples=[None],
        ),
    ] = None
    serverless: Annotated[ServerlessCacheSettings | None, Field(description="No nodes but limits; null for nodes.")] = (
        None
    )
    snapshot_days: Annotated[
        int,
        Field(ge=0, le=35, description="Days that daily snapshots are kept; 0 for none.", examples=[7]),
    ]
    eviction: Annotated[
        Literal[
            "noeviction",
            "allkeys-lru",
            "allkeys-lfu",
            "allkeys-random",
            "volatile-lru",
            "volatile-lfu",
            "volatile-random",
            "volatile-ttl",
        ],
        Field(
            description="Which keys go first when memory is full. Of a serverless cache always volatile-lru.",
            examples=["volatile-lru"],
        ),
    ] = "volatile-lru"
    passwords: Annotated[
        CachePasswordSettings | None,
        Field(
            description="For clients that cannot sign in with IAM; null for a token of the service's role. Redis OSS"
            " needs them in any case, for a default user that is switched off."
        ),
    ] = None
    windows: Annotated[
        CacheWindowSettings | None, Field(description="Times of snapshots and maintenance; null for Sunday night.")
    ] = None

    @property
    def iam(self) -> bool:
        """Whether clients sign in with a token instead of a password."""
        return self.passwords is None

    @property
    def secret_names(self) -> frozenset[str]:
        """The values under groundwork:secrets that its users have."""
        passwords = self.passwords
        return frozenset(filter(None, (passwords.write, passwords.read))) if passwords else frozenset()

    @property
    def node_count(self) -> int:
        """All nodes; 0 of a serverless cache."""
        return (self.nodes or 0) * (self.shards or 1)

    @rule
    def _has_nodes_or_limits(self) -> Findings:
        given = {"nodeType": self.node_type, "nodes": self.nodes, "shards": self.shards}
        for key, value in given.items():
            if self.serverless is None and value is None and key != "shards":
                yield Mistake(
                    key=(key,),
                    problem="is missing",
                    given="nothing",
                    allowed="nodeType and nodes, or serverless instead",
                    change=f"add it: {key}: {2 if key == 'nodes' else 'cache.t4g.small'}",
                )
            elif self.serverless is not None and value is not None:
                yield Mistake(
                    key=(key,),
                    problem="stands beside serverless, which has no nodes",
                    given=shown(value),
                    allowed="null with serverless",
                    change="take one of the two out",
                )

    @rule
    def _not_too_many_nodes(self) -> Findings:
        if self.node_count > _NODES_MOST:
            yield Mistake(
                key=("shards",),
                problem="makes more nodes than AWS gives one cache",
                given=f"{self.shards} (nodes: {self.nodes}, together {self.node_count})",
                allowed=f"{_NODES_MOST} nodes of all shards together",
                change=f"lower shards to {_NODES_MOST // (self.nodes or 1)}, or nodes",
            )

    @rule
    def _version_is_offered(self) -> Findings:
        yield from _judge_version(self.engine, self.version, serverless=self.serverless is not None)

    @rule
    def _node_type_is_offered(self) -> Findings:
        if self.node_type is not None:
            yield from _judge_node(self.engine, self.node_type)

    @rule
    def _eviction_can_be_chosen(self) -> Findings:
        if self.serverless is not None and self.eviction != "volatile-lru":
            yield Mistake(
                key=("eviction",),
                problem="cannot be chosen for a serverless cache",
                given=f'"{self.eviction}"',
                allowed="volatile-lru, or nothing",
                change="take it out, or use nodes",
            )

    @rule
    def _tiered_data_is_evicted_by_use(self) -> Findings:
        tiered = self.node_type is not None and self.node_type.split(".")[1] in _TIERED
        if tiered and self.eviction not in _EVICTION_OF_TIERED:
            yield Mistake(
                key=("eviction",),
                problem="is no order that nodes with data on SSD know",
                given=f'"{self.eviction}" (nodeType: {self.node_type})',
                allowed=several(_EVICTION_OF_TIERED),
                change="choose one of these, or nodes of another family",
            )

    @rule
    def _clients_can_sign_in(self) -> Findings:
        first = tables.cache_signs_in_with_iam_from(self.engine)
        if self.passwords is not None:
            return
        if self.engine == "redis":
            problem = "is missing: Redis OSS has a default user, which must not be without a password"
        elif self.serverless is None and numbers(self.version) < numbers(first):
            problem = f"is missing: {self.engine} signs in with IAM from version {first} on"
        else:
            return
        yield Mistake(
            key=("passwords",),
            problem=problem,
            given=f"null (engine: {self.engine}, version: {self.version})",
            allowed="names of values under groundwork:secrets",
            change="add passwords: {write: <name>}, or use valkey",
        )

    @rule
    def _windows_are_those_of_nodes(self) -> Findings:
        if self.serverless is not None and self.windows is not None:
            yield Mistake(
                key=("windows",),
                problem="has no effect: a serverless cache is maintained without a window",
                given="given",
                allowed="null with serverless",
                change="take it out",
            )


def _judge_version(engine: str, version: str, *, serverless: bool) -> Findings:
    offered = _offered(engine, serverless=serverless)
    majors = sorted({known.split(".")[0] for known in offered}, key=numbers)
    major = version.split(".", maxsplit=1)[0]
    same = [known for known in offered if known.split(".")[0] == major]
    if version in offered:
        ends = tables.cache_support_ends(engine, version)
        if ends is not None:
            yield Doubt(
                key=("version",), text=f"{engine} {version} is in standard support until {ends}, then AWS charges more"
            )
    elif serverless == ("." in version):
        yield Mistake(
            key=("version",),
            problem="of a serverless cache is its major alone" if serverless else "has no minor",
            given=f'"{version}"',
            allowed=several(offered),
            change=f'set version to "{(same or offered)[-1] if not serverless else major}"',
        )
    elif not serverless and int(major) > _LAST_MAJOR_OF_NODES:
        yield Mistake(
            key=("version",),
            problem="is of a major version that the AWS provider of this program does not know",
            given=f'"{version}"',
            allowed=several(offered),
            change=f'set version to "{offered[-1]}"',
        )
    elif numbers(major) > numbers(majors[-1]) or (same and numbers(version) > numbers(same[-1])):
        yield Doubt(
            key=("version",),
            text=f'"{version}" of {engine} is newer than our table of {tables.as_of("elasticache")}; not checked'
            f" (the table: {_TABLE})",
        )
    else:
        yield Mistake(
            key=("version",),
            problem=f"no new cache of {engine} can be made with this version (table of {tables.as_of('elasticache')})",
            given=f'"{version}"',
            allowed=several(offered),
            change=f'set version to "{(same or offered)[-1]}"',
        )


def _offered(engine: str, *, serverless: bool) -> tuple[str, ...]:
    if serverless:
        return tables.serverless_cache_versions(engine)
    rows: Iterator[str] = (version for versions in tables.cache_versions(engine).values() for version in versions)
    return tuple(sorted(rows, key=numbers))


def _judge_node(engine: str, node_type: str) -> Findings:
    known = tables.cache_nodes()
    if node_type not in known:
        _, family, _ = node_type.split(".")
        generations = [numbers(name.split(".")[1]) for name in known if name.split(".")[1][0] == family[0]]
        if generations and numbers(family) > max(generations):
            yield Doubt(
                key=("nodeType",),
                text=f"{shown(node_type)} is newer than our table of {tables.as_of('elasticache')}; not checked"
                f" (the table: {_TABLE})",
            )
            return
        guess = nearest(node_type, list(known))
        yield Mistake(
            key=("nodeType",),
            problem=f"is no type of cache nodes (table of {tables.as_of('elasticache')})",
            given=shown(node_type),
            allowed=f"cache.<family>.<size> with a family of {several(sorted({n.split('.')[1] for n in known}))}",
            change=(f"did you mean {guess}?" if guess else "choose one, for example cache.t4g.small")
            + f" A type that AWS does offer belongs into {_TABLE}.",
        )
    elif engine == "redis" and known[node_type].valkey_only:
        yield Mistake(
            key=("nodeType",),
            problem="is offered with valkey only",
            given=f"{shown(node_type)} (engine: redis)",
            allowed="an older family, for example m7g or r7g",
            change="choose one, or set engine to valkey",
        )
