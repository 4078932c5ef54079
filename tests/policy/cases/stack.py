"""Cases of the controls on the stack as a whole."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import breaks, build, document, holds, lost, one, ref, retyped, waits
from tests.policy.graphs import UNKNOWN
from tests.policy.houses import bucket

ENTRY: dict[str, Any] = {
    "control": "rds-not-publicly-accessible",
    "resource": "urn:pulumi:test::program::*::legacy",
    "owner": "data@example.com",
    "reason": "moves behind the VPN in spring",
    "expires": "2026-03-31",
    "ticket": "OPS-1",
}
NEEDED = build(legacy=(kinds.DB_INSTANCE, {"publiclyAccessible": True, "storageEncrypted": True}))
NOT_NEEDED = build(legacy=(kinds.DB_INSTANCE, {"publiclyAccessible": False, "storageEncrypted": True}))
OPEN = one(kinds.DB_INSTANCE, snapshotIdentifier="old")


def but(**changes: Any) -> list[dict[str, Any]]:
    """The entry with other parts; None takes one away."""
    return [{key: value for key, value in {**ENTRY, **changes}.items() if value is not None}]


PLAIN, KEEP, HIDE, PINNED, TAGS = (
    "no-plaintext-secret-anywhere",
    "prod-protect-stateful",
    "no-security-ignore-changes",
    "region-and-account-pinned",
    "required-tags",
)
KEY_ID = "AKIA" + "Q3EGV4XK7LTNA2WB"
OWNED: dict[str, Any] = {"requiredTags": {"owner": ".+", "stage": "prod|dev"}}
GOOD = {"owner": "shop", "stage": "prod"}
EUROPE: dict[str, Any] = {"regions": ["eu-west-1", "eu-central-1"]}
OURS: dict[str, Any] = {"accounts": ["111122223333", "444455556666"]}
DOMAIN = "aws:opensearch/domain:Domain"


def under(provider: dict[str, Any] | None, kind: str = kinds.VPC, **inputs: Any) -> Any:
    """A resource with a provider of its own."""
    return build(it=(kind, inputs, {"provider": provider} if provider is not None else {}))


def kept(kind: str, protect: bool = True, **inputs: Any) -> Any:
    """A resource with `opts.protect`."""
    return build(it=(kind, inputs, {"protect": protect}))


def hiding(kind: str, *ignored: str, **inputs: Any) -> Any:
    """A resource that ignores changes."""
    return build(it=(kind, inputs, {"ignores": list(ignored)}))


def moving(protocol: str) -> Any:
    """A rule whose actions somebody else changes, on a listener of this protocol."""
    return build(
        lb=(kinds.LOAD_BALANCER, {}),
        listener=(kinds.LISTENER, {"protocol": protocol, "loadBalancerArn": ref("lb.arn")}),
        it=(kinds.LISTENER_RULE, {"listenerArn": ref("listener.arn")}, {"ignores": ["actions"]}),
    )


CASES = (
    holds("exemptions-valid", "nobody asks for one", NEEDED),
    holds("exemptions-valid", "an entry that a finding needs", NEEDED, exemptions=[ENTRY]),
    holds(
        "exemptions-valid",
        "an entry for another stack",
        NOT_NEEDED,
        exemptions=but(resource="urn:pulumi:x::y::*::legacy"),
    ),
    holds(
        "exemptions-valid",
        "an entry that is over, for a control that nobody asks",
        NEEDED,
        exemptions=but(control="ecs-container-insights", expires="2026-01-14"),
    ),
    breaks("exemptions-valid", "an entry that nothing needs", NOT_NEEDED, "stack", exemptions=[ENTRY]),
    breaks("exemptions-valid", "an entry that is over", NEEDED, "stack", exemptions=but(expires="2026-01-14")),
    breaks("exemptions-valid", "an entry that never ends", NEEDED, "stack", exemptions=but(expires="2027-01-01")),
    breaks("exemptions-valid", "an entry without an owner", NEEDED, "stack", exemptions=but(owner=None)),
    breaks(
        "exemptions-valid", "an entry for everything", NEEDED, "stack", exemptions=but(resource="urn:pulumi:*::*::*::*")
    ),
    breaks(
        "exemptions-valid", "an entry for a control that is not", NEEDED, "stack", exemptions=but(control="rds-public")
    ),
    breaks("exemptions-valid", "an entry that is a word", NEEDED, "stack", exemptions=["legacy"]),
    holds("no-undecided-at-update", "everything is decided", bucket),
    breaks("no-undecided-at-update", "an instance from somebody's snapshot", OPEN, "stack", only_at_update=True),
    holds(PLAIN, "a word", one(kinds.FUNCTION, environment={"variables": {"STAGE": "production-of-the-shop"}})),
    holds(
        PLAIN,
        "ids of the program",
        build(key=(kinds.KMS_KEY, {}), it=(kinds.QUEUE, {"kmsMasterKeyId": ref("key.arn")})),
    ),
    breaks(
        PLAIN,
        "an access key in an environment",
        one(kinds.FUNCTION, environment={"variables": {"AWS_ACCESS_KEY_ID": KEY_ID}}),
    ),
    breaks(
        PLAIN, "an access key in a list of blocks", one(DOMAIN, logPublishingOptions=[{"a": 1}, {"b": ["x", KEY_ID]}])
    ),
    breaks(
        PLAIN,
        "in JSON text",
        one(
            kinds.TASK_DEFINITION,
            containerDefinitions=document(
                [{"environment": [{"name": "URL", "value": "postgres://app:hunter2@db.example.com/shop"}]}]
            ),
        ),
    ),
    breaks(PLAIN, "in a tag", one(kinds.VPC, tags={"note": f"use {KEY_ID}"})),
    breaks(PLAIN, "a private key", one(kinds.CERTIFICATE, privateKey="-----BEGIN RSA PRIVATE KEY-----\nx\n-----END")),
    breaks(PLAIN, "of another stack", one(kinds.FUNCTION, description=KEY_ID, memorySize=lost(128))),
    holds(
        PLAIN,
        "a host that is known later",
        build(
            db=(kinds.DB_INSTANCE, {}), it=(kinds.FUNCTION, {"environment": {"variables": {"HOST": ref("db.address")}}})
        ),
    ),
    holds(PLAIN, "the key itself, which another control judges", one(kinds.IAM_ACCESS_KEY, user="x", id=KEY_ID)),
    holds(PLAIN, "what is kept encrypted", one(kinds.SSM_PARAMETER, type="SecureString", value=KEY_ID)),
    holds(KEEP, "protected twice", kept(kinds.DB_CLUSTER, deletionProtection=True), protected=True),
    holds(KEEP, "a stack of which nobody depends", one(kinds.DB_CLUSTER)),
    holds(KEEP, "a bucket", kept(kinds.BUCKET), protected=True),
    holds(KEEP, "a key, which AWS does not protect", kept(kinds.KMS_KEY), protected=True),
    holds(KEEP, "a secret within its window", one(kinds.SECRET), protected=True),
    holds(KEEP, "a copy of another database", one(kinds.DB_INSTANCE, replicateSourceDb="main"), protected=True),
    holds(KEEP, "people", kept(kinds.USER_POOL, deletionProtection="ACTIVE"), protected=True),
    breaks(
        KEEP, "Pulumi may delete it", kept(kinds.DB_CLUSTER, protect=False, deletionProtection=True), protected=True
    ),
    breaks(KEEP, "AWS may delete it", kept(kinds.DB_INSTANCE), protected=True),
    breaks(KEEP, "AWS may delete a table", kept(kinds.TABLE, deletionProtectionEnabled=False), protected=True),
    breaks(KEEP, "AWS may delete people", kept(kinds.USER_POOL), protected=True),
    breaks(KEEP, "a bucket that is emptied", kept(kinds.BUCKET, forceDestroy=True), protected=True),
    breaks(KEEP, "a bucket without protection", one(kinds.BUCKET), protected=True),
    breaks(KEEP, "a secret that is gone at once", one(kinds.SECRET, recoveryWindowInDays=0), protected=True),
    breaks(
        KEEP,
        "both may delete it",
        kept(kinds.DB_INSTANCE, protect=False),
        protected=True,
        told="opts.protect is not set; deletionProtection is not true",
    ),
    breaks(KEEP, "files", one(kinds.FILE_SYSTEM), protected=True),
    holds(HIDE, "nothing is ignored", one(kinds.SECURITY_GROUP)),
    holds(HIDE, "what scaling does", hiding(kinds.ECS_SERVICE, "desiredCount", "taskDefinition")),
    holds(HIDE, "another part of a block", hiding(kinds.ECS_SERVICE, "loadBalancers[0].targetGroupArn", "tags")),
    holds(HIDE, "which target an HTTPS listener has", hiding(kinds.LISTENER, "defaultActions", protocol="HTTPS")),
    holds(
        HIDE,
        "a flag on which only a control of medium severity decides",
        hiding(kinds.LOAD_BALANCER, "enableDeletionProtection"),
    ),
    breaks(HIDE, "what an HTTP listener does", hiding(kinds.LISTENER, "defaultActions", protocol="HTTP")),
    holds(HIDE, "which targets a rule of an HTTPS listener has", moving("HTTPS")),
    breaks(HIDE, "what a rule of an HTTP listener does", moving("HTTP")),
    breaks(HIDE, "the protocol of a listener", hiding(kinds.LISTENER, "protocol", protocol="HTTPS")),
    breaks(HIDE, "the rules of a group", hiding(kinds.SECURITY_GROUP, "ingress")),
    breaks(HIDE, "one rule of a group", hiding(kinds.SECURITY_GROUP, "ingress[0].cidrBlocks")),
    breaks(HIDE, "a policy", hiding(kinds.BUCKET_POLICY, "policy")),
    breaks(HIDE, "a flag, in Python's spelling", hiding(kinds.DB_INSTANCE, "publicly_accessible")),
    breaks(HIDE, "everything", hiding(kinds.IAM_ROLE, "*")),
    breaks(
        HIDE,
        "on a type of an old name",
        retyped(hiding(kinds.LISTENER, "sslPolicy", protocol="HTTPS"), "it", "aws:alb/listener:Listener"),
    ),
    breaks(HIDE, "a block in which a control reads", hiding(kinds.MSK_CLUSTER, "clientAuthentication")),
    breaks(HIDE, "all of the brokers", hiding(kinds.MSK_CLUSTER, "brokerNodeGroupInfo")),
    breaks(HIDE, "who gets at the brokers", hiding(kinds.MSK_CLUSTER, "brokerNodeGroupInfo.securityGroups")),
    holds(
        HIDE,
        "storage of brokers that grows",
        hiding(kinds.MSK_CLUSTER, "brokerNodeGroupInfo.storageInfo.ebsStorageInfo.volumeSize"),
    ),
    holds(PINNED, "nobody says where", under(None)),
    holds(PINNED, "the provider says where", under({"region": "eu-west-1"}), **EUROPE),
    holds(PINNED, "the resource says where", under({"region": "us-east-1"}, region="eu-central-1"), **EUROPE),
    waits(PINNED, "nobody says where, and it has to be somewhere", under(None), **EUROPE),
    waits(
        PINNED,
        "accounts that are not known",
        under({"region": "eu-west-1", "allowedAccountIds": UNKNOWN}),
        **EUROPE,
        **OURS,
    ),
    waits(PINNED, "a region that is not known", under({"region": UNKNOWN}), **EUROPE),
    breaks(PINNED, "elsewhere", under({"region": "us-east-1"}), told="is us-east-1, and regions allows eu-", **EUROPE),
    breaks(
        PINNED,
        "an account that is not ours, wherever",
        under({"allowedAccountIds": ["999988887777"]}),
        **EUROPE,
        **OURS,
    ),
    breaks(PINNED, "the resource is elsewhere", under({"region": "eu-west-1"}, region="us-east-1"), **EUROPE),
    holds(PINNED, "accounts that are ours", under({"allowedAccountIds": ["111122223333"]}), **OURS),
    holds(PINNED, "an account, as the SDK sends it", under({"allowedAccountIds": '["111122223333"]'}), **OURS),
    breaks(PINNED, "any account", under({"region": "eu-west-1"}), **OURS),
    breaks(PINNED, "no list of accounts", under({"allowedAccountIds": []}), **OURS),
    breaks(PINNED, "another account besides", under({"allowedAccountIds": '["111122223333","999988887777"]'}), **OURS),
    breaks(
        PINNED,
        "one provider of two, said once",
        build(
            a=(kinds.VPC, {}, {"provider": {"allowedAccountIds": ["111122223333"]}}),
            b=(kinds.VPC, {}, {"provider": {"region": "eu-west-1"}}),
            c=(kinds.VPC, {}, {"provider": {"region": "eu-west-1"}}),
        ),
        "b",
        **OURS,
    ),
    holds(TAGS, "nobody asks for any", one(kinds.VPC)),
    holds(TAGS, "all of them", one(kinds.VPC, tags=GOOD), **OWNED),
    holds(
        TAGS,
        "one of them from the provider",
        under({"defaultTags": {"tags": {"owner": "shop"}}}, tags={"stage": "dev"}),
        **OWNED,
    ),
    holds(
        TAGS,
        "from the provider, as the SDK sends it",
        under({"defaultTags": '{"tags": {"owner": "shop", "stage": "dev"}}'}),
        **OWNED,
    ),
    holds(TAGS, "a type that takes none", one(kinds.ROUTE, routeTableId="x"), **OWNED),
    holds(
        TAGS,
        "a group of machines",
        one(
            kinds.SCALING_GROUP,
            tags=[{"key": "owner", "value": "shop", "propagateAtLaunch": True}, {"key": "stage", "value": "dev"}],
        ),
        **OWNED,
    ),
    holds(TAGS, "all of them, and a provider that has none", under({"region": "eu-west-1"}, tags=GOOD), **OWNED),
    holds(
        TAGS,
        "a group of machines with a tag without a name",
        one(
            kinds.SCALING_GROUP,
            tags=[{"value": "x"}, {"key": "owner", "value": "shop"}, {"key": "stage", "value": "dev"}],
        ),
        **OWNED,
    ),
    waits(TAGS, "a block of the provider that is not known", under({"defaultTags": UNKNOWN}), **OWNED),
    waits(TAGS, "tags of the provider that are not known", under({"defaultTags": {"tags": UNKNOWN}}), **OWNED),
    breaks(TAGS, "none", one(kinds.VPC), **OWNED),
    breaks(TAGS, "an empty block of the provider", under({"defaultTags": {}}), **OWNED),
    breaks(TAGS, "none, and the type is one that no control names", one(DOMAIN), **OWNED),
    breaks(TAGS, "one is missing", one(kinds.VPC, tags={"owner": "shop"}), **OWNED),
    breaks(TAGS, "in other letters", one(kinds.VPC, tags={"Owner": "shop", "stage": "dev"}), **OWNED),
    breaks(TAGS, "an empty value", one(kinds.VPC, tags=GOOD | {"owner": ""}), **OWNED),
    breaks(TAGS, "a value that only begins well", one(kinds.VPC, tags=GOOD | {"stage": "production"}), **OWNED),
    breaks(
        TAGS,
        "its own value counts before that of the provider",
        under({"defaultTags": {"tags": GOOD}}, tags={"stage": "test"}),
        **OWNED,
    ),
    breaks(
        TAGS,
        "a group of machines does not take those of the provider",
        under({"defaultTags": {"tags": GOOD}}, kinds.SCALING_GROUP),
        **OWNED,
    ),
    breaks(
        TAGS, "of an old name", retyped(one(kinds.LOAD_BALANCER), "it", "aws:alb/loadBalancer:LoadBalancer"), **OWNED
    ),
    holds(
        TAGS,
        "a value that is known later",
        one(kinds.VPC, tags=GOOD | {"owner": lost("shop")}),
        at_preview=("it",),
        **OWNED,
    ),
    holds(TAGS, "all tags together", one(kinds.VPC, tags={}, tagsAll=GOOD), **OWNED),
)
