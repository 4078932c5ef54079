"""Cases of the controls in `guardrails.controls.builds`."""

from __future__ import annotations

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, holds, lost, one

PLAIN, PROJECT = "build-no-plaintext-secrets", kinds.BUILD_PROJECT


def project(*variables: dict[str, object]) -> Make:
    return one(PROJECT, environment={"type": "LINUX_CONTAINER", "environmentVariables": list(variables)})


CASES: tuple[Case, ...] = (
    holds(PLAIN, "no variable", one(PROJECT, environment={"type": "LINUX_CONTAINER"})),
    holds(PLAIN, "no secret", project({"name": "STAGE", "value": "dev"})),
    holds(PLAIN, "the name of a secret", project(
        {"name": "DB_PASSWORD", "value": "prod/shop/db", "type": "SECRETS_MANAGER"},
        {"name": "API_TOKEN", "value": "/shop/token", "type": "PARAMETER_STORE"})),
    breaks(PLAIN, "a password", project({"name": "STAGE", "value": "dev"}, {"name": "DB_PASSWORD", "value": "hunter22pass"})),
    breaks(PLAIN, "a password, said to be plain", project(
        {"name": "DB_PASSWORD", "value": "hunter22pass", "type": "PLAINTEXT"})),
    breaks(PLAIN, "a password in an address", project({"name": "SOURCE", "value": "postgres://a:hunter22pass@db/shop"})),
    breaks(PLAIN, "a password behind what is not known yet", project(
        {"name": "STAGE", "value": lost("dev")}, {"name": "DB_PASSWORD", "value": "hunter22pass"})),
)  # fmt: skip
