"""What AWS refuses of resources of one program beside each other, at the request that makes one of them.

A rule speaks only of resources that the program makes anew with AWS itself, and of values that are known: at an
update, where ids and ARNs lead from one to the other. What may be somebody else's, or comes later, passes. It is a
remark and no mistake of the program: the provider's own check takes it, and what was made when AWS had other rules, or
beside something that nobody here knows of, stays as it is. Each reason ends with the error that AWS answers with, as
its API references and the reports of those who met it have it (2026-11).
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from preflight import provider_check
from preflight.between import buckets, logs, names, networks, permissions, places, tasks
from preflight.between.made import Made
from preflight.registry import Entry

Lookups = Iterable[Mapping[str, Any]]


def remarks(entries: Iterable[Entry], lookups: Lookups = (), *, region_known: bool) -> Iterator[str]:
    """Of all resources of a program that ran to its end as an update, and what it has looked up. `region_known`:
    whether stack or environment say in which region it is to run, or one is assumed."""
    made = Made(entries, lookups)
    for part in (buckets, logs, names, networks, permissions, tasks, *([places] if region_known else [])):
        for entry, problem in part.problems(made):
            told = provider_check.fault(entry, problem.property, problem.reason)
            place = f" ({told.source})" if told.source else ""
            yield f"AWS refuses to make {told.message}{place}"
