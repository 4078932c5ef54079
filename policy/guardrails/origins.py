"""What a value that is not known yet may turn out to be, judged by the resources it comes from."""

from __future__ import annotations

import re

from . import kinds
from .reading import Unknown
from .verdicts import View

_MADE_SECRET = re.compile(r"^random:index/random(Password|Bytes):|^tls:index/privateKey:|^aws:iam/accessKey:")
_PLAIN = ("aws:", "docker-build:", "docker:", "awsx:")
_HOSTS = frozenset(
    {
        kinds.DB_INSTANCE, kinds.DB_CLUSTER, kinds.DB_CLUSTER_INSTANCE, kinds.DOCDB_CLUSTER, kinds.NEPTUNE_CLUSTER,
        kinds.REDSHIFT_CLUSTER, kinds.CACHE_CLUSTER, kinds.CACHE_REPLICATION_GROUP, kinds.CACHE_SERVERLESS,
        kinds.MEMORYDB_CLUSTER, kinds.MSK_CLUSTER, "aws:mq/broker:Broker",
    }
)  # fmt: skip
"""What people put into a URL, behind a password."""


def is_secret(origin: Unknown, view: View) -> bool:
    """Whether it is made of a secret that a resource of the program makes."""
    return any(_MADE_SECRET.match(source.kind) for source in view.graph.sources(origin))


def is_harmless(origin: Unknown, view: View, *, hosts: bool = False) -> bool:
    """Whether it is made of nothing but ids, ARNs and names of AWS resources and images; also of `hosts`."""
    sources = view.graph.sources(origin)
    return (
        bool(sources)
        and len(sources) == len(set(origin.sources))
        and all(source.kind.startswith(_PLAIN) and (hosts or source.kind not in _HOSTS) for source in sources)
        and not is_secret(origin, view)
    )
