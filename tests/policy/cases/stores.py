"""Cases of the controls in `guardrails.controls.stores`."""

from __future__ import annotations

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Case, Make, breaks, build, changed, holds, lost, one, ref, waits

CACHE, TABLE, REPLICA = kinds.CACHE_REPLICATION_GROUP, kinds.TABLE, kinds.TABLE_REPLICA
USER, GROUP, JOIN = kinds.CACHE_USER, kinds.CACHE_USER_GROUP, kinds.CACHE_USER_GROUP_ASSOCIATION
TLS, REST, AUTH = "elasticache-transit-encryption", "elasticache-at-rest", "elasticache-auth"
HA, PITR, KEPT = "elasticache-ha-and-backup", "dynamodb-pitr", "dynamodb-deletion-protection"
GLOBAL = {"globalReplicationGroupId": "world"}


def users(*inputs: dict[str, Any], more: list[str] | None = None) -> Make:
    """A cache whose user group has these users, and some that are named only."""
    made: dict[str, Any] = {
        f"user{number}": (USER, {"userId": f"u{number}"} | each) for number, each in enumerate(inputs)
    }
    named = [ref(f"{name}.userId") for name in made] + (more or [])
    return build(
        **made,
        group=(GROUP, {"userGroupId": "users", "userIds": named}),
        it=(CACHE, {"userGroupIds": [ref("group.userGroupId")]}),
    )


