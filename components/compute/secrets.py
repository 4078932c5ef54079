"""Application secrets: values of the stack's configuration in Secrets Manager, and who may read which."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.contracts import Access, Statement
from settings.location import Location
from settings.secrets import SecretSettings

# What `access` is filed under beside the stores that a service uses: in capitals, because no store has such a name.
STORE = "Secrets"
# The longest that Secrets Manager offers: the time in which a wrong deletion can be taken back.
RECOVERY_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class SecretsArgs:
    """The values by name, as Pulumi secrets, and the key that encrypts them."""

    values: Mapping[str, pulumi.Input[str]]
    key_arn: pulumi.Input[str]
    location: Location
    protected: bool


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """A value in Secrets Manager. `version` changes with the value."""

    arn: pulumi.Output[str]
    version: pulumi.Output[str]


class Secrets(pulumi.ComponentResource):
    """One secret in Secrets Manager for each value, encrypted with our key. The value is write-only: nothing reads it
    back, and in the state it stands only encrypted, as an input.

    References name the version: a new value is a new release of the services that use it, and going back to the release
    before goes back to the value before, which stays readable as the previous version.
    """

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Secrets", name, None, opts)
        self._args = args
        self._kept = {secret: self._keep(f"{name}-{secret}", value) for secret, value in args.values.items()}
        self.register_outputs({})

    def _keep(self, name: str, value: pulumi.Input[str]) -> _Kept:
        child = pulumi.ResourceOptions(parent=self)
        protected = self._args.protected
        secret = aws.secretsmanager.Secret(
            name,
            description="Value of the stack's configuration",
            kms_key_id=self._args.key_arn,
            recovery_window_in_days=RECOVERY_DAYS if protected else 0,
            opts=pulumi.ResourceOptions(parent=self, protect=protected),
        )
        hidden = pulumi.Output.secret(value)
        version = aws.secretsmanager.SecretVersion(
            name,
            secret_id=secret.id,
            secret_string_wo=hidden,
            # What is write-only is not compared: this number is, and a new one replaces the version.
            secret_string_wo_version=hidden.apply(revision),
            opts=child,
        )
        return _Kept(arn=secret.arn, version=version.version_id)

    def access(self, wanted: Mapping[str, SecretSettings]) -> Access:
        """What a service needs whose secret variables come from these places; raises KeyError for a value that there is
        none of."""
        ours = {settings.config: self._kept[settings.config] for settings in wanted.values() if settings.config}
        theirs = {settings.arn: settings.key_arn for settings in wanted.values() if settings.arn}
        return Access(
            execution_statements=[
                Statement(
                    sid="Read",
                    actions=["secretsmanager:GetSecretValue"],
                    resources=[*(kept.arn for _, kept in sorted(ours.items())), *sorted(theirs)],
                ),
                *self._decrypting([kept.arn for _, kept in sorted(ours.items())], theirs),
            ],
            secrets={variable: self._reference(settings) for variable, settings in sorted(wanted.items())},
        )

    def _reference(self, settings: SecretSettings) -> pulumi.Input[str]:
        """As ECS takes it: the ARN, then key of the JSON, stage and version, each of which may be empty."""
        field = settings.field or ""
        if settings.config is not None:
            kept = self._kept[settings.config]
            return pulumi.Output.concat(kept.arn, f":{field}::", kept.version)
        assert settings.arn is not None, "settings have seen to it that there is one of the two"
        return f"{settings.arn}:{field}::" if field else settings.arn

    def _decrypting(self, ours: Sequence[pulumi.Input[str]], theirs: Mapping[str, str | None]) -> list[Statement]:
        """Only through Secrets Manager, and only the values of these very secrets."""
        statements = [self._decrypt("Ours", self._args.key_arn, ours)] if ours else []
        keys = sorted({key for key in theirs.values() if key is not None})
        for number, key in enumerate(keys, start=1):
            arns = sorted(arn for arn, used in theirs.items() if used == key)
            statements.append(self._decrypt(f"Theirs{number}", key, arns))
        return statements

    def _decrypt(self, sid: str, key_arn: pulumi.Input[str], secrets: Sequence[pulumi.Input[str]]) -> Statement:
        location = self._args.location
        return Statement(
            sid=f"Decrypt{sid}",
            actions=["kms:Decrypt"],
            resources=[key_arn],
            conditions={
                "StringEquals": {
                    "kms:ViaService": f"secretsmanager.{location.region}.{location.dns_suffix}",
                    "kms:EncryptionContext:SecretARN": secrets,
                }
            },
        )


def revision(value: str) -> int:
    """A number from 1 to 2^31 - 1 that changes with the value (two values share one in two thousand million cases).

    Of a short value it would give away what it is, so it is as secret as the value: keep it in an `Output` of it.
    """
    digest = hashlib.sha256(value.encode()).digest()
    return int.from_bytes(digest[:8]) % (2**31 - 1) + 1
