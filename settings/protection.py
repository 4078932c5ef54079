"""Whose account a stack is in, and how carefully it is treated."""

from typing import Annotated

from pydantic import Field

from settings.section import Section


class ProtectionSettings(Section):
    """Whose account the stack belongs to, and whether it is protected against loss."""

    account_id: Annotated[
        str,
        Field(
            pattern=r"^[0-9]{12}$",
            description="The AWS account that the stack lives in; the provider refuses any other. Always in quotes.",
            examples=["111122223333"],
            json_schema_extra={"patternErrorMessage": "the 12 digits of the AWS account, in quotes"},
        ),
    ]
    protected: Annotated[
        bool,
        Field(
            description="true for production: data is protected against deletion, and settings that would make the"
            " stack"
            " fragile (one database instance, an image without a fixed version, plain HTTP) are refused.",
            examples=[True],
        ),
    ]
    permissions_boundary: Annotated[
        Annotated[
            str,
            Field(
                pattern=r"^arn:[a-z-]+:iam::([0-9]{12}|aws):policy/[A-Za-z0-9_+=,.@/-]+$",
                max_length=640,  # 512 of a path, 64 of a name and what stands before them (IAM API)
                json_schema_extra={"patternErrorMessage": "the ARN of an IAM policy"},
            ),
        ]
        | None,
        Field(
            description="ARN of the IAM policy that bounds every role of the stack, where the account asks for one:"
            " no role can do more than it allows. None if left out.",
            examples=["arn:aws:iam::111122223333:policy/boundary"],
        ),
    ] = None
