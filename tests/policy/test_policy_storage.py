"""Buckets and their companions, under every name and nesting."""

import json
from collections.abc import Callable
from typing import Any

import pytest
from guardrails import kinds
from guardrails.verdicts import Outcome

from tests.gathered import for_each
from tests.policy.graphs import Derived, Elsewhere, Phase, Program, complaints, json_of, only, outcomes
from tests.policy.houses import BLOCK_FLAGS, bucket, policy_of, statement, tls_only

BLOCK = "s3-block-public-access"
ACL = "s3-no-public-acl"
POLICY = "s3-no-public-policy"
TLS = "s3-tls-only"
OWNERSHIP = "s3-acl-disabled"
ENCRYPTION = "s3-encryption"
COMPANIONS = {
    BLOCK: "files-block",
    OWNERSHIP: "files-ownership",
    ENCRYPTION: "files-encryption",
    TLS: "files-policy",
}


@pytest.fixture
def program() -> Program:
    return bucket()


@for_each("control", [*COMPANIONS, ACL, POLICY], changes=["program"])
def test_a_bucket_with_all_companions_passes(program: Program, phase: Phase, control: str) -> None:
    assert complaints(program, phase, control) == {}


@pytest.mark.parametrize(("control", "companion"), COMPANIONS.items())
def test_a_missing_companion_is_a_violation_of_its_control_alone(
    program: Program, phase: Phase, control: str, companion: str
) -> None:
    del program[companion]
    assert {c for c in COMPANIONS if complaints(program, phase, c)} == {control}
    assert complaints(program, phase, control) == {"files": Outcome.VIOLATION}


@pytest.mark.parametrize(("control", "companion"), COMPANIONS.items())
def test_a_companion_of_an_unknown_bucket_makes_it_undecided_at_preview(
    program: Program, control: str, companion: str
) -> None:
    program[companion].inputs["bucket"] = Elsewhere(program["files"].known("id"))
    assert complaints(program, "preview", control) == {"files": Outcome.UNDECIDED}
    assert complaints(program, "update", control) == {}


@pytest.mark.parametrize(("control", "companion"), COMPANIONS.items())
def test_a_companion_of_another_bucket_does_not_help(
    program: Program, phase: Phase, control: str, companion: str
) -> None:
    other = program.add(kinds.BUCKET, "other")
    program[companion].inputs["bucket"] = other.id
    assert complaints(program, phase, control)["files"] is Outcome.VIOLATION


@pytest.mark.parametrize(("control", "companion"), COMPANIONS.items())
def test_a_companion_found_by_literal_name_counts(program: Program, phase: Phase, control: str, companion: str) -> None:
    program["files"].inputs["bucket"] = "acme-files"
    program[companion].inputs["bucket"] = "acme-files"
    assert complaints(program, phase, control) == {}


def test_a_name_passed_on_by_another_companion_counts(program: Program, phase: Phase) -> None:
    program["files-block"].inputs["bucket"] = program["files-policy"].out("bucket")
    assert complaints(program, phase, BLOCK) == {}


def test_second_edition_tokens_and_their_nesting_are_read(program: Program, phase: Phase) -> None:
    program["files"].type = "aws:s3/bucketV2:BucketV2"
    encryption = program["files-encryption"]
    encryption.type = "aws:s3/bucketServerSideEncryptionConfigurationV2:BucketServerSideEncryptionConfigurationV2"
    (rule,) = encryption.inputs["rules"]
    rule["applyServerSideEncryptionByDefault"] = [rule["applyServerSideEncryptionByDefault"]]
    for control in COMPANIONS:
        assert complaints(program, phase, control) == {}
    program.add(
        "aws:s3/bucketAclV2:BucketAclV2", "acl", bucket=program["files"].id,
        accessControlPolicy=[{"grants": [{"grantee": [{"uri": "http://acs.amazonaws.com/groups/global/AllUsers"}]}]}],
    )  # fmt: skip
    assert complaints(program, phase, ACL) == {"acl": Outcome.VIOLATION}


@for_each("flag", BLOCK_FLAGS, changes=["program"])
@for_each("value", [False, None, "false"], changes=["program"])
def test_each_flag_counts_and_is_off_by_default(program: Program, phase: Phase, flag: str, value: Any) -> None:
    program["files-block"].inputs[flag] = value
    verdict = only(program, phase, BLOCK)
    assert verdict.finding.outcome is Outcome.VIOLATION
    assert verdict.finding.says.startswith(flag)