SAFE = {"accessString": "on ~app:* +@read", "authenticationMode": {"type": "iam"}}
NOBODY = {"userName": "default", "accessString": "off -@all", "noPasswordRequired": True}
OPEN = {"accessString": "on ~* +@all", "noPasswordRequired": True}
CACHES = (
    holds(TLS, "TLS", one(CACHE, transitEncryptionEnabled=True)),
    holds(TLS, "TLS, required", one(CACHE, transitEncryptionEnabled=True, transitEncryptionMode="required")),
    breaks(TLS, "nobody says", one(CACHE)),
    breaks(TLS, "no", one(CACHE, transitEncryptionEnabled=False)),
    breaks(TLS, "only preferred", one(CACHE, transitEncryptionEnabled=True, transitEncryptionMode="preferred")),
    breaks(TLS, "a secondary that says no", one(CACHE, **GLOBAL, transitEncryptionEnabled=False)),
    waits(TLS, "a secondary of a global group", one(CACHE, **GLOBAL)),
    holds(REST, "encrypted", one(CACHE, atRestEncryptionEnabled=True)),
    holds(REST, "as a text", one(CACHE, atRestEncryptionEnabled="true")),
    holds(REST, "Valkey does by itself", one(CACHE, engine="valkey")),
    breaks(REST, "nobody says", one(CACHE)),
    breaks(REST, "Redis does not by itself", one(CACHE, engine="redis")),
    breaks(REST, "Valkey that says no", one(CACHE, engine="valkey", atRestEncryptionEnabled=False)),
    waits(REST, "a secondary of a global group", one(CACHE, **GLOBAL)),
    holds(AUTH, "a token", one(CACHE, authToken="hunter2hunter2hunter2")),
    holds(AUTH, "a token that is written only", one(CACHE, authTokenWo="hunter2", authTokenWoVersion=1)),
    holds(AUTH, "a generated token", build(
        token=("random:index/randomPassword:RandomPassword", {}), it=(CACHE, {"authToken": ref("token.result")}),
    )),
    holds(AUTH, "users with IAM, and the default one shut out", users(SAFE, NOBODY)),
    holds(AUTH, "a user with passwords", users({"accessString": "on ~* +@all", "passwords": ["hunter2hunter2hunter2"]})),
    holds(AUTH, "associated users", build(
        user=(USER, {"userId": "u"} | SAFE), group=(GROUP, {"userGroupId": "users"}), joined=(JOIN, {"userGroupId": ref("group.userGroupId"), "userId": ref("user.userId")}),
        it=(CACHE, {"userGroupIds": [ref("group.userGroupId")]}),
    )),
    breaks(AUTH, "an open user behind one who is not known yet",
           users({"accessString": lost("on ~* +@all"), "noPasswordRequired": True}, OPEN)),
    waits(AUTH, "safe users, and a group of another stack",
          changed(users(SAFE, NOBODY), "it", userGroupIds=[ref("group.userGroupId"), "legacy"])),
    breaks(AUTH, "nothing", one(CACHE)),
    breaks(AUTH, "empty lists", one(CACHE, authToken="", userGroupIds=[])),
    breaks(AUTH, "a user without a password", users(SAFE, OPEN), "it"),
    breaks(AUTH, "a mode without a password", users({"accessString": "on ~* +@all", "authenticationMode": {"type": "no-password-required"}})),
    breaks(AUTH, "AWS's own default user", users(SAFE, more=["default"])),
    breaks(AUTH, "an associated user without a password", build(
        user=(USER, {"userId": "u"} | OPEN), group=(GROUP, {"userGroupId": "users"}), joined=(JOIN, {"userGroupId": ref("group.userGroupId"), "userId": ref("user.userId")}),
        it=(CACHE, {"userGroupIds": [ref("group.userGroupId")]}),
    )),
    waits(AUTH, "a group of another stack", one(CACHE, userGroupIds=["users"])),
    waits(AUTH, "a user of another stack", users(SAFE, more=["reader"])),
    waits(AUTH, "a secondary of a global group", one(CACHE, **GLOBAL)),
    holds(AUTH, "a token of another stack", one(CACHE, authToken=lost("hunter2hunter2hunter2")), at_preview=("it",)),
    holds(HA, "any stack", one(CACHE)),
    holds(HA, "all of it", one(
        CACHE, automaticFailoverEnabled=True, multiAzEnabled=True, snapshotRetentionLimit=1), protected=True),
    breaks(HA, "nobody says", one(CACHE), protected=True),
    breaks(HA, "no snapshot", one(CACHE, automaticFailoverEnabled=True, multiAzEnabled=True), protected=True),
    breaks(HA, "no other zone", one(CACHE, automaticFailoverEnabled=True, snapshotRetentionLimit=7), protected=True),
    breaks(HA, "no failover", one(CACHE, multiAzEnabled=True, snapshotRetentionLimit=7), protected=True),
)  # fmt: skip
ON = {"pointInTimeRecovery": {"enabled": True}}
TABLES = (
    holds(PITR, "a table", one(TABLE, **ON)),
    holds(PITR, "an older list of one", one(TABLE, pointInTimeRecovery=[{"enabled": True}])),
    holds(
        PITR, "a table with a replica", one(TABLE, **ON, replicas=[{"regionName": "b", "pointInTimeRecovery": True}])
    ),
    holds(PITR, "a replica of its own", one(REPLICA, pointInTimeRecovery=True)),
    breaks(PITR, "nobody says", one(TABLE)),
    breaks(PITR, "switched off", one(TABLE, pointInTimeRecovery={"enabled": False})),
    breaks(PITR, "a replica that says nothing", one(TABLE, **ON, replicas=[{"regionName": "b"}])),
    breaks(PITR, "a replica of its own that says nothing", one(REPLICA)),
    holds(KEPT, "any stack", one(TABLE)),
    holds(KEPT, "a protected stack", one(TABLE, deletionProtectionEnabled=True), protected=True),
    breaks(KEPT, "nobody says", one(TABLE), protected=True),
    breaks(KEPT, "switched off", one(TABLE, deletionProtectionEnabled=False), protected=True),
)
MEMORY, ACL, DAX = kinds.MEMORYDB_CLUSTER, kinds.MEMORYDB_ACL, kinds.DAX_CLUSTER
AT_REST = {"serverSideEncryption": {"enabled": True}}
OTHER_CACHES = (
    holds(TLS, "MemoryDB does by itself", one(MEMORY)),
    breaks(TLS, "MemoryDB that says no", one(MEMORY, tlsEnabled=False)),
    holds(AUTH, "MemoryDB with users", build(
        acl=(ACL, {"name": "shop", "userNames": ["shop"]}), it=(MEMORY, {"aclName": ref("acl.name")}))),
    holds(AUTH, "MemoryDB with users, by name", build(
        acl=(ACL, {"name": "shop", "userNames": ["shop"]}), it=(MEMORY, {"aclName": "shop"}))),
    breaks(AUTH, "MemoryDB open to whoever reaches it", one(MEMORY, aclName="open-access")),
    breaks(AUTH, "MemoryDB with AWS's own default user", build(
        acl=(ACL, {"name": "shop", "userNames": ["shop", "default"]}), it=(MEMORY, {"aclName": ref("acl.name")}))),
    holds(AUTH, "MemoryDB with a user of another stack", build(
        acl=(ACL, {"name": "shop", "userNames": [lost("shop")]}), it=(MEMORY, {"aclName": ref("acl.name")})),
        at_preview=("it",)),
    waits(AUTH, "MemoryDB with users of another stack", one(MEMORY, aclName="shop")),
    holds("dax-encrypted", "both", one(DAX, **AT_REST, clusterEndpointEncryptionType="TLS")),
    breaks("dax-encrypted", "nobody says", one(DAX)),
    breaks("dax-encrypted", "at rest only", one(DAX, **AT_REST, clusterEndpointEncryptionType="NONE")),
    breaks("dax-encrypted", "on the way only", one(DAX, clusterEndpointEncryptionType="TLS")),
)  # fmt: skip
CASES: tuple[Case, ...] = (*CACHES, *OTHER_CACHES, *TABLES)
