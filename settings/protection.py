"""Whose account a stack is in, and how carefully it is treated."""

from typing import Annotated

from pydantic import Field

from settings.section import Section


class ProtectionSettings(Section):
    """Whose account the stack belongs to, and whether it is protected against loss."""

    account_id: Annotated[
        str,
        Field(
            pattern=r"^\d{12}$",
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
