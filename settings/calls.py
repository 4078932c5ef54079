"""The settings of calls from one service to another, by name (ECS Service Connect)."""

from typing import Annotated

from pydantic import Field

from settings.section import Findings, Mistake, Section, rule

CALL = "call"
"""The level under `uses` that names a service instead of a store."""
FIELD = "URL"
"""The variable in which the caller finds it: `user-api` gives `USER_API_URL`."""
TIMEOUT_MOST = 86400


class CalledSettings(Section):
    """How other services call this one. What is left out is as AWS has it."""

    timeout_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=TIMEOUT_MOST,
            description="Seconds that a whole answer may take, 0 for as long as it likes; 15 if left out.",
            examples=[15],
        ),
    ] = 15
    idle_seconds: Annotated[
        int,
        Field(
            ge=0,
            le=TIMEOUT_MOST,
            description="Seconds after which a connection is closed on which nothing moves, 0 for never; 300 if left"
            " out.",
            examples=[300],
        ),
    ] = 300

    @rule
    def _idleness_outlasts_an_answer(self) -> Findings:
        if 0 < self.idle_seconds < self.timeout_seconds:
            yield Mistake(
                key=("idleSeconds",),
                problem="closes the connection before an answer may be late",
                given=f"{self.idle_seconds} (timeoutSeconds: {self.timeout_seconds})",
                allowed=f"{self.timeout_seconds} or more, or 0 for never",
                change="raise idleSeconds, or lower timeoutSeconds",
            )
