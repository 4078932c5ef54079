"""Cases of the controls in `guardrails.controls.secrets`."""

from typing import Any

from guardrails import kinds

from tests.policy.cases.kit import Make, breaks, build, document, holds, lost, made_of, one, ref, waits
from tests.policy.houses import statement

LITERAL, ROTATION, PUBLIC, WINDOW, SSM, KMS, KEY, DELETION = (
    "secret-no-literal-value",
    "secret-rotation",
    "secret-policy-not-public",
    "secret-recovery-window",
    "ssm-param-securestring",
    "kms-policy-not-public",
    "kms-rotation",
    "kms-deletion-window",
)
EVERYONE = document({"Statement": [statement(Principal={"AWS": "*"}, Action="*", Resource="*")]})
ROOT = document(
    {"Statement": [statement(Principal={"AWS": "arn:aws:iam::111122223333:root"}, Action="kms:*", Resource="*")]}
)
MADE = ("random:index/randomPassword:RandomPassword", {"length": 32})


def rotated(**rules: Any) -> Make:
    """A secret with a rotation."""
    return build(
        it=(kinds.SECRET, {}), turn=(kinds.SECRET_ROTATION, {"secretId": ref("it.id"), "rotationRules": rules})
    )


def pinned(**condition: Any) -> Any:
    """A policy for everyone, with a condition."""
    return document({"Statement": [statement(Principal="*", Action="*", Resource="*", Condition=condition)]})


def parameter(name: str, value: Any, kind: str = "String", **inputs: Any) -> Make:
    """A parameter."""
    return one(kinds.SSM_PARAMETER, name=name, type=kind, value=value, **inputs)


