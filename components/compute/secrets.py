"""Application secrets: values of the stack's configuration in Secrets Manager, and who may read which."""

import json
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field

import pulumi
import pulumi_aws as aws

from components.contracts import Access, Statement
from components.security.write_only import RECOVERY_DAYS, revision
from settings.kept_secrets import KeptSecretSettings
from settings.location import Location
from settings.secrets import SecretSettings

# What `access` is filed under beside the stores that a service uses: in capitals, because no store has such a name.
STORE = "Secrets"
# What stands in the place of a value until somebody has set one, so that tasks can start.
UNSET = "not set"
# The stage of that version. Secrets Manager makes the first version of a secret the current one whatever its stages;
# a second one only if it says so. So this version never comes back in the place of a real value.
UNSET_STAGE = "groundwork-unset"
_ROTATING = (
    "secretsmanager:DescribeSecret",
    "secretsmanager:GetSecretValue",
    "secretsmanager:PutSecretValue",
    "secretsmanager:UpdateSecretVersionStage",
)


@dataclass(frozen=True, kw_only=True)
class SecretsArgs:
    """The values by name, as Pulumi secrets, and the key that encrypts them. `kept` says what is special of some;
    `fields` are the keys of its JSON that services want, of a secret whose value is set later."""

    values: Mapping[str, pulumi.Input[str]]
    kept: Mapping[str, KeptSecretSettings] = field(default_factory=dict)
    fields: Mapping[str, Collection[str]] = field(default_factory=dict)
    key_arn: pulumi.Input[str]
    location: Location
    protected: bool


@dataclass(frozen=True, kw_only=True)
class _Kept:
    """A value in Secrets Manager. `version` changes with the value; None where the current one is meant, whichever."""

    arn: pulumi.Output[str]
    version: pulumi.Output[str] | None


class Secrets(pulumi.ComponentResource):
    """One secret in Secrets Manager for each value, encrypted with our key. The value is write-only: nothing reads it
    back, and in the state it stands only encrypted, as an input.

    References name the version: a new value is a new release of the services that use it, and going back to the release
    before goes back to the value before, which stays readable as the previous version. Of a value that is set later,
    outside of this stack, they name none: tasks get the one that is current when they start.
    """

    def __init__(self, name: str, args: SecretsArgs, opts: pulumi.ResourceOptions | None = None) -> None:
        super().__init__("groundwork:compute:Secrets", name, None, opts)
        self._args = args
        later = {secret: None for secret, settings in args.kept.items() if settings.later}
        values: dict[str, pulumi.Input[str] | None] = {**args.values, **later}
        self._kept = {secret: self._keep(name, secret, value) for secret, value in values.items()}
        self.register_outputs({})

    def _keep(self, name: str, secret_name: str, value: pulumi.Input[str] | None) -> _Kept:
        full = f"{name}-{secret_name}"
        protected, kept = self._args.protected, self._args.kept.get(secret_name)
        secret = aws.secretsmanager.Secret(
            full,
            description="Value of the stack's configuration" if value is not None else "Value that is set later",
            kms_key_id=self._args.key_arn,
            replicas=[aws.secretsmanager.SecretReplicaArgs(region=region) for region in kept.replicas] or None
            if kept
            else None,
            recovery_window_in_days=RECOVERY_DAYS if protected else 0,
            opts=pulumi.ResourceOptions(parent=self, protect=protected),
        )
        if value is None:
            return self._unset(full, secret_name, secret)
        hidden = pulumi.Output.secret(value)
        version = aws.secretsmanager.SecretVersion(
            full,
            secret_id=secret.id,
            secret_string_wo=hidden,
            # What is write-only is not compared: this number is, and a new one replaces the version.
            secret_string_wo_version=hidden.apply(revision),
            opts=pulumi.ResourceOptions(parent=self),
        )
        return _Kept(arn=secret.arn, version=version.version_id)

    def _unset(self, full: str, secret_name: str, secret: aws.secretsmanager.Secret) -> _Kept:
        """A first version that is no value, and that this program never touches again. Tasks cannot start without the
        keys that they want of it."""
        fields = sorted(self._args.fields.get(secret_name, ()))
        version = aws.secretsmanager.SecretVersion(
            full,
            secret_id=secret.id,
            secret_string_wo=json.dumps(dict.fromkeys(fields, UNSET), sort_keys=True) if fields else UNSET,
            secret_string_wo_version=1,
            version_stages=[UNSET_STAGE],
            opts=pulumi.ResourceOptions(parent=self, ignore_changes=["secret_string_wo", "version_stages"]),
        )
        # Known only when there is a version.
        there = pulumi.Output.all(secret.arn, version.version_id).apply(lambda values: str(values[0]))
        return _Kept(arn=there, version=None)

    def arn(self, name: str) -> pulumi.Output[str]:
        """Of one secret; raises KeyError when there is none of this name."""
        return self._kept[name].arn

    def rotating(self, names: Sequence[str]) -> Access:
        """What a function needs that makes new values of these: read and write them, and say which is current."""
        arns = [self._kept[name].arn for name in names]
        return Access(
            statements=[
                Statement(sid="Secrets", actions=_ROTATING, resources=arns),
                self._use_key("UseKey", ["kms:Decrypt", "kms:GenerateDataKey"], self._args.key_arn, arns),
            ]
        )

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
            if kept.version is None:
                return pulumi.Output.concat(kept.arn, f":{field}::") if field else kept.arn
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
        return self._use_key(f"Decrypt{sid}", ["kms:Decrypt"], key_arn, secrets)

    def _use_key(
        self, sid: str, actions: Sequence[str], key_arn: pulumi.Input[str], secrets: Sequence[pulumi.Input[str]]
    ) -> Statement:
        location = self._args.location
        return Statement(
            sid=sid,
            actions=actions,
            resources=[key_arn],
            conditions={
                "StringEquals": {
                    "kms:ViaService": f"secretsmanager.{location.region}.{location.dns_suffix}",
                    "kms:EncryptionContext:SecretARN": secrets,
                }
            },
        )
