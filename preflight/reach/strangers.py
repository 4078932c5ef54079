"""What policies let everybody do by AWS's API beside reading stores: calling functions, assuming roles, and what the
access lists of buckets and objects let everybody do."""

from collections.abc import Iterator
from typing import Any

from preflight.reach import documents
from preflight.reach.answers import Answer
from preflight.reach.graph import Graph, Node, maps
from preflight.reach.opened import Open, entry, hop
from preflight.reach.services import FUNCTION

_BUCKET = "aws:s3/bucket:Bucket"
_PERMISSION = "aws:lambda/permission:Permission"
_BLOCK = "aws:s3/bucketPublicAccessBlock:BucketPublicAccessBlock"
_ACCOUNT = "aws:s3/accountPublicAccessBlock:AccountPublicAccessBlock"
_OWNERSHIP = "aws:s3/bucketOwnershipControls:BucketOwnershipControls"
_NARROWER = ("sourceArn", "sourceAccount", "principalOrgId", "eventSourceToken")
_PUBLIC = ("public-read", "public-read-write", "authenticated-read")
_OBJECTS = ("aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/objectCopy:ObjectCopy")
_NAMED = 3  # of the objects of a bucket that are public
_GROUPS = ("global/AllUsers", "global/AuthenticatedUsers")


def callable_by_all(graph: Graph) -> Iterator[dict[str, Any]]:
    """Functions whose permission names everybody; function URLs are entries of their own."""
    for node in graph.all(_PERMISSION):
        given = node.inputs
        if given.get("principal") != "*" or any(given.get(key) is not None for key in _NARROWER):
            continue
        if given.get("functionUrlAuthType") is not None or given.get("action") == "lambda:InvokeFunctionUrl":
            continue
        for function in graph.link(node, "function", FUNCTION).nodes:
            path = (node.name, function.name)
            said = f"{node.name} lets everybody do {given.get('action')}"
            yield entry(function, "public function", [_api()], [hop(function, path)], [said])


def assumed_by_all(graph: Graph) -> Iterator[dict[str, Any]]:
    """Roles that everybody may assume, and with them whatever they may do."""
    for node in graph.all("aws:iam/role:Role"):
        open_to = [
            each
            for each in documents.read(node.inputs.get("assumeRolePolicy")).statements
            if each.allow is True and each.everyone() and each.narrowed is not True
        ]
        if open_to:
            sure = any(each.narrowed is False for each in open_to)
            yield entry(node, "role that everybody may assume", [_api(sure)], [hop(node, (node.name,))])


def listed_by_all(graph: Graph) -> Iterator[dict[str, Any]]:
    """Buckets whose access list lets everybody in. A new bucket has none, and blocks those that are public, unless the
    program says otherwise of both (AWS's defaults since 2023-04)."""
    for node in graph.all(_BUCKET):
        lists = [node, *graph.owned(node, "aws:s3/bucketAcl:BucketAcl", "bucket")]
        if not any(_public(each) for each in lists) or _ignored(graph, node):
            continue
        yield entry(node, "public bucket", [_api()], [hop(node, (node.name,))], ["its access list lets everybody in"])


def read_by_all(graph: Graph) -> Iterator[dict[str, Any]]:
    """Buckets that hold objects whose own access list lets everybody in, an entry for each bucket. That of an object is
    followed where that of its bucket would be."""
    public: dict[str, list[Node]] = {}
    for node in (each for kind in _OBJECTS for each in graph.all(kind) if _public(each)):
        for bucket in graph.link(node, "bucket", _BUCKET).nodes:
            public.setdefault(bucket.urn, []).append(node)
    for bucket in graph.all(_BUCKET):
        names = sorted(each.name for each in public.get(bucket.urn, ()))
        if names and not _ignored(graph, bucket):
            shown = ", ".join(names[:_NAMED]) + (f" and {len(names) - _NAMED} more" if len(names) > _NAMED else "")
            said = [f"the access list of {shown} lets everybody in"]
            yield entry(bucket, "public objects", [_api()], [hop(bucket, (bucket.name,))], said)


def _public(node: Node) -> bool:
    policies = [*maps(node.inputs.get("accessControlPolicy"))]
    grants = [*maps(node.inputs.get("grants")), *(grant for one in policies for grant in maps(one.get("grants")))]
    uris = [grant.get("uri") for grant in grants]
    uris += [who.get("uri") for grant in grants for who in maps(grant.get("grantee"))]
    return node.inputs.get("acl") in _PUBLIC or any(isinstance(uri, str) and uri.endswith(_GROUPS) for uri in uris)


def ignored_lists(graph: Graph) -> Iterator[tuple[Node, str]]:
    """Buckets whose access list, or that of an object, would let everybody in, and why it does not."""
    held = {
        bucket.urn
        for node in (each for kind in _OBJECTS for each in graph.all(kind) if _public(each))
        for bucket in graph.link(node, "bucket", _BUCKET).nodes
    }
    for node in graph.all(_BUCKET):
        lists = [node, *graph.owned(node, "aws:s3/bucketAcl:BucketAcl", "bucket")]
        asked = "its access list" if any(map(_public, lists)) else "the access list of an object"
        if (node.urn in held or any(map(_public, lists))) and (why := _ignored(graph, node)):
            yield node, f"{asked} lets everybody in, and {why}"


def blocked(graph: Graph, bucket: Node, *keys: str) -> str:
    """Why a bucket is not public whatever its policy or access list says; an empty text where nothing keeps it shut.
    `keys`: the settings of a public access block, any of which does."""
    own = graph.owned(bucket, _BLOCK, "bucket")
    if not own:
        return "AWS blocks public access of a new bucket (since 2023-04), which nothing here turns off"
    if any(block.inputs.get(key) is True for block in (*own, *graph.all(_ACCOUNT)) for key in keys):
        return "a public access block holds against that"
    return ""


def _ignored(graph: Graph, bucket: Node) -> str:
    owners = [
        rule.get("objectOwnership")
        for controls in graph.owned(bucket, _OWNERSHIP, "bucket")
        for rule in maps(controls.inputs.get("rule"))
    ]
    if not owners or "BucketOwnerEnforced" in owners:
        return (
            "AWS takes no access lists there: its object ownership is BucketOwnerEnforced, as that of a new bucket is"
        )
    return blocked(graph, bucket, "ignorePublicAcls", "blockPublicAcls")


def _api(sure: bool = True) -> Open:
    why = "" if sure else "whether its conditions narrow it is not known"
    return Open("AWS API", "yes" if sure else "not known", ["everybody"], Answer(True if sure else None, why=why))
