"""What AWS refuses of a policy document: the grammar of IAM's policy language (IAM user guide, read 2026-11).

Only the form is looked at; whether actions and ARNs exist is not known here. The provider itself asks no more than that
it is JSON, at the plan; all of this comes of AWS when the resource is made (MalformedPolicyDocument of IAM, the like of
the others).
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from preflight.simulation.together import UNKNOWN, Problem, near

Kind = Literal["identity", "trust", "resource"]

_VERSIONS = ("2012-10-17", "2008-10-17")
_TOP = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset({
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
})  # fmt: skip
_PRINCIPALS = frozenset({"AWS", "CanonicalUser", "Federated", "Service"})
_OPERATORS = (
    "ArnEquals", "ArnLike", "ArnNotEquals", "ArnNotLike", "BinaryEquals", "Bool", "DateEquals", "DateGreaterThan",
    "DateGreaterThanEquals", "DateLessThan", "DateLessThanEquals", "DateNotEquals", "IpAddress", "NotIpAddress", "Null",
    "NumericEquals", "NumericGreaterThan", "NumericGreaterThanEquals", "NumericLessThan", "NumericLessThanEquals",
    "NumericNotEquals", "StringEquals", "StringEqualsIgnoreCase", "StringLike", "StringNotEquals",
    "StringNotEqualsIgnoreCase", "StringNotLike",
)  # fmt: skip
_OPERATOR = re.compile(rf"(?i)(?:for(?:allvalues|anyvalue):)?(?:{'|'.join(_OPERATORS)})(?:ifexists)?")
# What an account, a user or a role is named by; unique ids stand for those that are deleted.
_PARTY = re.compile(r"\*|\d{12}|arn:.+|A[A-Z]{3}[A-Z0-9]{12,}")
_NAMES = {name.lower(): name for name in _TOP | _STATEMENT}
# Resources whose policy stands for the resource itself: a statement need not name it.
_ITSELF = frozenset({
    "aws:ecr/repositoryPolicy:RepositoryPolicy", "aws:ecrpublic/repositoryPolicy:RepositoryPolicy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy",
    "aws:sns/topic:Topic", "aws:sns/topicPolicy:TopicPolicy", "aws:sqs/queue:Queue", "aws:sqs/queuePolicy:QueuePolicy",
})  # fmt: skip
KINDS: dict[tuple[str, str], Kind] = {
    ("aws:iam/groupPolicy:GroupPolicy", "policy"): "identity",
    ("aws:iam/policy:Policy", "policy"): "identity",
    ("aws:iam/rolePolicy:RolePolicy", "policy"): "identity",
    ("aws:iam/userPolicy:UserPolicy", "policy"): "identity",
    ("aws:iam/role:Role", "assumeRolePolicy"): "trust",
    ("aws:ecr/repositoryPolicy:RepositoryPolicy", "policy"): "resource",
    ("aws:efs/fileSystemPolicy:FileSystemPolicy", "policy"): "resource",
    ("aws:kms/key:Key", "policy"): "resource",
    ("aws:kms/keyPolicy:KeyPolicy", "policy"): "resource",
    ("aws:backup/vaultPolicy:VaultPolicy", "policy"): "resource",
    ("aws:cloudwatch/eventBusPolicy:EventBusPolicy", "policy"): "resource",
    ("aws:ec2/vpcEndpoint:VpcEndpoint", "policy"): "resource",
    ("aws:s3/bucketPolicy:BucketPolicy", "policy"): "resource",
    ("aws:secretsmanager/secret:Secret", "policy"): "resource",
    ("aws:secretsmanager/secretPolicy:SecretPolicy", "policy"): "resource",
    ("aws:sns/topic:Topic", "policy"): "resource",
    ("aws:sns/topicPolicy:TopicPolicy", "policy"): "resource",
    ("aws:sqs/queue:Queue", "policy"): "resource",
    ("aws:sqs/queuePolicy:QueuePolicy", "policy"): "resource",
}


def problems(of_type: str, inputs: Mapping[str, Any]) -> Iterator[Problem]:
    """Of the documents of a resource that are known; that they are JSON at all is asked elsewhere."""
    for (kind_of, key), kind in KINDS.items():
        if kind_of == of_type and key in inputs:
            yield from _wrong(of_type, kind, inputs[key], key)
    if of_type == "aws:iam/role:Role":
        inline = inputs.get("inlinePolicies")
        for index, each in enumerate(inline if isinstance(inline, list) else ()):
            if isinstance(each, Mapping):
                yield from _wrong(of_type, "identity", each.get("policy"), f"inlinePolicies[{index}].policy")


def _spelled(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The names of elements as the language writes them: it takes them in any case."""
    return {_NAMES.get(key.lower(), key): value for key, value in raw.items()}


