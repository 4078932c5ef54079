"""What every database may have beside its size, whatever it is made of (`databases` has the kinds)."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from settings import reserved
from settings.database_parts import (
    LOGS,
    TAKEN_PREFIXES,
    TAKEN_USERS,
    DatabaseName,
    Log,
    ProxySettings,
    StartSettings,
    UserName,
    Version,
    WindowSettings,
)
from settings.database_versions import judge_proxied, judge_version
from settings.errors import named, several
from settings.section import Findings, Mistake, Section, rule


class AnyDatabaseSettings(Section):
    """Without any of it a database is as plain as it can be."""

    kind: ClassVar[str] = "database"
    levels: ClassVar[tuple[str, ...]] = ("connect", "write")
    variables: ClassVar[tuple[str, ...]] = (
        "HOST", "READER_HOST", "PORT", "DATABASE", "TLS_MODE", "USERNAME", "PASSWORD", "SECRET_ARN",
    )  # fmt: skip

    engine: str
    version: Version
    windows: Annotated[
        WindowSettings | None, Field(description="Times of backup and maintenance; null for Sunday night.")
    ] = None
    rotate_after_days: Annotated[
        Annotated[int, Field(ge=1, le=1000)] | None,
        Field(description="Days between two passwords of the master; null for AWS's own seven.", examples=[30]),
    ] = None
    iam_user: Annotated[
        UserName | None,
        Field(
            description="The user as which services sign in that use the database with `connect`: with a token of their"
            " role, without a password. Somebody makes it once inside the database.",
            examples=["app"],
        ),
    ] = None
    proxy: Annotated[ProxySettings | None, Field(description="RDS Proxy in front of it; null for none.")] = None
    logs: Annotated[
        Annotated[tuple[Log, ...], Field(strict=False)] | None,
        Field(
            description="The logs that go to CloudWatch; null for those that the engine writes anyway.", examples=[None]
        ),
    ] = None
    insights: Annotated[
        Literal["standard", "advanced"],
        Field(
            description="How much Database Insights keeps: standard is free and keeps 7 days, advanced keeps 15 months"
            " and costs by the vCPU.",
            examples=["standard"],
        ),
    ] = "standard"
    allow_major_upgrade: Annotated[
        bool,
        Field(
            description="Whether a new major `version` may be applied: true for that one change, then false again.",
            examples=[False],
        ),
    ] = False
    start_from: Annotated[
        StartSettings | None,
        Field(description="What a new database starts from; null for an empty one. Never changes one that exists."),
    ] = None
    database_name: Annotated[
        DatabaseName | None,
        Field(
            description="Name of the first database inside; null for the store's own. Changing it replaces the store.",
            examples=[None],
        ),
    ] = None

    @property
    def secret_names(self) -> frozenset[str]:
        """The values of groundwork:secrets that it needs."""
        return frozenset()

    @rule
    def _version_is_offered(self) -> Findings:
        yield from judge_version(self.engine, self.version)

    @rule
    def _logs_are_those_of_the_engine(self) -> Findings:
        for position, log in enumerate(self.logs or ()):
            if log not in LOGS[self.engine]:
                yield Mistake(
                    key=("logs", position),
                    problem=f"is no log of {self.engine}",
                    given=f'"{log}"',
                    allowed=several(LOGS[self.engine]),
                    change=f"take it out, or name {LOGS[self.engine][0]}",
                )
            elif log in (self.logs or ())[:position]:
                yield Mistake(
                    key=("logs", position),
                    problem="is in the list already",
                    given=f'"{log}"',
                    allowed="each log once",
                    change="take it out",
                )

    @rule
    def _user_is_nobody_elses(self) -> Findings:
        user = self.iam_user
        if user is not None and (user in TAKEN_USERS or user.startswith(TAKEN_PREFIXES)):
            yield Mistake(
                key=("iamUser",),
                problem="is a user that the engine or AWS keeps for itself, or the master",
                given=f'"{user}"',
                allowed="any other name",
                change="choose one, for example app",
            )

    @rule
    def _proxy_takes_the_version(self) -> Findings:
        if self.proxy is not None:
            yield from judge_proxied(self.engine, self.version)

    @rule
    def _database_is_called_by_no_word_of_the_engine(self) -> Findings:
        name = self.database_name
        # `postgres` is there in any case, and RDS lets it be named.
        if self.start_from is None and name in reserved.words(self.engine) - {"postgres"}:
            yield Mistake(
                key=("databaseName",),
                problem="is a word, or a database, that the engine keeps for itself",
                given=named(str(name)),
                allowed="any other name",
                change=f"choose one, for example {name}_db",
            )

    @rule
    def _proxy_takes_tokens(self) -> Findings:
        if self.proxy is not None and self.engine == "mariadb" and self.iam_user is not None:
            yield Mistake(
                key=("iamUser",),
                problem="has no effect behind a proxy: for MariaDB, RDS Proxy signs in with passwords only",
                given=f'"{self.iam_user}" (proxy: given)',
                allowed="null beside a proxy of MariaDB",
                change="take iamUser or proxy out",
            )
