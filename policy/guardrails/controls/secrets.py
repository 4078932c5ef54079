"""Where secrets and keys are kept."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator

from guardrails import kinds
from guardrails.checks import (
    all_of,
    at_least,
    by_kind,
    differs,
    is_false,
    is_set,
    is_true,
    limit_spoken,
    on_protected_stacks,
    when,
)  # fmt: skip
from guardrails.credentials import kind_of_secret
from guardrails.graph import Node
from guardrails.joins import SECRET
from guardrails.origins import is_harmless, is_secret
from guardrails.parameters import KEY_DELETION_DAYS, ROTATION_DAYS
from guardrails.policies import KEYS, SECRETS, is_public, no_statement
from guardrails.reading import Absent, Known, Unknown, Value, or_default
from guardrails.schedules import days_between
from guardrails.verdicts import (
    BASELINE,
    HOLDS,
    RESILIENCE,
    Control,
    Family,
    Finding,
    Outcome,
    Scope,
    Severity,
    View,
    breaks,
    waits,
)  # fmt: skip

_EVERYONE = "a statement allows everyone, and no condition narrows it"
_PART = "an effect, principal or condition of the policy document"
_VALUES = ("secretString", "secretBinary")
_SUFFIX = re.compile(r"-[0-9a-f]{7}$")
"""What Pulumi adds to a name that it makes up."""


def _secret_no_literal(node: Node, view: View) -> Iterable[Finding]:
    """A value that resources make is no literal. Of one that is not known yet, a literal may still be a part."""
    for key in _VALUES:
        value, origin = node.props.text(key), node.props.origin(key)
        if isinstance(value, Absent) or is_secret(origin, view):
            continue
        if isinstance(value, Unknown):
            yield waits(f"{key}, {view.graph.describe(value)}", node.label)
            return
        if not origin.sources:
            yield breaks(f"{key} is a literal of the program or its configuration", node.label)
            return
    yield HOLDS


def _secret_rotation(secret: Node, view: View) -> Iterable[Finding]:
    found = view.graph.companions(kinds.SECRET_ROTATION, "secretId", SECRET)
    mine, maybe = found.of(secret), found.maybe(secret)
    answers = [(node, _rotates(node, view)) for node in mine]
    if any(answer is True for _, answer in answers):
        yield HOLDS
    elif any(answer is None for _, answer in answers):
        yield waits("the schedule of its rotation", secret.label, *(node.label for node in mine))
    elif maybe:
        yield waits(f"whether {maybe[0].label} is for this secret", secret.label)
    elif mine:
        days, most = _interval(mine[0]), limit_spoken(ROTATION_DAYS, view)
        says = f"leaves up to {days} days between two values, more than {most}" if days else "says no interval of days"
        yield breaks(f"its rotation {says}", secret.label, mine[0].label)
    else:
        yield breaks("it has no secretsmanager.SecretRotation", secret.label)


def _rotates(rotation: Node, view: View) -> bool | None:
    found = _interval(rotation)
    return None if found is None else 0 < found <= view.config[ROTATION_DAYS]


def _interval(rotation: Node) -> int | None:
    """Days from one value to the next; 0 where nothing says them, None where they are not known yet."""
    rules = rotation.props.record("rotationRules")
    if not isinstance(rules, Known):
        return None if isinstance(rules, Unknown) else 0
    days, schedule = rules.value.number("automaticallyAfterDays"), rules.value.text("scheduleExpression")
    if isinstance(days, Unknown) or isinstance(schedule, Unknown):
        return None
    found = days.value if isinstance(days, Known) else None
    return found or (days_between(schedule.value) if isinstance(schedule, Known) else None) or 0


def _ssm_securestring(node: Node, view: View) -> Iterable[Finding]:
    kind = node.props.text("type")
    if kind == Known("SecureString"):
        yield HOLDS
        return
    doubt: Finding | None = None
    for key, value in _contents(node):
        answer = _secret_in(node, key, value, view)
        if answer and not isinstance(kind, Unknown):
            yield breaks("it looks like a secret and is kept as plain text", node.label)
            return
        if answer is not False:
            unknown = [each for each in (kind, value, node.props.text("name")) if isinstance(each, Unknown)]
            doubt = waits(f"its type, value or name, {view.graph.describe(unknown[0])}", node.label)
    yield doubt or HOLDS


def _contents(node: Node) -> Iterator[tuple[str, Value[str]]]:
    """What it says: one of the two properties is given, and AWS answers with both."""
    found = [(key, node.props.text(key)) for key in ("value", "insecureValue")]
    given = [(key, value) for key, value in found if not isinstance(value, Absent)]
    if given:
        yield from given
    else:
        yield "value", node.props.pointer("value")


def _secret_in(node: Node, key: str, value: Value[str], view: View) -> bool | None:
    if isinstance(value, Absent):
        return False
    origin = node.props.origin(key)
    if is_secret(origin, view):
        return True
    said = node.props.text("name")
    names = [name for each in (Known(node.name), said) for name in _last_parts(each)]
    if isinstance(value, Known):
        found = any(kind_of_secret(name, value.value) for name in names)
        return None if not found and isinstance(said, Unknown) else found
    return False if is_harmless(origin, view) and not any(kind_of_secret(name, "x") for name in names) else None


def _last_parts(name: Value[str]) -> Iterator[str]:
    """The last part of a path, with and without what Pulumi added to it."""
    if isinstance(name, Known):
        last = name.value.rpartition("/")[2]
        yield last.replace("-", "_")
        yield _SUFFIX.sub("", last).replace("-", "_")


# -- keys --------------------------------------------------------------------------------------------------------------

_OF_AWS_ITSELF = {
    "customKeyStoreId": "", "xksKeyId": "", "customerMasterKeySpec": "SYMMETRIC_DEFAULT", "keyUsage": "ENCRYPT_DECRYPT",
}  # fmt: skip
"""AWS rotates symmetric keys of its own making only: neither key pairs nor those of a custom key store."""


def _kms_rotation(key: Node, view: View) -> Iterable[Finding]:
    sorts = {name: or_default(key.props.text(name), usual) for name, usual in _OF_AWS_ITSELF.items()}
    if any(isinstance(value, Known) and value.value != _OF_AWS_ITSELF[name] for name, value in sorts.items()):
        yield HOLDS
        return
    found = _ROTATES.answer(key, view)
    unknown = next((value for value in sorts.values() if isinstance(value, Unknown)), None)
    if found.outcome is Outcome.VIOLATION and unknown is not None:
        found = waits(f"what sort of key it is, {view.graph.describe(unknown)}", key.label)
    yield found


_ROTATES = is_true("enableKeyRotation")
_BYPASS = is_false("bypassPolicyLockoutSafetyCheck", says="its policy may lock everybody out of the key")
_WINDOW = when(is_set("deletionWindowInDays"), at_least("deletionWindowInDays", KEY_DELETION_DAYS))
"""AWS takes the longest window that there is, 30 days, where none is set."""

CONTROLS: tuple[Control, ...] = (
    Control(
        id="secret-policy-not-public",
        title="No policy of a secret allows everyone, and AWS refuses one that does",
        severity=Severity.CRITICAL,
        subjects=tuple(SECRETS),
        why="A secret that everybody can read is none.",
        fix="name the principals, and set block_public_policy=True on the secretsmanager.SecretPolicy",
        judge=by_kind(
            {
                kinds.SECRET: no_statement(SECRETS, is_public, _EVERYONE, _PART),
                kinds.SECRET_POLICY: all_of(
                    no_statement({kinds.SECRET_POLICY: ("policy",)}, is_public, _EVERYONE, _PART),
                    is_true("blockPublicPolicy"),
                ),
            }
        ),
        own_packs=(BASELINE,),
    ),
    Control(
        id="kms-policy-not-public",
        title="No key policy allows everyone",
        severity=Severity.CRITICAL,
        subjects=tuple(KEYS),
        references=("KMS.5", "CKV_AWS_33"),
        why="Everything that the key encrypts is then as public as its ciphertext.",
        fix="name the principals, or add a condition on kms:CallerAccount or aws:PrincipalOrgID",
        judge=no_statement(KEYS, is_public, _EVERYONE, _PART),
        own_packs=(BASELINE,),
    ),
    Control(
        id="secret-no-literal-value",
        title="The value of a secret is no literal of the program",
        severity=Severity.HIGH,
        scope=Scope.GRAPH,
        subjects=(kinds.SECRET_VERSION,),
        why="It stays in the repository or the configuration, and in clear text in every state that is exported.",
        fix="set secret_string_wo, or let a resource make the value, such as random.RandomPassword",
        judge=_secret_no_literal,
        own_packs=(BASELINE,),
    ),
    Control(
        id="ssm-param-securestring",
        title="Parameters that look like secrets are encrypted",
        severity=Severity.HIGH,
        subjects=(kinds.SSM_PARAMETER,),
        references=("CKV2_AWS_34", "CKV_AWS_337"),
        why="Whoever may list parameters reads the others, and no key has to allow it.",
        fix='set type="SecureString" and key_id, or keep the value in Secrets Manager',
        judge=_ssm_securestring,
        own_packs=(BASELINE,),
    ),
    Control(
        id="secret-rotation",
        title="Every secret is rotated in time",
        severity=Severity.MEDIUM,
        scope=Scope.GRAPH,
        subjects=(kinds.SECRET,),
        parameters=(ROTATION_DAYS,),
        references=("SecretsManager.1", "SecretsManager.4", "CKV2_AWS_57", "CKV_AWS_304", "AwsSolutions-SMG4"),
        why="A value that leaked is good for as long as nobody changes it.",
        fix='add secretsmanager.SecretRotation(secret_id=secret.id, rotation_rules={"automatically_after_days": 30})',
        judge=_secret_rotation,
    ),
    Control(
        id="secret-recovery-window",
        title="Secrets of protected stacks can be brought back after a deletion",
        severity=Severity.MEDIUM,
        subjects=(kinds.SECRET,),
        why="With a window of 0 days a mistake takes the only copy.",
        fix="set recovery_window_in_days to 7 or more, or leave it out (30)",
        judge=on_protected_stacks(differs("recoveryWindowInDays", "0", says="it is deleted at once")),
        own_packs=(RESILIENCE,),
    ),
    Control(
        id="kms-rotation",
        title="Symmetric keys are rotated",
        severity=Severity.MEDIUM,
        subjects=(kinds.KMS_KEY,),
        references=("KMS.4", "CIS 3.6", "CKV_AWS_7", "AwsSolutions-KMS5"),
        why="AWS then makes new key material every year, and nothing has to be encrypted anew.",
        fix="set enable_key_rotation=True",
        judge=_kms_rotation,
    ),
    Control(
        id="kms-deletion-window",
        title="Keys wait long enough for their deletion, and keep somebody who may change their policy",
        severity=Severity.MEDIUM,
        subjects=(kinds.KMS_KEY, kinds.KMS_REPLICA_KEY, kinds.KMS_KEY_POLICY),
        parameters=(KEY_DELETION_DAYS,),
        references=("KMS.3",),
        why="With the key goes everything that it encrypts, and nobody gets it back.",
        fix="leave deletion_window_in_days out (30), and bypass_policy_lockout_safety_check too",
        judge=by_kind(
            {
                kinds.KMS_KEY: all_of(_WINDOW, _BYPASS),
                kinds.KMS_REPLICA_KEY: all_of(_WINDOW, _BYPASS),
                kinds.KMS_KEY_POLICY: _BYPASS,
            }
        ),
    ),
)
FAMILY = Family("secrets", "Secrets and keys (Secrets Manager, SSM, KMS)", CONTROLS)
