"""The settings of application secrets: which variable comes from where. No value is ever part of the settings."""

from typing import Annotated

from pydantic import Field

from settings.errors import Findings
from settings.section import Mistake, Section, rule

# Name of a value under groundwork:secrets; names of resources hold it with a role and a suffix.
SecretName = Annotated[
    str,
    Field(
        pattern=r"^[a-z][a-z0-9]*(-[a-z0-9]+)*$",
        max_length=40,
        json_schema_extra={
            "patternErrorMessage": "the name of a value, not the value: lower-case letters, digits and single hyphens,"
            " a letter first, at most 40 characters"
        },
    ),
]


class SecretSettings(Section):
    """Where the value of one secret variable comes from: this stack's configuration, or Secrets Manager."""

    config: Annotated[
        SecretName | None,
        Field(
            description="Name of a value that `pulumi config set --secret --path 'groundwork:secrets.NAME'` has set."
            " Either config or arn.",
            examples=["payment-key"],
        ),
    ] = None
    arn: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^arn:[a-z-]+:secretsmanager:[a-z0-9-]+:[0-9]{12}:secret:[A-Za-z0-9/_+=.@!-]+-[A-Za-z0-9]{6}$",
                max_length=700,
                json_schema_extra={
                    "patternErrorMessage": "the whole ARN of a secret in Secrets Manager, with the six characters at"
                    " its end"
                },
            ),
        ]
        | None,
        Field(
            description="ARN of a secret that exists in Secrets Manager. Either config or arn.",
            examples=["arn:aws:secretsmanager:us-east-1:111122223333:secret:payment-AbCdEf"],
        ),
    ] = None
    field: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^[A-Za-z0-9_.-]+$",
                max_length=128,
                json_schema_extra={"patternErrorMessage": "a key of the secret's JSON, in plain characters"},
            ),
        ]
        | None,
        Field(description="Key of the secret's JSON; without it the variable is the whole text.", examples=["dsn"]),
    ] = None
    key_arn: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^arn:[a-z-]+:kms:[a-z0-9-]+:[0-9]{12}:key/[a-z0-9-]+$",
                max_length=200,
                json_schema_extra={"patternErrorMessage": "the ARN of a KMS key (not of an alias)"},
            ),
        ]
        | None,
        Field(
            description="ARN of the KMS key of the secret behind arn, where it is not the one that AWS keeps for"
            " Secrets Manager.",
            examples=["arn:aws:kms:us-east-1:111122223333:key/1234abcd-12ab-34cd-56ef-1234567890ab"],
        ),
    ] = None

    @rule
    def _it_comes_from_one_place(self) -> Findings:
        if (self.config is None) == (self.arn is None):
            both = self.config is not None
            yield Mistake(
                key=("config",),
                problem="config and arn are both given" if both else "neither config nor arn is given",
                given="both" if both else "neither",
                allowed="exactly one of config and arn",
                change="take one of the two out"
                if both
                else "name a value of groundwork:secrets in config, or a secret of Secrets Manager in arn",
            )

    @rule
    def _a_key_goes_with_an_arn(self) -> Findings:
        if self.key_arn is not None and self.arn is None:
            yield Mistake(
                key=("keyArn",),
                problem="has no effect: a value of this stack's configuration is encrypted with this stack's key",
                given="an ARN (arn: null)",
                allowed="null without arn",
                change="take it out, or name the secret in arn",
            )