def test_an_account_wide_block_fills_what_a_bucket_leaves_out(program: Program, phase: Phase) -> None:
    program["files-block"].inputs["blockPublicAcls"] = False
    program.add(kinds.ACCOUNT_PUBLIC_ACCESS_BLOCK, "account", blockPublicAcls=True)
    assert complaints(program, phase, BLOCK) == {}


def test_a_derived_flag_is_undecided_until_the_update(program: Program) -> None:
    source = program.add("aws:ssm/parameter:Parameter", "flag")
    program["files-block"].inputs["blockPublicAcls"] = Derived((source.out("value"),), lambda _: False)
    assert complaints(program, "preview", BLOCK) == {"files": Outcome.UNDECIDED}
    assert complaints(program, "update", BLOCK) == {"files": Outcome.VIOLATION}


@pytest.mark.parametrize("acl", ["public-read", "public-read-write", "authenticated-read"])
def test_a_public_canned_acl_is_found_on_both_types(program: Program, phase: Phase, acl: str) -> None:
    program.add(kinds.BUCKET_ACL, "acl", bucket=program["files"].id, acl=acl)
    program["files"].inputs["acl"] = acl
    assert complaints(program, phase, ACL) == {"acl": Outcome.VIOLATION, "files": Outcome.VIOLATION}


@pytest.mark.parametrize("acl", ["private", "log-delivery-write", "bucket-owner-full-control"])
def test_other_canned_acls_pass(program: Program, phase: Phase, acl: str) -> None:
    program.add(kinds.BUCKET_ACL, "acl", bucket=program["files"].id, acl=acl)
    assert complaints(program, phase, ACL) == {}


@pytest.mark.parametrize(
    "token",
    ["aws:s3/bucketObject:BucketObject", "aws:s3/bucketObjectv2:BucketObjectv2", "aws:s3/objectCopy:ObjectCopy"],
)
def test_a_public_acl_of_an_object_is_found(program: Program, phase: Phase, token: str) -> None:
    program.add(token, "page", bucket=program["files"].id, acl="private")
    assert complaints(program, phase, ACL) == {}
    program["page"].inputs["acl"] = "public-read"
    assert complaints(program, phase, ACL) == {"page": Outcome.VIOLATION}


def test_a_public_grant_of_a_copied_object_is_found(program: Program, phase: Phase) -> None:
    uri = "http://acs.amazonaws.com/groups/global/AllUsers"
    program.add(kinds.OBJECT_COPY, "copy", bucket="other", grants=[{"uri": uri, "permissions": ["READ"]}])
    assert complaints(program, phase, ACL) == {"copy": Outcome.VIOLATION}


def test_a_grant_on_the_bucket_itself_is_found(program: Program, phase: Phase) -> None:
    uri = "http://acs.amazonaws.com/groups/global/AuthenticatedUsers"
    program["files"].inputs["grants"] = [{"type": "Group", "permissions": ["READ"], "uri": uri}]
    assert complaints(program, phase, ACL) == {"files": Outcome.VIOLATION}


def test_a_derived_acl_is_undecided_until_the_update(program: Program) -> None:
    source = program.add("aws:ssm/parameter:Parameter", "acl-name")
    program.add(
        kinds.BUCKET_ACL, "acl", bucket=program["files"].id, acl=Derived((source.arn,), lambda _: "public-read")
    )
    assert complaints(program, "preview", ACL) == {"acl": Outcome.UNDECIDED}
    assert complaints(program, "update", ACL) == {"acl": Outcome.VIOLATION}


PUBLIC: list[dict[str, Any]] = [
    statement(Principal="*", Action="s3:GetObject", Resource="*"),
    statement(Principal={"AWS": "*"}, Action="s3:GetObject", Resource="*"),
    statement(Principal={"AWS": ["arn:aws:iam::111122223333:root", "*"]}, Action="s3:GetObject", Resource="*"),
    statement(NotPrincipal={"AWS": "arn:aws:iam::111122223333:root"}, Action="s3:GetObject", Resource="*"),
    statement(Principal="*", Action="s3:GetObject", Resource="*", Condition={"Bool": {"aws:SecureTransport": "true"}}),
]