def _wrong(of_type: str, kind: Kind, given: Any, place: str) -> Iterator[Problem]:
    if given in (None, "", UNKNOWN):
        return
    try:
        document = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        if "{" not in str(given) and kind != "trust":  # broken JSON is told with its place by the checks of values
            yield Problem(place, "is no JSON")
        return
    if document == {} and of_type == "aws:secretsmanager/secret:Secret":
        return  # says that the secret has none; only there (documentation of the argument, read 2026-11)
    if not isinstance(document, Mapping):
        twice = ", got JSON of a text: JSON was made of it twice" if isinstance(document, str) else ""
        yield Problem(place, f"is no policy: expected an object with Version and Statement{twice}")
        return
    for reason in _of_document(of_type, kind, _spelled(document)):
        yield Problem(place, f"AWS takes no such policy: {reason}")


def _of_document(of_type: str, kind: Kind, document: Mapping[str, Any]) -> Iterator[str]:
    for stray in sorted({*document} - _TOP):
        yield f"it has no element {stray!r}{near(stray, _TOP)}; it has {', '.join(sorted(_TOP))}"
    version = document.get("Version")
    if version not in (None, UNKNOWN, *_VERSIONS):
        yield f"Version {version!r} is none of {', '.join(_VERSIONS)}: it is that of the language, no date of yours"
    statements = listed(document.get("Statement"))
    if document.get("Statement") is None:
        yield "it needs a Statement"
    elif not statements:
        yield "its Statement is empty"
    ids = [each.get("Sid") for each in map(by_name, statements) if each.get("Sid") not in (None, "", UNKNOWN)]
    if kind != "resource":
        for repeated in sorted({str(each) for each in ids if ids.count(each) > 1}):
            yield f"the Sid {repeated!r} stands at more than one statement"
    for index, statement in enumerate(statements):
        if statement != UNKNOWN:
            for reason in _statement(of_type, kind, statement):
                yield f"statement {index + 1} of {len(statements)}: {reason}"


def by_name(statement: Any) -> dict[str, Any]:
    """A statement, or a document, by the names of elements as the language writes them; empty for anything else."""
    return _spelled(statement) if isinstance(statement, Mapping) else {}


def _statement(of_type: str, kind: Kind, statement: Any) -> Iterator[str]:
    if not isinstance(statement, Mapping):
        yield "is no object"
        return
    spelled = by_name(statement)
    yield from _elements(kind, spelled)
    yield from _parties(of_type, kind, spelled)
    for key in ("Principal", "NotPrincipal"):
        yield from _principals(key, spelled.get(key))
    yield from _conditions(spelled.get("Condition"))
    if kind == "identity" or of_type == "aws:s3/bucketPolicy:BucketPolicy":
        for key in ("Resource", "NotResource"):
            for resource in filter(_judged, listed(spelled.get(key))):
                if not re.match(r"arn:|[*]|[$]\{", resource):
                    yield f"the {key} {resource!r} is no ARN and not *"


def _judged(value: Any) -> bool:
    """Whether a text is one of the program's own."""
    return isinstance(value, str) and UNKNOWN not in value and "simulated-" not in value


