"""The settings of EC2 instances: which type, how much disk, of which day their image is."""

import re
from datetime import UTC, date, datetime
from typing import Annotated, ClassVar, Literal

from pydantic import Field

from settings import tables
from settings.errors import Doubt, nearest, several, shown
from settings.section import Findings, Mistake, Section, rule

FIRST_IMAGE = date(2023, 3, 15)  # Amazon Linux 2023 came out
# In the letters behind the generation, `g` stands for AWS's own arm64 processors (EC2 guide, naming of instance types).
_ARM = re.compile(r"[a-z]+[0-9]+[a-z]*g[a-z]*(-\w+)?|a1")

Architecture = Literal["x86_64", "arm64"]


InstanceTypeName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9-]*\.[a-z0-9-]+$",
        max_length=40,
        json_schema_extra={"patternErrorMessage": "family and size, for example t4g.small"},
    ),
]


def architecture_of(type_: str) -> Architecture:
    """The processor of an instance type: by the table, or where it is not in there by its name."""
    known = tables.instance_types().get(type_)
    if known is not None:
        return known.architecture
    return "arm64" if _ARM.fullmatch(type_.partition(".")[0]) else "x86_64"


def alike(type_: str, architecture: str) -> str:
    """A type with another processor that is as large as this one where there is one, for a message."""
    known = tables.instance_types()
    own = known.get(type_)
    there = [name for name, each in known.items() if each.architecture == architecture]
    same = [name for name in there if own and (known[name].vcpu, known[name].memory_mib) == (own.vcpu, own.memory_mib)]
    return min(same or there, key=lambda name: name[0] != type_[0])


def offered(type_: str, key: tuple[str | int, ...]) -> Findings:
    """A mistake where a known family has no such size; a doubt where the family is not known."""
    known = tables.instance_types()
    if type_ in known:
        return
    family = type_.partition(".")[0]
    sizes = [name for name in known if name.startswith(f"{family}.")]
    if not sizes:
        yield Doubt(
            key=key,
            text=f"{shown(type_)} is of a family that the table of {tables.as_of('instances')} does not have:"
            f" taken for {architecture_of(type_)}",
        )
        return
    yield Mistake(
        key=key,
        problem=f"the family {family} has no such size",
        given=shown(type_),
        allowed=several(sizes),
        change=f"did you mean {nearest(type_, sizes) or sizes[0]}?",
    )


class MachineSettings(Section):
    """One EC2 instance."""

    smallest_disk: ClassVar[int] = 8  # GiB, of the image's own snapshot

    type: Annotated[
        InstanceTypeName,
        Field(
            description="Instance type; it decides the processor too (a g behind the generation is arm64).",
            examples=["t4g.small"],
        ),
    ]
    disk_gib: Annotated[
        int,
        Field(
            ge=8,
            le=16384,
            description="GiB of its one disk (gp3, encrypted with the account's own EBS key).",
            examples=[30],
        ),
    ] = 30
    image_as_of: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^[0-9]{4}-[0-9][0-9]-[0-9][0-9]$",
                json_schema_extra={"patternErrorMessage": "a date in quotes, for example 2026-11-21"},
            ),
        ]
        | None,
        Field(
            description="Date in quotes. AWS's newest image is read from its SSM parameter when the instances are made"
            " and again whenever this changes: set it to today to patch them.",
            examples=["2026-11-21"],
        ),
    ] = None
    longest_life_days: Annotated[
        Annotated[int, Field(ge=1, le=365)] | None,
        Field(description="Days after which an instance is replaced in any case. Absent: never.", examples=[30]),
    ] = None

    @property
    def architecture(self) -> Architecture:
        """What images have to be built for."""
        return architecture_of(self.type)

    @rule
    def _type_is_offered(self) -> Findings:
        yield from offered(self.type, ("type",))

    @rule
    def _disk_holds_the_image(self) -> Findings:
        if self.disk_gib < self.smallest_disk:
            yield Mistake(
                key=("diskGib",),
                problem="is less than the image itself takes, so no instance could be started",
                given=f"{self.disk_gib}",
                allowed=f"{self.smallest_disk} to 16384",
                change=f"raise it to {self.smallest_disk} or more",
            )

    @rule
    def _image_is_of_a_day_that_was(self) -> Findings:
        if self.image_as_of is None:
            return
        today = datetime.now(UTC).date()
        try:
            day = date.fromisoformat(self.image_as_of)
        except ValueError:
            problem = "is no day of the calendar"
        else:
            if FIRST_IMAGE <= day <= today:
                return
            problem = "is still to come" if day > today else "is before there was such an image"
        yield Mistake(
            key=("imageAsOf",),
            problem=problem,
            given=shown(self.image_as_of),
            allowed=f"a date from {FIRST_IMAGE} to today",
            change=f'write the day on which you want the newest image, for example "{today}"',
        )
