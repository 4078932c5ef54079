"""Who may sign in to a cache, and with what: users of levels, and never one without a password or a token."""

from collections.abc import Mapping
from dataclasses import dataclass

import pulumi
import pulumi_aws as aws

from components.data.store import StoreArgs
from components.security.write_only import RECOVERY_DAYS
from settings.caches import CacheSettings

# What a user may do, in the words of ACL. Commands that look at all keys or throw them away (`@dangerous`) are left to
# `admin`; clients ask for INFO, and in cluster mode for where the shards are.
_TOPOLOGY = "+info +cluster|slots +cluster|shards +cluster|nodes +cluster|info"
ACCESS: Mapping[str, str] = {
    "read": f"on ~* &* -@all +@read +@connection -@dangerous {_TOPOLOGY}",
    "write": f"on ~* &* +@all -@admin -@dangerous {_TOPOLOGY}",
    "admin": "on ~* &* +@all",
}
_NOBODY = "off ~* -@all"


@dataclass(frozen=True, kw_only=True)
class CacheUser:
    """One user of a cache, and where its password is kept; None where it signs in with a token."""

    id: pulumi.Output[str]
    arn: pulumi.Output[str]
    secret_arn: pulumi.Output[str] | None


@dataclass(frozen=True, kw_only=True)
class CacheUsers:
    """The group that a cache lets in, and its users by level."""

    group_id: pulumi.Output[str]
    by_level: Mapping[str, CacheUser]


def make(
    name: str, identifier: pulumi.Output[str], args: StoreArgs[CacheSettings], opts: pulumi.ResourceOptions
) -> CacheUsers:
    """The users of a cache and their group, named after `identifier`, which is unique.

    Redis OSS lets everybody in as `default` unless the group has one of its own: that one is switched off, and has a
    password all the same.
    """
    engine = args.settings.engine
    made: dict[str, aws.elasticache.User] = {}
    users: dict[str, CacheUser] = {}
    for level in _levels(args):
        password = _password(args, level)
        id_ = pulumi.Output.concat(identifier, f"-{level}")
        made[level] = user = _user(f"{name}-user-{level}", id_, id_, engine, ACCESS[level], password, opts)
        secret = _secret(f"{name}-user-{level}", id_, password, args, opts) if password is not None else None
        users[level] = CacheUser(id=user.user_id, arn=user.arn, secret_arn=secret)
    if engine == "redis":
        password = _password(args, "write")
        id_ = pulumi.Output.concat(identifier, "-off")
        made["default"] = _user(f"{name}-user-default", id_, "default", engine, _NOBODY, password, opts)
    group = aws.elasticache.UserGroup(
        f"{name}-users",
        engine=engine,
        user_group_id=pulumi.Output.concat(identifier, "-users"),
        user_ids=[user.user_id for user in made.values()],
        opts=opts,
    )
    return CacheUsers(group_id=group.user_group_id, by_level=users)


def _levels(args: StoreArgs[CacheSettings]) -> list[str]:
    """With passwords only the levels that have one."""
    passwords = args.settings.passwords
    if passwords is not None:
        return ["write", *(["read"] if passwords.read else [])]
    return ["read", "write", *([] if args.protected else ["admin"])]


def _password(args: StoreArgs[CacheSettings], level: str) -> pulumi.Input[str] | None:
    passwords = args.settings.passwords
    if passwords is None:
        return None
    name = passwords.read if level == "read" and passwords.read else passwords.write
    return args.secret_values[name]


def _user(
    name: str,
    id_: pulumi.Output[str],
    user_name: pulumi.Input[str],
    engine: str,
    access: str,
    password: pulumi.Input[str] | None,
    opts: pulumi.ResourceOptions,
) -> aws.elasticache.User:
    mode = aws.elasticache.UserAuthenticationModeArgs
    return aws.elasticache.User(
        name,
        user_id=id_,
        user_name=user_name,  # with IAM it has to be the id
        engine=engine,
        access_string=access,
        authentication_mode=mode(type="iam") if password is None else mode(type="password", passwords=[password]),
        opts=opts,
    )


def _secret(
    name: str,
    user: pulumi.Output[str],
    password: pulumi.Input[str],
    args: StoreArgs[CacheSettings],
    opts: pulumi.ResourceOptions,
) -> pulumi.Output[str]:
    secret = aws.secretsmanager.Secret(
        name,
        description=f"User of the cache {args.store}",
        kms_key_id=args.key_arn,
        recovery_window_in_days=RECOVERY_DAYS if args.protected else 0,
        opts=pulumi.ResourceOptions.merge(opts, pulumi.ResourceOptions(protect=args.protected)),
    )
    values = {"username": user, "password": pulumi.Output.secret(password)}
    content = pulumi.Output.json_dumps(values, sort_keys=True)
    version = aws.secretsmanager.SecretVersion(name, secret_id=secret.id, secret_string=content, opts=opts)
    # With the version: before that there is nothing to read, and a task that starts then fails.
    return pulumi.Output.all(secret.arn, version.id).apply(lambda values: str(values[0]))
