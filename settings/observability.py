"""The settings of alarms and logs."""

from typing import Annotated

from pydantic import Field

from settings.section import RetentionDays, Section


class ObservabilitySettings(Section):
    """Who hears of alarms, and how long logs are kept."""

    email: Annotated[
        str,
        Field(
            pattern=r"^[^@\s\"<>,;]+@[A-Za-z0-9-]+(\.[A-Za-z0-9-]+)+$",
            max_length=254,
            description="Address that alarms are sent to. AWS sends a confirmation there first.",
            examples=["platform-alerts@example.com"],
            json_schema_extra={"patternErrorMessage": "one e-mail address, for example platform-alerts@example.com"},
        ),
    ]
    log_retention_days: Annotated[
        RetentionDays,
        Field(
            description="Days that logs of services and databases are kept in CloudWatch Logs (billed by GB and month)."
        ),
    ]
