"""What belongs to a bucket: the resources that AWS lets people configure it with, whatever edition they are of."""

from __future__ import annotations

from collections.abc import Iterator

from . import kinds
from .graph import Graph, Members, Node
from .joins import BUCKET
from .reading import Known, Record, Unknown, Value
from .verdicts import Finding, View, waits

COMPANIONS = (
    kinds.BUCKET_PUBLIC_ACCESS_BLOCK,
    kinds.BUCKET_OWNERSHIP,
    kinds.BUCKET_VERSIONING,
    kinds.BUCKET_ENCRYPTION,
    kinds.BUCKET_POLICY,
    kinds.BUCKET_ACL,
    kinds.BUCKET_LOGGING,
    kinds.BUCKET_LIFECYCLE,
)
_RECEIVING = (
    (kinds.BUCKET_LOGGING, "", "targetBucket"),
    (kinds.BUCKET, "logging", "targetBucket"),
    (kinds.BUCKET, "loggings", "targetBucket"),
    (kinds.LOAD_BALANCER, "accessLogs", "bucket"),
    (kinds.LOAD_BALANCER, "connectionLogs", "bucket"),
    (kinds.CLASSIC_LOAD_BALANCER, "accessLogs", "bucket"),
    (kinds.DISTRIBUTION, "loggingConfig", "bucket"),
    (kinds.FLOW_LOG, "", "logDestination"),
)
"""Where others name the bucket that gets their access logs: kind, block, property."""


def companions(bucket: Node, view: View, kind: str) -> tuple[tuple[Node, ...], Finding | None]:
    """The companions of a bucket, and the doubt when there is none for sure but one may turn out to be its own.

    Where a control has but one companion to look at, `checks.has_companion` says the same in one line.
    """
    found = view.graph.companions(kind, "bucket", BUCKET)
    mine, maybe = found.of(bucket), found.maybe(bucket)
    if mine or not maybe:
        return mine, None
    return mine, waits(f"whether {maybe[0].label} is for this bucket", bucket.label)


def block(props: Record, *names: str) -> Value[Record]:
    """A bucket's own block, under the name of this edition or of the second one (`versioning`, `versionings`)."""
    found = props.record(names[0])
    return found if isinstance(found, Known | Unknown) or not names[1:] else block(props, *names[1:])


class LogBuckets:
    """The buckets that receive access logs; of `maybe` some may."""

    def __init__(self, graph: Graph) -> None:
        self.sure: set[str] = set()
        self.maybe: set[str] = set()
        self.waits_for: str | None = None
        for value in _targets(graph):
            members = graph.link(value, BUCKET)
            self.sure |= {node.urn for node in members.sure}
            self.maybe |= {node.urn for node in members.maybe}
            if members.waits_for is not None and isinstance(value, Unknown):
                self.waits_for = members.waits_for
        for node in graph.of(kinds.BUCKET_ACL, kinds.BUCKET):
            acl = node.props.text("acl")
            if acl == Known("log-delivery-write") or isinstance(acl, Unknown):
                self._lets_logs_in(graph, node, sure=isinstance(acl, Known))

    def _lets_logs_in(self, graph: Graph, node: Node, *, sure: bool) -> None:
        named = graph.link(node.props.pointer("bucket"), BUCKET)
        members = Members(sure=(node,)) if node.kind == kinds.BUCKET else named
        (self.sure if sure else self.maybe).update(each.urn for each in members.sure)
        self.maybe |= {each.urn for each in members.maybe}
        self.waits_for = members.waits_for or self.waits_for


def _targets(graph: Graph) -> Iterator[Known[str] | Unknown]:
    for kind, outer, key in _RECEIVING:
        for node in graph.of(kind):
            holder: Value[Record] = Known(node.props) if not outer else node.props.record(outer)
            value = holder.value.text(key) if isinstance(holder, Known) else holder
            if isinstance(value, Known):
                yield Known(value.value.partition(".s3.")[0])  # CloudFront wants the name of the host
            elif isinstance(value, Unknown) and value.sources:
                yield value