CASES = (
    holds(LITERAL, "a value that is only written", one(kinds.SECRET_VERSION, secretStringWo="hunter2", secretId="x")),
    holds(
        LITERAL,
        "a value that a resource makes",
        build(pw=MADE, it=(kinds.SECRET_VERSION, {"secretString": ref("pw.result")})),
    ),
    holds(
        LITERAL,
        "what another resource says",
        build(
            db=(kinds.DB_INSTANCE, {}),
            it=(kinds.SECRET_VERSION, {"secretString": document({"host": ref("db.address")})}),
        ),
        at_preview=("it",),
    ),
    holds(
        LITERAL,
        "JSON around such a value",
        build(pw=MADE, it=(kinds.SECRET_VERSION, {"secretString": document({"password": ref("pw.result")})})),
    ),
    holds(LITERAL, "no value at all", one(kinds.SECRET_VERSION, secretId="x")),
    breaks(LITERAL, "a literal", one(kinds.SECRET_VERSION, secretString="hunter2")),
    breaks(LITERAL, "a literal in JSON", one(kinds.SECRET_VERSION, secretString=document({"password": "hunter2"}))),
    breaks(LITERAL, "a literal of bytes", one(kinds.SECRET_VERSION, secretBinary="aHVudGVyMg==")),
    breaks(
        LITERAL,
        "an edge that is lost",
        one(kinds.SECRET_VERSION, secretString=lost("hunter2")),
        undecided_at_preview=True,
    ),
    holds(ROTATION, "every month", rotated(automaticallyAfterDays=30)),
    holds(ROTATION, "on the last day allowed", rotated(automaticallyAfterDays=90)),
    holds(ROTATION, "by a rate", rotated(scheduleExpression="rate(10 days)")),
    holds(ROTATION, "by a rate in hours", rotated(scheduleExpression="rate(12 hours)")),
    holds(ROTATION, "on the first of every month", rotated(scheduleExpression="cron(0 8 1 * ? *)")),
    holds(ROTATION, "every second month", rotated(scheduleExpression="cron(0 8 1 1/2 ? *)")),
    holds(ROTATION, "a limit of one's own", rotated(automaticallyAfterDays=200), maximumRotationDays=365),
    holds(ROTATION, "days that show later", rotated(automaticallyAfterDays=lost(30)), at_preview=("it",)),
    holds(ROTATION, "a rate that shows later", rotated(scheduleExpression=lost("rate(3 days)")), at_preview=("it",)),
    holds(ROTATION, "by a rate, beside no days", rotated(automaticallyAfterDays=0, scheduleExpression="rate(3 days)")),
    breaks(ROTATION, "no rotation", one(kinds.SECRET)),
    breaks(
        ROTATION,
        "a day too late",
        rotated(automaticallyAfterDays=91),
        told="up to 91 days between two values, more than 90 (maximumRotationDays)",
    ),
    breaks(
        ROTATION,
        "a rotation without rules",
        build(it=(kinds.SECRET, {}), turn=(kinds.SECRET_ROTATION, {"secretId": ref("it.id")})),
    ),
    breaks(ROTATION, "by too slow a rate", rotated(scheduleExpression="rate(91 days)")),
    breaks(ROTATION, "every fourth month", rotated(scheduleExpression="cron(0 8 1 JAN,MAY,SEP ? *)")),
    breaks(ROTATION, "in one year only", rotated(scheduleExpression="cron(0 8 1 * ? 2026)")),
    breaks(ROTATION, "a schedule that says nothing", rotated(scheduleExpression="soon"), told="no interval of days"),
    breaks(ROTATION, "rules that say nothing", rotated()),
    breaks(
        ROTATION,
        "the rotation of another secret",
        build(
            it=(kinds.SECRET, {}),
            other=(kinds.SECRET, {}),
            turn=(
                kinds.SECRET_ROTATION,
                {"secretId": ref("other.id"), "rotationRules": {"automaticallyAfterDays": 30}},
            ),
        ),
        "it",
    ),
    breaks(
        ROTATION,
        "the rotation of a secret of another stack",
        build(
            it=(kinds.SECRET, {}),
            turn=(kinds.SECRET_ROTATION, {"secretId": lost("x"), "rotationRules": {"automaticallyAfterDays": 30}}),
        ),
        undecided_at_preview=True,
    ),
    holds(PUBLIC, "one account, and the block", one(kinds.SECRET_POLICY, policy=ROOT, blockPublicPolicy=True)),
    holds(PUBLIC, "no policy", one(kinds.SECRET)),
    holds(PUBLIC, "an empty policy", one(kinds.SECRET, policy="{}")),
    breaks(PUBLIC, "everyone", one(kinds.SECRET_POLICY, policy=EVERYONE, blockPublicPolicy=True)),
    breaks(PUBLIC, "everyone, on the secret itself", one(kinds.SECRET, policy=EVERYONE)),
    breaks(PUBLIC, "without the block", one(kinds.SECRET_POLICY, policy=ROOT)),
    breaks(PUBLIC, "with the block off", one(kinds.SECRET_POLICY, policy=ROOT, blockPublicPolicy=False)),
    holds(WINDOW, "nothing is said", one(kinds.SECRET), protected=True),
    holds(WINDOW, "seven days", one(kinds.SECRET, recoveryWindowInDays=7), protected=True),
    holds(WINDOW, "none, where nothing is protected", one(kinds.SECRET, recoveryWindowInDays=0)),
    breaks(WINDOW, "none", one(kinds.SECRET, recoveryWindowInDays=0), protected=True),
    holds(SSM, "a secret that is encrypted", parameter("/shop/db/password", "hunter2", "SecureString")),
    holds(
        SSM, "no value at all", one(kinds.SSM_PARAMETER, name="/shop/db/password", type="String"), at_preview=("it",)
    ),
    breaks(
        SSM,
        "a secret, of which only the update tells the name",
        build(
            vpc=(kinds.VPC, {}),
            it=(
                kinds.SSM_PARAMETER,
                {
                    "name": made_of(ref("vpc.id"), make=lambda _: "/shop/db/password"),
                    "type": "String",
                    "value": "hunter2",
                },
            ),
        ),
        undecided_at_preview=True,
    ),
    holds(SSM, "a plain setting", parameter("/shop/log-level", "debug")),
    holds(SSM, "where a secret is", parameter("/shop/db/password", "arn:aws:secretsmanager:eu-west-1:1:secret:x")),
    holds(
        SSM,
        "an id of the program",
        build(
            net=(kinds.VPC, {}), it=(kinds.SSM_PARAMETER, {"name": "/vpc", "type": "String", "value": ref("net.id")})
        ),
    ),
    breaks(SSM, "a secret by its name", parameter("/shop/db/password", "hunter2")),
    breaks(SSM, "a secret by a name in camel case", parameter("/shop/dbPassword", "hunter2")),
    breaks(SSM, "a secret in a list", parameter("/shop/token", "hunter2", "StringList")),
    breaks(SSM, "a secret by its form", parameter("/shop/url", "postgres://app:hunter2@db/shop")),
    breaks(
        SSM,
        "written as insecure on purpose",
        one(kinds.SSM_PARAMETER, name="/shop/api-key", type="String", insecureValue="hunter2"),
    ),
    breaks(
        SSM,
        "a secret by its logical name",
        build(db_password=(kinds.SSM_PARAMETER, {"type": "String", "value": "hunter2"})),
        "db-password",
    ),
    breaks(SSM, "a secret by the name that Pulumi made", parameter("/shop/password-1a2b3c4", "hunter2")),
    breaks(
        SSM,
        "a password that a resource makes",
        build(pw=MADE, it=(kinds.SSM_PARAMETER, {"name": "/shop/x", "type": "String", "value": ref("pw.result")})),
    ),
    breaks(SSM, "a secret of another stack", parameter("/shop/password", lost("hunter2")), undecided_at_preview=True),
    holds(SSM, "a setting of another stack", parameter("/shop/color", lost("blue")), at_preview=("it",)),
    breaks(
        SSM,
        "of a type that is known later",
        parameter("/shop/password", "hunter2", lost("String")),
        undecided_at_preview=True,
    ),
    holds(
        SSM,
        "the ARN of a secret of the program",
        build(
            s=(kinds.SECRET, {}),
            it=(kinds.SSM_PARAMETER, {"name": "/db/secret", "type": "String", "value": ref("s.arn")}),
        ),
        at_preview=("it",),
    ),
    holds(KMS, "the account", one(kinds.KMS_KEY, policy=ROOT)),
    holds(KMS, "the default policy of AWS", one(kinds.KMS_KEY)),
    holds(
        KMS,
        "everyone of one account",
        one(kinds.KMS_KEY, policy=pinned(StringEquals={"kms:CallerAccount": "111122223333"})),
    ),
    holds(
        KMS,
        "everyone of one account through one service",
        one(
            kinds.KMS_KEY_POLICY,
            policy=pinned(
                StringEquals={"kms:CallerAccount": "111122223333", "kms:ViaService": "s3.eu-west-1.amazonaws.com"}
            ),
        ),
    ),
    holds(
        KMS,
        "everyone of an organisation",
        one(kinds.KMS_REPLICA_KEY, policy=pinned(StringEquals={"aws:PrincipalOrgID": "o-1a2b3c4d5e"})),
    ),
    breaks(KMS, "everyone", one(kinds.KMS_KEY, policy=EVERYONE)),
    breaks(KMS, "everyone, beside the key", one(kinds.KMS_KEY_POLICY, policy=EVERYONE)),
    breaks(
        KMS, "everyone who gives grants", one(kinds.KMS_KEY, policy=pinned(Bool={"kms:GrantIsForAWSResource": "true"}))
    ),
    waits(KMS, "a policy that is no JSON", one(kinds.KMS_KEY, policy="{")),
    holds(KEY, "it is on", one(kinds.KMS_KEY, enableKeyRotation=True)),
    holds(KEY, "a key pair", one(kinds.KMS_KEY, customerMasterKeySpec="RSA_4096", keyUsage="SIGN_VERIFY")),
    holds(KEY, "a key for codes", one(kinds.KMS_KEY, customerMasterKeySpec="HMAC_256", keyUsage="GENERATE_VERIFY_MAC")),
    holds(KEY, "a key of a store of one's own", one(kinds.KMS_KEY, customKeyStoreId="cks-1")),
    breaks(KEY, "nothing is said", one(kinds.KMS_KEY)),
    breaks(KEY, "it is off", one(kinds.KMS_KEY, enableKeyRotation=False, customerMasterKeySpec="SYMMETRIC_DEFAULT")),
    breaks(
        KEY,
        "what sort it is shows later",
        one(kinds.KMS_KEY, customerMasterKeySpec=lost("SYMMETRIC_DEFAULT")),
        undecided_at_preview=True,
    ),
    holds(DELETION, "nothing is said", one(kinds.KMS_KEY)),
    holds(DELETION, "shorter, as configured", one(kinds.KMS_KEY, deletionWindowInDays=14), minimumKeyDeletionDays=14),
    breaks(
        DELETION, "too short", one(kinds.KMS_KEY, deletionWindowInDays=29), told="is 29, less than 30 (minimumKeyDel"
    ),
    breaks(DELETION, "too short, of a replica", one(kinds.KMS_REPLICA_KEY, deletionWindowInDays=7)),
    breaks(DELETION, "without the check", one(kinds.KMS_KEY, bypassPolicyLockoutSafetyCheck=True)),
    breaks(
        DELETION,
        "without the check, beside the key",
        one(kinds.KMS_KEY_POLICY, policy=ROOT, bypassPolicyLockoutSafetyCheck=True),
    ),
    holds(DELETION, "a policy that is checked", one(kinds.KMS_KEY_POLICY, policy=ROOT)),
    breaks(
        SSM,
        "a secret by its form, whatever the name will be",
        build(
            net=(kinds.VPC, {}),
            it=(
                kinds.SSM_PARAMETER,
                {"name": ref("net.id"), "type": "String", "value": "postgres://app:hunter2@db/shop"},
            ),
        ),
    ),
    holds(KEY, "it is on, whatever sort it is", one(kinds.KMS_KEY, enableKeyRotation=True, keyUsage=lost("x"))),
)