def _elements(kind: Kind, statement: Mapping[str, Any]) -> Iterator[str]:
    for stray in sorted({*statement} - _STATEMENT):
        yield f"has no element {stray!r}{near(stray, _STATEMENT)}; the elements are {', '.join(sorted(_STATEMENT))}"
    if (effect := statement.get("Effect")) not in ("Allow", "Deny", UNKNOWN):
        yield (
            f"Effect must be Allow or Deny, got {effect!r}" if effect is not None else "needs an Effect, Allow or Deny"
        )
    for key in ("Action", "Principal", "Resource"):
        if key in statement and f"Not{key}" in statement:
            yield f"{key} and Not{key} exclude each other"
    if not _has(statement, "Action"):
        yield "needs an Action or a NotAction"
    for action in filter(_judged, (each for key in ("Action", "NotAction") for each in listed(statement.get(key)))):
        if action != "*" and (":" not in action or re.search(r"\s", action)):
            yield f"the action {action!r} has no service before it, as in s3:GetObject"
        elif kind == "trust" and not re.match(r"(?i)sts:|[*]", action):
            yield f"the action {action!r}: the trust of a role is about actions of sts, as sts:AssumeRole"
    sid = str(statement.get("Sid") or "")
    if kind == "identity" and not re.fullmatch("[A-Za-z0-9]*", sid) and sid != UNKNOWN:
        yield f"Sid {sid!r}: IAM takes letters and digits only"


def _principals(key: str, given: Any) -> Iterator[str]:
    """Who: everybody, or parties by their kinds."""
    allowed = ", ".join(sorted(_PRINCIPALS))
    if isinstance(given, str) and _judged(given) and given != "*":
        yield f'{key} {given!r}: expected "*" or an object with {allowed}'
    if not isinstance(given, Mapping):
        return
    lower = {each.lower() for each in _PRINCIPALS}
    for stray in sorted(each for each in given if each.lower() not in lower):
        yield f"{key} has no {stray!r}{near(stray, _PRINCIPALS)}; it has {allowed}"
    for kind, parties in given.items():
        for party in filter(_judged, listed(parties)):
            if kind.lower() == "service" and "." not in party and party != "*":
                yield f"the {key} {party!r} is no service such as ecs-tasks.amazonaws.com"
            if kind.lower() == "aws" and not _PARTY.fullmatch(party):
                yield f"the {key} {party!r} is no ARN, no account of twelve digits and not *"


def _conditions(given: Any) -> Iterator[str]:
    if given in (None, UNKNOWN):
        return
    if not isinstance(given, Mapping):
        yield "Condition is no object"
        return
    for operator, keys in given.items():
        if not _OPERATOR.fullmatch(operator):
            prefix, _, bare = operator.rpartition(":")
            stray = f"{prefix}:" if prefix else ""
            wrong = stray and stray.lower() not in ("forallvalues:", "foranyvalue:")
            cure = near(prefix, ("ForAllValues", "ForAnyValue")) if wrong else near(bare, _OPERATORS)
            yield f"Condition has no operator {operator!r}{cure}"
        elif not isinstance(keys, Mapping) and keys != UNKNOWN:
            yield f"Condition {operator}: expected an object with keys of conditions"


def _parties(of_type: str, kind: Kind, statement: Mapping[str, Any]) -> Iterator[str]:
    """Whom and what a statement is about: an identity is its own principal, a role its own resource."""
    principal, resource = _has(statement, "Principal"), _has(statement, "Resource")
    if kind == "identity" and principal:
        yield "a policy of an identity has no Principal: that is whoever it is attached to"
    if kind != "identity" and not principal:
        yield "needs a Principal"
    if kind == "trust" and resource:
        yield "the trust of a role has no Resource: that is the role itself"
    if kind != "trust" and not resource and of_type not in _ITSELF:
        yield "needs a Resource or a NotResource"


def listed(value: Any) -> list[Any]:
    """What may be one or several, as several."""
    return value if isinstance(value, list) else [] if value is None else [value]


def _has(statement: Mapping[str, Any], key: str) -> bool:
    return any(statement.get(each) not in (None, [], "") for each in (key, f"Not{key}"))
