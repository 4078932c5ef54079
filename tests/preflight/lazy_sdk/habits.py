"""Things that programs do with an SDK, beside declaring resources: each does one and returns what it saw."""

import copy
import importlib
import inspect
import json
import pickle
import sys
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pulumi
import pulumi_aws
import pulumi_awsx

aws: Any = pulumi_aws  # the checker would object to much of what a program may try
awsx: Any = pulumi_awsx


def from_import_of_a_resource() -> Any:
    vpc = _executed("from pulumi_aws.ec2 import Vpc")["Vpc"]
    return vpc.__module__, vpc is aws.ec2.Vpc, isinstance(vpc, type)


def star_import_of_a_service() -> Any:
    names = _executed("from pulumi_aws.kms import *")
    return sorted(names), names["Key"] is aws.kms.Key


def star_import_of_nested_types() -> Any:
    return sorted(_executed("from pulumi_aws.sns._inputs import *")), aws.sns._inputs.__all__


def import_of_a_module_named_like_its_function() -> Any:
    by_name = _executed("import pulumi_aws.ec2.get_ami as by_name")["by_name"]
    module = sys.modules["pulumi_aws.ec2.get_ami"]
    return type(by_name).__name__, by_name is aws.ec2.get_ami, type(module).__name__, module.__name__


def import_of_a_module_before_its_function() -> Any:
    module = importlib.import_module("pulumi_aws.ec2.get_vpc")
    return type(module).__name__, type(aws.ec2.get_vpc).__name__, aws.ec2.get_vpc is module.get_vpc


def region_from_the_configuration() -> Any:
    pulumi.runtime.set_all_config({"aws:region": "eu-central-1"})
    return aws.config.region, type(aws.config).__name__


def hints_of_public_properties() -> Any:
    owners = (aws.sns.Topic, aws.sns.TopicSubscription, aws.lb.Listener, aws.ecs.service.ServiceArgs)
    return [
        (owner.__name__, name, member.fget.__annotations__)
        for owner in owners
        for name, member in sorted(vars(owner).items())
        if isinstance(member, property)
    ]


def enumerations() -> Any:
    micro = aws.ec2.InstanceType.T3_MICRO
    return micro.value, aws.ec2.InstanceType("t3.micro") is micro, len(aws.ec2.InstanceType), type(micro).__mro__


def enumerations_through_the_modules_that_star_import_them() -> Any:
    return aws.ec2.instance.InstanceType is aws.ec2.InstanceType, aws.iam.role.RoleInlinePolicyArgs.__name__


def arguments_keep_what_they_are_given() -> Any:
    args = aws.ec2.InstanceRootBlockDeviceArgs(encrypted=True, tags={"a": "b"})
    return (
        args.encrypted,
        args.tags,
        args.volume_size,
        args == aws.ec2.InstanceRootBlockDeviceArgs(encrypted=True, tags={"a": "b"}),
    )


def pickling_by_reference() -> Any:
    args = aws.kms.GrantConstraintArgs(encryption_context_equals={"a": "b"})
    again = pickle.loads(pickle.dumps(args))
    kept = pickle.loads(pickle.dumps(aws.kms.outputs.GetSecretSecretResult))
    return again == args, type(again) is type(args), kept is aws.kms.outputs.GetSecretSecretResult


def deep_copies() -> Any:
    args = aws.kms.GrantConstraintArgs(encryption_context_equals={"a": "b"})
    again = copy.deepcopy(args)
    return again == args, again is args, isinstance(again, aws.kms.GrantConstraintArgs)


def monkeypatching() -> Any:
    original = aws.sns.get_topic
    aws.sns.get_topic = lambda name: f"patched {name}"
    try:
        return aws.sns.get_topic("a")
    finally:
        aws.sns.get_topic = original


def names_that_do_not_exist() -> Any:
    told = []
    for holder in (aws.ec2, aws.ec2._inputs, aws.ec2.outputs, aws.ec2.instance):
        try:
            holder.Vcp  # noqa: B018
        except AttributeError as error:
            told.append(str(error))
    try:
        importlib.import_module("pulumi_aws.ec2.vcp")
    except ModuleNotFoundError as error:
        told.append(str(error))
    return told


def listing_of_names() -> Any:
    assert aws.acm.Certificate is not None
    listed = [name for name in dir(aws.acm) if not name.startswith("__")]
    return listed, [name for name in dir(aws.acm._inputs) if name.endswith("Args")]


def many_threads_at_once() -> Any:
    names = [name for name in aws.ecs._inputs.__all__ if name.endswith("Args")] * 8
    with ThreadPoolExecutor(8) as pool:
        classes = list(pool.map(lambda name: getattr(aws.ecs, name), names))
    seen: dict[str, set[int]] = {}
    for name, one in zip(names, classes, strict=True):
        seen.setdefault(name, set()).add(id(one))
    return len(seen), [name for name, ids in seen.items() if len(ids) != 1]


def another_sdk() -> Any:
    return awsx.ecr.BuilderVersion.BUILDER_BUILD_KIT.value, awsx.ecr.Image.__module__, awsx.ecs.FargateService.__name__


def where_the_source_of_a_class_is() -> Any:
    told = []
    for one in (aws.lb.TargetGroupHealthCheckArgs, aws.lb.ListenerDefaultActionForwardArgs):  # no type in it, and some
        text, line = inspect.getsourcelines(one)
        method = one.__init__.__code__
        last = max(number for *_, number in method.co_lines() if number)
        told.append((text[:2], line, method.co_firstlineno, last, method.co_filename))
    return told


def lines(_: list[str]) -> Iterator[str]:
    """One JSON line for each habit: its name and what it saw."""
    for name, habit in list(globals().items()):
        if inspect.isfunction(habit) and habit.__module__ == __name__ and not habit.__code__.co_argcount:
            yield json.dumps([name, repr(habit())])


def _executed(statement: str) -> dict[str, Any]:
    """The names that a statement binds."""
    names: dict[str, Any] = {}
    exec(statement, names)
    del names["__builtins__"]
    return names
