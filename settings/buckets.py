"""The settings of buckets: when objects move to cheaper storage and when they go, who may ask for them in a browser,
who is told of them, and where copies are."""

from collections.abc import Mapping
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from settings.errors import named
from settings.function_triggers import EventFilterSettings
from settings.section import Findings, Mistake, Section, StoreName, rule

BUCKET_VARIABLES = ("BUCKET", "REGION")

Origin = Annotated[
    str,
    Field(
        pattern=r"^(\*|https?://[A-Za-z0-9*]([A-Za-z0-9.*-]*[A-Za-z0-9])?(:[0-9]{1,5})?)$",
        json_schema_extra={
            "patternErrorMessage": "scheme and host as browsers send them, without a path: https://app.example.com,"
            " with one * at most"
        },
    ),
]
Header = Annotated[
    str,
    Field(
        pattern=r"^[A-Za-z0-9*-]{1,100}$",
        json_schema_extra={"patternErrorMessage": "the name of a header, or * for any"},
    ),
]


class CorsSettings(Section):
    """Pages of which origins may use the bucket from a browser, with a URL that a service has signed for them."""

    origins: Annotated[
        tuple[Origin, ...],
        Field(strict=False, description="Where the pages come from.", examples=[["https://app.example.com"]]),
    ]
    methods: Annotated[
        tuple[Literal["GET", "PUT", "HEAD", "POST", "DELETE"], ...],
        Field(strict=False, description="What they may do.", examples=[["GET", "PUT"]]),
    ]
    headers: Annotated[
        tuple[Header, ...],
        Field(
            strict=False, description="Headers that they may send; none when not given.", examples=[["content-type"]]
        ),
    ] = ()
    exposed: Annotated[
        tuple[Header, ...],
        Field(strict=False, description="Headers of answers that they may read.", examples=[["etag"]]),
    ] = ()
    max_age_seconds: Annotated[
        int,
        Field(ge=0, le=86400, description="Seconds for which a browser remembers the answer.", examples=[3600]),
    ] = 3600

    @rule
    def _somebody_may_do_something(self) -> Findings:
        for key, given in (("origins", self.origins), ("methods", self.methods)):
            if not given:
                yield Mistake(
                    key=(key,),
                    problem="is empty, so the rule allows nothing",
                    given="an empty list",
                    allowed="one or more",
                    change="name one, or take the rule out",
                )

    @rule
    def _one_star_at_most(self) -> Findings:
        for key, values in (("origins", self.origins), ("headers", self.headers)):
            for place, value in enumerate(values):
                if value.count("*") > 1:
                    yield Mistake(
                        key=(key, place),
                        problem="has more than one *, which S3 refuses",
                        given=value,
                        allowed="one * at most",
                        change="name them one by one",
                    )
        for place, value in enumerate(self.exposed):
            if "*" in value:
                yield Mistake(
                    key=("exposed", place),
                    problem="has a *, and S3 takes full names here",
                    given=value,
                    allowed="names of headers",
                    change="name them one by one",
                )


class ObjectLockSettings(Section):
    """For how long nobody can delete or change a version of an object."""

    mode: Annotated[
        Literal["governance", "compliance"],
        Field(
            description="governance: whoever has a right of its own for it can shorten the lock. compliance: nobody"
            " can, not even AWS; the bucket stays until the last lock is over."
        ),
    ]
    days: Annotated[int, Field(ge=1, le=36500, description="Days from upload.", examples=[30])]


class TieringSettings(Section):
    """S3 looks which objects are read, and moves the others to cheaper storage by itself, object by object. Reads cost
    nothing more, watching costs 0.0025 USD a month for a thousand objects of 128 KiB or more."""

    archive_after_days: Annotated[
        Annotated[int, Field(ge=90, le=730)] | None,
        Field(
            description="Days without a read until reading takes hours (Archive Access); null: reading never does.",
            examples=[None],
        ),
    ] = None
    deep_archive_after_days: Annotated[
        Annotated[int, Field(ge=180, le=730)] | None,
        Field(
            description="Days without a read until reading takes up to half a day (Deep Archive Access); null for"
            " never.",
            examples=[None],
        ),
    ] = None

    @rule
    def _tiers_are_in_order(self) -> Findings:
        archive, deep = self.archive_after_days, self.deep_archive_after_days
        if archive is not None and deep is not None and deep <= archive:
            yield Mistake(
                key=("deepArchiveAfterDays",),
                problem="is not after archiveAfterDays",
                given=f"{deep} (archiveAfterDays: {archive})",
                allowed=f"{max(180, archive + 1)} to 730, or null",
                change="raise it, or lower archiveAfterDays",
            )


class ReplicationSettings(Section):
    """A copy of each new object in a bucket of another region. What is deleted stays in the copy."""

    region: Annotated[
        str,
        Field(
            pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$",
            description="Where the copy is. Another one makes a new copy, and leaves the old one where it is in a"
            " protected stack.",
            examples=["us-west-2"],
            json_schema_extra={"patternErrorMessage": "the code of a region, for example us-west-2"},
        ),
    ]
    storage: Annotated[
        Literal["standard", "infrequentAccess", "archive"],
        Field(
            description="How the copy is kept: as the original begins, in Standard-IA, or in Glacier Deep Archive"
            " (reading takes hours)."
        ),
    ]


