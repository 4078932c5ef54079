"""The settings of secrets that are more than a value of the configuration: set later, rotated, copied elsewhere."""

from typing import Annotated

from pydantic import Field

from settings.section import Findings, Mistake, Section, ServiceName, rule

Region = Annotated[
    str,
    Field(
        pattern=r"^[a-z]{2}(-[a-z]+)+-[0-9]$",
        json_schema_extra={"patternErrorMessage": "the code of a region, for example us-west-2"},
    ),
]


class RotationSettings(Section):
    """Who makes a new value, and how often."""

    function: Annotated[
        ServiceName,
        Field(
            description="Function of groundwork:services that Secrets Manager calls for each of the four steps of a"
            " rotation; it gets the rights on this secret.",
            examples=["rotate"],
        ),
    ]
    days: Annotated[int, Field(ge=1, le=1000, description="Days between two values.", examples=[30])]


class KeptSecretSettings(Section):
    """One application secret. Services name it under `secrets`, as `config`."""

    later: Annotated[
        bool,
        Field(
            description="Whether its value is set outside of this stack: `aws secretsmanager put-secret-value`, or the"
            " function that rotates it. Until then services get the text `not set`. false: the value is one of"
            " groundwork:secrets.",
            examples=[True],
        ),
    ]
    replicas: Annotated[
        tuple[Region, ...],
        Field(
            strict=False,
            description="Further regions that have the secret, each with the latest value, for 0.40 USD a month.",
            examples=[[]],
        ),
    ] = ()
    rotation: Annotated[
        RotationSettings | None, Field(description="How it is rotated; null for by hand.", examples=[None])
    ] = None

    @rule
    def _what_rotates_is_not_written_here(self) -> Findings:
        if self.rotation is not None and not self.later:
            yield Mistake(
                key=("later",),
                problem="would put the value of the configuration in the place of each new one",
                given="false (rotation: given)",
                allowed="true with rotation",
                change="set it to true, or take rotation out",
            )

    @rule
    def _each_region_has_it_once(self) -> Findings:
        for place, region in enumerate(self.replicas):
            if region in self.replicas[:place]:
                yield Mistake(
                    key=("replicas", place),
                    problem="is listed twice",
                    given=region,
                    allowed="each region once",
                    change="take one of the two out",
                )