@for_each("public", PUBLIC, changes=["program"])
@for_each("where", ["policy", "bucket", "access point"], changes=["program"])
def test_a_policy_for_everyone_is_found(program: Program, phase: Phase, public: dict[str, Any], where: str) -> None:
    name, kind = {
        "policy": ("files-policy", None),
        "bucket": ("files", None),
        "access point": ("point", kinds.ACCESS_POINT),
    }[where]
    if kind is not None:
        program.add(kind, name, bucket=program["files"].id)
    program[name].inputs["policy"] = json.dumps({"Statement": public})
    assert complaints(program, phase, POLICY) == {name: Outcome.VIOLATION}


def test_an_unknown_document_without_statements_is_undecided_until_the_update(program: Program) -> None:
    program["files-policy"].parent = None
    del program["files-policy-room"]
    program["files-policy"].inputs["policy"] = policy_of(program["files"].arn, PUBLIC[0])
    for control, name in ((POLICY, "files-policy"), (TLS, "files")):
        assert complaints(program, "preview", control)[name] is Outcome.UNDECIDED
    assert complaints(program, "update", POLICY) == {"files-policy": Outcome.VIOLATION}
    assert complaints(program, "update", TLS) == {}


def test_what_the_component_says_is_judged_while_the_document_is_unknown(program: Program) -> None:
    program["files-policy-room"].inputs["statements"].append(PUBLIC[0])
    verdict = only(program, "preview", POLICY)
    assert verdict.finding.outcome is Outcome.VIOLATION
    assert verdict.finding.path == ("bucket policy files-policy", "statements of files-policy-room")


NOT_TLS_ONLY: list[Callable[[str], dict[str, Any]]] = [
    tls_only,
    lambda arn: tls_only(f"{arn}/*"),
    lambda arn: tls_only("arn:aws:s3:::other", "arn:aws:s3:::other/*"),
    lambda arn: tls_only(arn, f"{arn}/*") | {"Effect": "Allow"},
    lambda arn: tls_only(arn, f"{arn}/*") | {"Action": "s3:GetObject"},
    lambda arn: tls_only(arn, f"{arn}/*") | {"Principal": {"AWS": "arn:aws:iam::111122223333:root"}},
    lambda arn: tls_only(arn, f"{arn}/*") | {"Condition": {"Bool": {"aws:SecureTransport": "true"}}},
    lambda arn: (
        tls_only(arn, f"{arn}/*")
        | {"Condition": {"Bool": {"aws:SecureTransport": "false"}, "StringEquals": {"aws:PrincipalOrgID": "o-acme"}}}
    ),
]


@pytest.mark.parametrize("document", NOT_TLS_ONLY)
def test_a_denial_that_leaves_something_open_is_none(program: Program, document: Any) -> None:
    made = program["files"]
    program["files-policy"].inputs["policy"] = json_of(made.arn, make=lambda arn: {"Statement": document(arn)})
    assert complaints(program, "update", TLS) == {"files": Outcome.VIOLATION}


@pytest.mark.parametrize(
    "document",
    [
        lambda arn: tls_only(arn, f"{arn}/*"),
        lambda arn: tls_only(f"{arn}*"),
        lambda arn: tls_only("*"),
        lambda arn: tls_only(arn, f"{arn}/*") | {"Action": "*", "Principal": {"AWS": "*"}},
        lambda arn: tls_only(arn, f"{arn}/*") | {"Condition": {"BoolIfExists": {"AWS:securetransport": [False]}}},
    ],
)
def test_every_spelling_of_the_denial_counts(program: Program, document: Any) -> None:
    made = program["files"]
    program["files-policy"].inputs["policy"] = json_of(made.arn, make=lambda arn: {"Statement": document(arn)})
    assert complaints(program, "update", TLS) == {}


@pytest.mark.parametrize("partition", ["aws", "aws-cn", "aws-us-gov"])
def test_a_bucket_is_named_in_its_partition_while_its_arn_is_unknown(
    program: Program, phase: Phase, partition: str
) -> None:
    program["files"].inputs["bucket"] = "acme-files"
    arn = f"arn:{partition}:s3:::acme-files"
    program["files-policy"].inputs["policy"] = json.dumps({"Statement": tls_only(arn, f"{arn}/*")})
    assert complaints(program, phase, TLS) == {}
    half = {"Statement": tls_only(arn, "arn:aws-iso:s3:::acme-files/*")}
    program["files-policy"].inputs["policy"] = json.dumps(half)
    assert complaints(program, phase, TLS) == {"files": Outcome.VIOLATION}, "bucket and objects are in one partition"