class BucketSettings(Section):
    """A private bucket, and when its objects move to cheaper storage. Days are counted from upload."""

    kind: ClassVar[str] = "bucket"
    levels: ClassVar[tuple[str, ...]] = ("read", "write")
    variables: ClassVar[tuple[str, ...]] = BUCKET_VARIABLES

    infrequent_access_after_days: Annotated[
        Annotated[int, Field(ge=30, le=36500)] | None,
        Field(
            description="Days until objects move to Standard-IA (S3 asks for 30 or more); null for never.",
            examples=[30],
        ),
    ]
    archive_after_days: Annotated[
        Annotated[int, Field(ge=60, le=36500)] | None,
        Field(
            description="Days until objects move to Glacier Deep Archive (reading takes hours, billed for 180 days"
            " at least); 30 or more after Standard-IA, null for never.",
            examples=[90],
        ),
    ]
    abort_uploads_after_days: Annotated[
        int, Field(ge=1, le=36500, description="Days until unfinished uploads are deleted.", examples=[7])
    ]
    expire_noncurrent_after_days: Annotated[
        int,
        Field(
            ge=1, le=36500, description="Days until overwritten and deleted versions are gone for good.", examples=[180]
        ),
    ]
    expire_after_days: Annotated[
        Annotated[int, Field(ge=1, le=36500)] | None,
        Field(
            description="Days until objects are deleted, which leaves their versions for expireNoncurrentAfterDays;"
            " null for never.",
            examples=[None],
        ),
    ] = None
    tiering: Annotated[
        TieringSettings | None,
        Field(
            description="Intelligent-Tiering, instead of the days above, which are null then; null for none.",
            examples=[None],
        ),
    ] = None
    cors: Annotated[
        tuple[CorsSettings, ...],
        Field(strict=False, max_length=100, description="What pages in browsers may do.", examples=[[]]),
    ] = ()
    tells: Annotated[
        Mapping[StoreName, EventFilterSettings],
        Field(description="Standard queues that get a message for each event, by name.", examples=[{}]),
    ] = Field(default_factory=dict)
    object_lock: Annotated[
        ObjectLockSettings | None,
        Field(
            description="A lock on every new object; null for none. A bucket that has had one can always have locked"
            " objects.",
            examples=[None],
        ),
    ] = None
    replication: Annotated[
        ReplicationSettings | None, Field(description="A copy in another region; null for none.", examples=[None])
    ] = None

    @rule
    def _storage_classes_are_in_order(self) -> Findings:
        if self.infrequent_access_after_days is None or self.archive_after_days is None:
            return
        # S3 keeps an object 30 days in Standard-IA before it may move on (AWS knowledge centre, read 2026-11).
        earliest = self.infrequent_access_after_days + 30
        if self.archive_after_days < earliest:
            yield Mistake(
                key=("archiveAfterDays",),
                problem="is less than 30 days after infrequentAccessAfterDays",
                given=f"{self.archive_after_days} (infrequentAccessAfterDays: {self.infrequent_access_after_days})",
                allowed=f"{earliest} or more",
                change=f"raise archiveAfterDays to {earliest}, or lower infrequentAccessAfterDays",
            )

    @rule
    def _objects_go_after_they_have_moved(self) -> Findings:
        moves = {
            "infrequentAccessAfterDays": self.infrequent_access_after_days,
            "archiveAfterDays": self.archive_after_days,
        }
        last = max((days for days in moves.values() if days is not None), default=0)
        if self.expire_after_days is not None and self.expire_after_days <= last:
            key = next(key for key, days in moves.items() if days == last)
            yield Mistake(
                key=("expireAfterDays",),
                problem="is not after the last move to cheaper storage, which S3 refuses",
                given=f"{self.expire_after_days} ({key}: {last})",
                allowed=f"{last + 1} or more, or null",
                change=f"raise it, or set {key} to null",
            )

    @rule
    def _one_way_to_cheaper_storage(self) -> Findings:
        if self.tiering is None:
            return
        for key, days in (
            ("infrequentAccessAfterDays", self.infrequent_access_after_days),
            ("archiveAfterDays", self.archive_after_days),
        ):
            if days is not None:
                yield Mistake(
                    key=(key,),
                    problem="moves objects that Intelligent-Tiering already moves",
                    given=f"{days} (tiering: given)",
                    allowed="null with tiering",
                    change="set it to null, or take tiering out",
                )

    @rule
    def _a_locked_bucket_has_no_copy(self) -> Findings:
        if self.object_lock is not None and self.replication is not None:
            yield Mistake(
                key=("replication",),
                problem="a copy of locked objects would need a lock of its own, which this platform does not make",
                given="a map of settings (objectLock: given)",
                allowed="one of objectLock and replication",
                change="take one of the two out; AWS Backup copies a locked bucket to another region",
            )

    @rule
    def _queues_are_told_apart(self) -> Findings:
        told = list(self.tells.items())
        for place, (name, one) in enumerate(told):
            for other, two in told[:place]:
                if one.overlaps(two):
                    yield Mistake(
                        key=("tells", name),
                        problem=f"an event could be told to {other} as well, and S3 tells each to one queue only",
                        given=f"{one.words} ({other}: {two.words})",
                        allowed="prefixes of which none begins with the other, or suffixes of which none ends with the"
                        " other, or other events",
                        change=f"give {named(name)} and {named(other)} prefixes that lie apart, for example inbox/ and"
                        " archive/",
                    )
