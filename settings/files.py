"""The settings of file systems that several tasks have mounted at once."""

from typing import Annotated, ClassVar, Literal

from pydantic import Field

from settings.section import Findings, Mistake, Section, rule

FILES_VARIABLES = ("PATH",)
MOUNTED_UNDER = "/mnt"
# After so many days, and no other number, EFS moves a file that nobody has read (API, read 2026-11).
Days = Literal[1, 7, 14, 30, 60, 90, 180, 270, 365]


def path_of(store: str) -> str:
    """Where programs find a file system: `shared` -> `/mnt/shared`."""
    return f"{MOUNTED_UNDER}/{store}"


class FileSystemSettings(Section):
    """A file system (EFS) in every zone of the stack, which grows and shrinks with what is in it."""

    kind: ClassVar[str] = "file system"
    levels: ClassVar[tuple[str, ...]] = ("read", "write")
    variables: ClassVar[tuple[str, ...]] = FILES_VARIABLES

    infrequent_access_after_days: Annotated[
        Days | None,
        Field(
            description="Days without a read after which a file moves to Infrequent Access, at a twelfth of the price,"
            " until it is read again; null for never.",
            examples=[30],
        ),
    ]
    archive_after_days: Annotated[
        Days | None,
        Field(
            description="Days without a read after which it moves to Archive, at half the price of that; null for"
            " never. Needs throughput: elastic.",
            examples=[None],
        ),
    ]
    throughput: Annotated[
        Literal["elastic", "bursting", "provisioned"],
        Field(
            description="elastic: as much as is asked for, each GB billed. bursting: 50 MiB/s for each TiB stored, and"
            " more for a while. provisioned: throughputMibps at all times. Once changed, EFS lowers it or changes it"
            " again after a day at the earliest.",
            examples=["elastic"],
        ),
    ]
    throughput_mibps: Annotated[
        Annotated[int, Field(ge=1, le=3414)] | None,
        Field(description="MiB a second with throughput: provisioned; null otherwise.", examples=[None]),
    ] = None

    @rule
    def _throughput_has_a_size_if_it_is_provisioned(self) -> Findings:
        if self.throughput == "provisioned" and self.throughput_mibps is None:
            yield Mistake(
                key=("throughputMibps",),
                problem="is null although throughput is provisioned",
                given="null (throughput: provisioned)",
                allowed="1 to 3414 MiB a second with throughput: provisioned",
                change="give it, or write throughput: elastic",
            )
        if self.throughput != "provisioned" and self.throughput_mibps is not None:
            yield Mistake(
                key=("throughputMibps",),
                problem="has no effect: only provisioned throughput has a size",
                given=f"{self.throughput_mibps} (throughput: {self.throughput})",
                allowed=f"null with throughput: {self.throughput}",
                change="set it to null, or write throughput: provisioned",
            )

    @rule
    def _classes_are_in_order(self) -> Findings:
        infrequent, archive = self.infrequent_access_after_days, self.archive_after_days
        if archive is None:
            return
        if infrequent is None or archive <= infrequent:
            yield Mistake(
                key=("archiveAfterDays",),
                problem="is not after infrequentAccessAfterDays, through which every file goes",
                given=f"{archive} (infrequentAccessAfterDays: {'null' if infrequent is None else infrequent})",
                allowed="more days than infrequentAccessAfterDays, or null",
                change="raise it, or set infrequentAccessAfterDays to fewer days",
            )
        if self.throughput != "elastic":
            yield Mistake(
                key=("throughput",),
                problem="EFS archives files with elastic throughput only",
                given=f"{self.throughput} (archiveAfterDays: {archive})",
                allowed="elastic with archiveAfterDays",
                change="write throughput: elastic, or set archiveAfterDays to null",
            )
