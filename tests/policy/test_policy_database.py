"""Two flags and their provider defaults."""

from typing import Any

import pytest
from guardrails import kinds
from guardrails.verdicts import Outcome

from tests.gathered import for_each
from tests.policy.graphs import Derived, Phase, Program, complaints, only, outcomes

PUBLIC = "rds-not-publicly-accessible"
ENCRYPTED = "rds-storage-encrypted"
ANY = for_each("kind", [kinds.DB_INSTANCE, kinds.DB_CLUSTER, kinds.DB_CLUSTER_INSTANCE])
STORED = for_each(
    "kind",
    [kinds.DB_INSTANCE, kinds.DB_CLUSTER, kinds.DB_GLOBAL_CLUSTER, kinds.DOCDB_CLUSTER, kinds.NEPTUNE_CLUSTER],
)


def one(kind: str, **inputs: Any) -> Program:
    program = Program()
    program.add(kind, "db", **inputs)
    return program


@ANY
@for_each(
    "value, verdict",
    [(True, Outcome.VIOLATION), ("true", Outcome.VIOLATION), (False, Outcome.PASS), (None, Outcome.PASS)],
)
def test_a_public_address_is_a_violation_and_off_by_default(
    phase: Phase, kind: str, value: Any, verdict: Outcome
) -> None:
    assert outcomes(one(kind, publiclyAccessible=value), phase, PUBLIC) == {"db": verdict}


def test_a_flag_that_nobody_set_is_off_although_it_is_unknown(phase: Phase) -> None:
    assert outcomes(one(kinds.DB_CLUSTER_INSTANCE), phase, PUBLIC) == {"db": Outcome.PASS}


@pytest.mark.parametrize(("control", "key"), [(PUBLIC, "publiclyAccessible"), (ENCRYPTED, "storageEncrypted")])
def test_a_derived_flag_is_undecided_until_the_update(control: str, key: str) -> None:
    program = one(kinds.DB_INSTANCE)
    source = program.add("aws:ssm/parameter:Parameter", "flag")
    program["db"].inputs[key] = Derived((source.out("value"),), lambda _: key == "publiclyAccessible")
    verdict = only(program, "preview", control)
    assert verdict.finding.outcome is Outcome.UNDECIDED
    assert "parameter flag" in verdict.finding.says
    assert complaints(program, "update", control) == {"db": Outcome.VIOLATION}


@STORED
@for_each(
    "value, verdict",
    [(True, Outcome.PASS), ("true", Outcome.PASS), (False, Outcome.VIOLATION), (None, Outcome.VIOLATION)],
)
def test_storage_is_encrypted_only_when_it_says_so(phase: Phase, kind: str, value: Any, verdict: Outcome) -> None:
    assert outcomes(one(kind, storageEncrypted=value), phase, ENCRYPTED) == {"db": verdict}


def test_a_key_alone_encrypts_nothing(phase: Phase) -> None:
    assert outcomes(one(kinds.DB_CLUSTER, kmsKeyId="arn:aws:kms:x"), phase, ENCRYPTED) == {"db": Outcome.VIOLATION}


@pytest.mark.parametrize("source", ["snapshotIdentifier", "replicateSourceDb"])
def test_what_is_made_from_another_database_inherits_and_is_undecided(phase: Phase, source: str) -> None:
    assert outcomes(one(kinds.DB_INSTANCE, **{source: "old"}), phase, ENCRYPTED) == {"db": Outcome.UNDECIDED}
    explicit = one(kinds.DB_INSTANCE, **{source: "old"}, storageEncrypted=False)
    assert outcomes(explicit, phase, ENCRYPTED) == {"db": Outcome.VIOLATION}


@pytest.mark.parametrize(("mode", "verdict"), [("serverless", Outcome.PASS), ("provisioned", Outcome.VIOLATION)])
def test_only_the_first_serverless_edition_encrypts_by_itself(phase: Phase, mode: str, verdict: Outcome) -> None:
    assert outcomes(one(kinds.DB_CLUSTER, engineMode=mode), phase, ENCRYPTED) == {"db": verdict}


def test_a_global_cluster_is_not_excused_by_its_own_name(phase: Phase) -> None:
    program = one(kinds.DB_GLOBAL_CLUSTER, globalClusterIdentifier="world")
    assert outcomes(program, phase, ENCRYPTED) == {"db": Outcome.VIOLATION}


def test_the_first_serverless_edition_is_encrypted_whatever_the_flag_says(phase: Phase) -> None:
    program = one(kinds.DB_CLUSTER, engineMode="serverless", storageEncrypted=False)
    assert outcomes(program, phase, ENCRYPTED) == {"db": Outcome.PASS}


@pytest.mark.parametrize("blank", ["", [], [""]])
def test_an_empty_source_is_none(phase: Phase, blank: Any) -> None:
    program = one(kinds.DB_INSTANCE, snapshotIdentifier=blank)
    assert outcomes(program, phase, ENCRYPTED) == {"db": Outcome.VIOLATION}


@pytest.mark.parametrize(
    ("encrypted", "verdict"), [(True, Outcome.PASS), (False, Outcome.VIOLATION), (None, Outcome.VIOLATION)]
)
def test_a_replica_is_encrypted_when_its_source_is(phase: Phase, encrypted: bool | None, verdict: Outcome) -> None:
    program = one(kinds.DB_INSTANCE, storageEncrypted=encrypted)
    program.add(kinds.DB_INSTANCE, "replica", replicateSourceDb=program["db"].arn)
    program.add(kinds.DB_INSTANCE, "second", replicateSourceDb=program["replica"].arn)
    found = outcomes(program, phase, ENCRYPTED)
    assert (found["replica"], found["second"]) == (verdict, verdict)


def test_a_replica_of_what_inherits_itself_or_with_a_key_of_its_own_is_undecided(phase: Phase) -> None:
    program = one(kinds.DB_INSTANCE, snapshotIdentifier="old")
    program.add(kinds.DB_INSTANCE, "replica", replicateSourceDb=program["db"].arn)
    program.add(kinds.DB_INSTANCE, "plain")
    program.add(kinds.DB_CLUSTER, "moved", replicationSourceIdentifier=program["plain"].arn, kmsKeyId="arn:aws:kms:x")
    found = outcomes(program, phase, ENCRYPTED)
    assert (found["replica"], found["moved"]) == (Outcome.UNDECIDED, Outcome.UNDECIDED)


def test_databases_that_copy_each_other_are_undecided_and_no_fault(phase: Phase) -> None:
    program = one(kinds.DB_INSTANCE, identifier="a", replicateSourceDb="b")
    program.add(kinds.DB_INSTANCE, "other", identifier="b", replicateSourceDb="a")
    assert set(outcomes(program, phase, ENCRYPTED).values()) == {Outcome.UNDECIDED}
