"""What AWS refuses of a policy document: the grammar of IAM's policy language (IAM user guide, read 2026-11).

Only the form is looked at; whether actions and ARNs exist is not known here.
"""

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any, Literal

from preflight.simulation.together import UNKNOWN, Problem

Kind = Literal["identity", "trust", "resource"]

_VERSIONS = ("2012-10-17", "2008-10-17")
_TOP = frozenset({"Version", "Id", "Statement"})
_STATEMENT = frozenset({
    "Sid", "Effect", "Principal", "NotPrincipal", "Action", "NotAction", "Resource", "NotResource", "Condition",
})  # fmt: skip
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
            reason = _wrong(of_type, kind, inputs[key])
            if reason is not None:
                yield Problem(key, reason)
    if of_type == "aws:iam/role:Role":
        inline = inputs.get("inlinePolicies")
        for index, each in enumerate(inline if isinstance(inline, list) else ()):
            if isinstance(each, Mapping) and (reason := _wrong(of_type, "identity", each.get("policy"))) is not None:
                yield Problem(f"inlinePolicies[{index}].policy", reason)


def _spelled(raw: Mapping[str, Any]) -> dict[str, Any]:
    """The names of elements as the language writes them: it takes them in any case."""
    return {_NAMES.get(key.lower(), key): value for key, value in raw.items()}


def _wrong(of_type: str, kind: Kind, given: Any) -> str | None:
    if given in (None, "", UNKNOWN):
        return None
    try:
        document = json.loads(given) if isinstance(given, str) else given
    except ValueError:
        return None if "{" in str(given) else "is no JSON"  # broken JSON is told with its place by the checks of values
    if not isinstance(document, Mapping):
        return "is no policy: expected an object with Version and Statement"
    return next(_of_document(of_type, kind, _spelled(document)), None)


def _of_document(of_type: str, kind: Kind, document: Mapping[str, Any]) -> Iterator[str]:
    for stray in sorted({*document} - _TOP):
        yield f"a policy has no element {stray!r}; it has {', '.join(sorted(_TOP))}"
    version = document.get("Version")
    if version not in (None, UNKNOWN, *_VERSIONS):
        yield f"Version {version!r} is none of {', '.join(_VERSIONS)}: it is that of the language, no date of yours"
    if document.get("Statement") is None:
        yield "a policy needs a Statement"
    statements = _listed(document.get("Statement"))
    for index, statement in enumerate(statements):
        if statement != UNKNOWN and (reason := _statement(of_type, kind, statement)) is not None:
            yield f"statement {index + 1} of {len(statements)}: {reason}"


def _statement(of_type: str, kind: Kind, statement: Any) -> str | None:
    if not isinstance(statement, Mapping):
        return "is no object"
    spelled = _spelled(statement)
    return next(_elements(kind, spelled), None) or next(_parties(of_type, kind, spelled), None)


def _elements(kind: Kind, statement: Mapping[str, Any]) -> Iterator[str]:
    for stray in sorted({*statement} - _STATEMENT):
        yield f"has no element {stray!r}; the elements are {', '.join(sorted(_STATEMENT))}"
    if (effect := statement.get("Effect")) not in ("Allow", "Deny", UNKNOWN):
        yield f"Effect must be Allow or Deny, got {effect!r}"
    for key in ("Action", "Principal", "Resource"):
        if key in statement and f"Not{key}" in statement:
            yield f"{key} and Not{key} exclude each other"
    if not _has(statement, "Action"):
        yield "needs an Action or a NotAction"
    for action in (each for key in ("Action", "NotAction") for each in _listed(statement.get(key))):
        if isinstance(action, str) and ":" not in action and action not in (UNKNOWN, "*"):
            yield f"the action {action!r} has no service before it, as in s3:GetObject"
    sid = str(statement.get("Sid") or "")
    if kind == "identity" and not re.fullmatch("[A-Za-z0-9]*", sid) and sid != UNKNOWN:
        yield f"Sid {sid!r}: IAM takes letters and digits only"


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


def _listed(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [] if value is None else [value]


def _has(statement: Mapping[str, Any], key: str) -> bool:
    return any(statement.get(each) not in (None, [], "") for each in (key, f"Not{key}"))