@pytest.mark.parametrize("part", ["Condition", "Effect"])
def test_a_denial_with_an_unknown_part_is_undecided_at_preview(program: Program, part: str) -> None:
    denial = tls_only("*")
    final = denial[part]
    source = program.add("aws:ssm/parameter:Parameter", "part")
    denial[part] = Derived((source.out("value"),), lambda _: final)
    program["files-policy"].inputs["policy"] = {"Statement": [denial]}
    assert complaints(program, "preview", TLS) == {"files": Outcome.UNDECIDED}
    assert complaints(program, "update", TLS) == {}


def test_one_unknown_arn_is_not_taken_for_bucket_and_objects(program: Program) -> None:
    program["files-policy-room"].inputs["statements"] = [tls_only(program["files"].arn)]
    assert complaints(program, "preview", TLS) == {"files": Outcome.UNDECIDED}


def test_arns_of_another_bucket_are_not_taken_for_this_one(program: Program) -> None:
    other = program.add(kinds.BUCKET, "other")
    program["files-policy-room"].inputs["statements"] = [tls_only(other.arn, other.out("id"))]
    assert complaints(program, "preview", TLS)["files"] is Outcome.UNDECIDED


@pytest.mark.parametrize("ownership", ["BucketOwnerPreferred", "ObjectWriter"])
def test_ownership_that_keeps_acls_is_a_violation(program: Program, phase: Phase, ownership: str) -> None:
    program["files-ownership"].inputs["rule"] = {"objectOwnership": ownership}
    assert complaints(program, phase, OWNERSHIP) == {"files": Outcome.VIOLATION}


@pytest.mark.parametrize(
    ("algorithm", "bucket_key", "verdict"),
    [
        ("AES256", None, Outcome.PASS),
        ("aws:kms", True, Outcome.PASS),
        ("aws:kms", None, Outcome.VIOLATION),
        ("aws:kms", False, Outcome.VIOLATION),
        ("aws:kms:dsse", None, Outcome.PASS),
    ],
)
def test_kms_wants_a_bucket_key(
    program: Program, phase: Phase, algorithm: str, bucket_key: bool | None, verdict: Outcome
) -> None:
    default = {"sseAlgorithm": algorithm, "kmsMasterKeyId": program.add("aws:kms/key:Key", "key").arn}
    program["files-encryption"].inputs["rules"] = [
        {"applyServerSideEncryptionByDefault": default, "bucketKeyEnabled": bucket_key}
    ]
    assert outcomes(program, phase, ENCRYPTION) == {"files": verdict}


def test_inline_encryption_counts(program: Program, phase: Phase) -> None:
    del program["files-encryption"]
    rule = {"applyServerSideEncryptionByDefault": {"sseAlgorithm": "AES256"}}
    program["files"].inputs["serverSideEncryptionConfiguration"] = {"rule": rule}
    assert complaints(program, phase, ENCRYPTION) == {}


@pytest.mark.parametrize("algorithm", ["AES256", "aws:kms"])
def test_inline_encryption_of_the_second_edition_counts(program: Program, phase: Phase, algorithm: str) -> None:
    del program["files-encryption"]
    program["files"].type = "aws:s3/bucketV2:BucketV2"
    rule = {"applyServerSideEncryptionByDefaults": [{"sseAlgorithm": algorithm}]}
    program["files"].inputs["serverSideEncryptionConfigurations"] = [{"rules": [rule]}]
    expected = {} if algorithm == "AES256" else {"files": Outcome.VIOLATION}
    assert complaints(program, phase, ENCRYPTION) == expected


def test_a_derived_algorithm_is_undecided_until_the_update(program: Program) -> None:
    source = program.add("aws:ssm/parameter:Parameter", "algorithm")
    default = {"sseAlgorithm": Derived((source.out("value"),), lambda _: "AES256")}
    program["files-encryption"].inputs["rules"] = [{"applyServerSideEncryptionByDefault": default}]
    assert complaints(program, "preview", ENCRYPTION) == {"files": Outcome.UNDECIDED}
    assert complaints(program, "update", ENCRYPTION) == {}
