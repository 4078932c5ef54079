"""What the policies of a recorded stack say beyond what they have to.

`complaints` takes the resources of preflight's JSON document, recorded as an update, with ids known. A right is by ARN;
`*` is for the actions that `components.security.unscoped` lists with a reason, a KMS key is used through a service.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from components.security.unscoped import ACTIONS

Resource = dict[str, Any]
# Identity policies say what a role may do, by type -> the input that is the document.
IDENTITY = {"aws:iam/rolePolicy:RolePolicy": "policy", "aws:iam/policy:Policy": "policy"}
# Policies of resources say who may come, by type -> the input that is the document. In a key's, `*` is the key.
OF_RESOURCES = {
    "aws:ecr/repositoryPolicy:RepositoryPolicy": "policy",
    "aws:efs/fileSystemPolicy:FileSystemPolicy": "policy",
    "aws:iam/role:Role": "assumeRolePolicy",
    "aws:kms/key:Key": "policy",
    "aws:s3/bucketPolicy:BucketPolicy": "policy",
    "aws:secretsmanager/secretPolicy:SecretPolicy": "policy",
    "aws:sns/topicPolicy:TopicPolicy": "policy",
    "aws:sqs/queuePolicy:QueuePolicy": "policy",
}
# An endpoint's policy only bounds who passes; what they may do, their own policies say.
PASSAGES = {"aws:ec2/vpcEndpoint:VpcEndpoint": "policy"}
# Policies that AWS writes, by the end of their ARN -> why none of ours stands in their place.
AWS_MANAGED: Mapping[str, str] = {
    "AWSBackupServiceRolePolicyForBackup": "AWS Backup asks for more with each kind of store; a right too few is a night"
    " without a backup",
    "AWSBackupServiceRolePolicyForRestores": "as for backups; what it may delete is what AWS Backup has restored",
    "AWSBackupServiceRolePolicyForS3Backup": "as for backups, of buckets",
    "AWSBackupServiceRolePolicyForS3Restore": "as for restores, of buckets",
}
# Statements about anything of a kind, by sid -> why they cannot be narrower.
WIDE: Mapping[str, str] = {
    "MakeInterfaces": "the interfaces of a function, which AWS's guide has so; its program is denied them",
}
_ATTACHMENT = "aws:iam/rolePolicyAttachment:RolePolicyAttachment"
_GRANTED_BY_SERVICE = "kms:ViaService"
_OF_A_SESSION = "kms:EncryptionContext:aws:ssm:SessionId"  # the agent in the container opens it by itself


def complaints(resources: Sequence[Resource]) -> list[str]:
    """One line for each right that is wider than it has to be."""
    return [f"{r['name']}: {text}" for r in resources for text in _each(r)]


def starred(resources: Sequence[Resource]) -> set[str]:
    """The actions that are allowed on `*`."""
    return {
        action
        for resource in resources
        if resource["type"] in IDENTITY
        for statement in _statements(resource, IDENTITY)
        if statement["Effect"] == "Allow" and "*" in _list(statement.get("Resource"))
        for action in _list(statement["Action"])
    }


def _each(resource: Resource) -> Iterator[str]:
    kind = resource["type"]
    for keys, judge in ((IDENTITY, _of_identity), (OF_RESOURCES, _of_resource), (PASSAGES, _of_passage)):
        if kind in keys:
            for statement in _statements(resource, keys):
                if statement["Effect"] == "Allow":
                    yield from (f"{statement.get('Sid')}: {text}" for text in judge(statement))
    yield from (f"has {name}, which AWS writes and changes" for name in _of_aws(resource))
    if kind == "aws:iam/role:Role" and resource["inputs"].get("inlinePolicies"):
        yield "has policies of its own text, which are not looked at"


def _of_aws(resource: Resource) -> list[str]:
    """The policies that AWS writes which a resource attaches."""
    given = resource["inputs"]
    arns = given.get("managedPolicyArns", []) if resource["type"] == "aws:iam/role:Role" else []
    if resource["type"] == _ATTACHMENT:
        arns = [given["policyArn"]]
    names = [arn.rpartition("/")[2] for arn in arns if ":iam::aws:" in arn]
    return [name for name in names if name not in AWS_MANAGED]


def _statements(resource: Resource, keys: Mapping[str, str]) -> list[dict[str, Any]]:
    return list(json.loads(resource["inputs"][keys[resource["type"]]])["Statement"])


def _of_identity(statement: dict[str, Any]) -> Iterator[str]:
    actions, places = _list(statement.get("Action")), _list(statement.get("Resource"))
    if not actions or not places or "NotAction" in statement or "NotResource" in statement:
        yield "does not name its actions and its resources"
    yield from (f"allows {action}" for action in actions if "*" in action)
    conditions = {key: value for tests in statement.get("Condition", {}).values() for key, value in tests.items()}
    if "*" in places:
        yield from (f"allows {action} on everything, without a reason" for action in actions if action not in ACTIONS)
    for place in places:
        # AWS documents this form for what has many kinds of resources (ec2:RunInstances): then a condition narrows it.
        narrowed = conditions or statement.get("Sid") in WIDE
        if place != "*" and not narrowed and not re.fullmatch(r"arn:[^:*]+:[^:*]+:[^:]*:[^:]*:.*[^:*/].*", place):
            yield f"names {place}, which is anything of its kind"
        if re.fullmatch(r"arn:[^:]+:(?!s3:)[^:]+:[^:]*\*[^:]*:.*|arn:[^:]+:(?!s3:)[^:]+:[^:]*:[^:]*\*[^:]*:.*", place):
            yield f"names {place}, in any region or account"
    if any(action.startswith("kms:") for action in actions) and not {_GRANTED_BY_SERVICE, _OF_A_SESSION} & set(
        conditions
    ):
        yield "uses a key directly, not through a service"
    if "iam:PassRole" in actions and "iam:PassedToService" not in conditions:
        yield "passes a role to any service"


def _of_resource(statement: dict[str, Any]) -> Iterator[str]:
    if _anybody(statement) and not statement.get("Condition"):
        yield "lets anybody in"
    wide = [action for action in _list(statement["Action"]) if re.fullmatch(r"(\w+:)?\*", action)]
    yield from (f"allows {action}" for action in wide)


def _of_passage(statement: dict[str, Any]) -> Iterator[str]:
    if _anybody(statement) and not statement.get("Condition") and not _read_by_hosts(statement):
        yield "lets anybody pass"


def _anybody(statement: dict[str, Any]) -> bool:
    return "*" in [name for names in _principals(statement) for name in names]


def _read_by_hosts(statement: dict[str, Any]) -> bool:
    """Objects of AWS and of public registries, which hosts read without signing for this account; nothing can be sent."""
    theirs = r"arn:[a-z-]+:s3:::(prod-[a-z0-9-]+-starport-layer-bucket|al2023-repos-[a-z0-9-]+-de612dc2|docker-images-prod|quayio-production-s3)/\*"
    places = _list(statement["Resource"])
    return statement["Action"] == ["s3:GetObject"] and all(re.fullmatch(theirs, place) for place in places)


def _principals(statement: dict[str, Any]) -> Iterator[list[str]]:
    principal = statement.get("Principal", {})
    yield from ([_list(principal)] if isinstance(principal, str) else map(_list, principal.values()))


def _list(value: Any) -> list[str]:
    return [] if value is None else [value] if isinstance(value, str) else list(value)
