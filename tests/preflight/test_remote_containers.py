"""Containers by awsx: what its balancers and services are made of, and what the answers say of a program of them."""

import json
from pathlib import Path
from typing import Any

import pytest

from tests.preflight.cli_support import called
from tests.preflight.recorder_support import by_name, job, record, work, write

HEAD = "import pulumi\nimport pulumi_aws as aws\nimport pulumi_awsx as awsx\n"
URN = "urn:pulumi:dev::demo::"
LB, SERVICE = "awsx:lb:ApplicationLoadBalancer", "awsx:ecs:FargateService"
INNER = f"{SERVICE}$awsx:ecs:FargateTaskDefinition"
CERTIFICATE = '"arn:aws:acm:eu-west-1:111122223333:certificate/1"'
ANYWHERE = {"cidrBlocks": ["0.0.0.0/0"], "ipv6CidrBlocks": ["::/0"]}
OWN_NETWORK = f"""
config = pulumi.Config()
net = awsx.ec2.Vpc("net", number_of_availability_zones=2, nat_gateways={{"strategy": "Single"}})
aws.ec2.DefaultSecurityGroup("closed", vpc_id=net.vpc_id)
out = [{{"protocol": "-1", "from_port": 0, "to_port": 0, "cidr_blocks": ["0.0.0.0/0"], "description": "Out"}}]
door = aws.ec2.SecurityGroup("door", vpc_id=net.vpc_id, description="The balancer", egress=out, ingress=[
    {{"protocol": "tcp", "from_port": 443, "to_port": 443, "cidr_blocks": ["0.0.0.0/0"], "description": "The world"}}])
behind = aws.ec2.SecurityGroup("behind", vpc_id=net.vpc_id, description="The tasks", egress=out, ingress=[
    {{"protocol": "tcp", "from_port": 8080, "to_port": 8080, "security_groups": [door.id], "description": "Calls"}}])
web = awsx.lb.ApplicationLoadBalancer("web", subnet_ids=net.public_subnet_ids, security_groups=[door.id],
    default_target_group={{"port": 8080, "protocol": "HTTP"}},
    listener={{"port": 443, "certificate_arn": {CERTIFICATE}}})
repo = awsx.ecr.Repository("repo")
image = awsx.ecr.Image("image", repository_url=repo.url, context="./app")
app = awsx.ecs.FargateService("app", cluster=aws.ecs.Cluster("cluster").arn,
    desired_count=config.get_int("tasks", 2),
    network_configuration={{"subnets": net.private_subnet_ids, "security_groups": [behind.id]}},
    task_definition_args={{"container": {{"name": "app", "image": image.image_uri, "cpu": 1000, "memory": 2048,
        "essential": True, "port_mappings": [{{"target_group": web.default_target_group}}],
        "environment": [{{"name": "KEY", "value": pulumi.Output.secret("hush-hush")}}]}}}})
pulumi.export("url", web.load_balancer.dns_name)
pulumi.export("vpc", pulumi.Output.all(web.vpc_id, net.vpc_id).apply(lambda ids: ids[0] == ids[1]))
pulumi.export("parts", [web.listeners[0].port, web.default_target_group.port,
                        app.service.desired_count, app.task_definition.network_mode])
"""
TEMPLATE = """
cluster = aws.ecs.Cluster("cluster")
balancer = awsx.lb.ApplicationLoadBalancer("front")
service = awsx.ecs.FargateService("service", cluster=cluster.arn, assign_public_ip=True,
    task_definition_args={"container": {"name": "app", "image": "nginx:1.29", "cpu": 512, "memory": 128,
        "port_mappings": [{"container_port": PORT, "target_group": balancer.default_target_group}]}})
pulumi.export("url", balancer.load_balancer.dns_name)
"""


class Inside:
    """Resources of a recording or report, found by component, kind and name."""

    def __init__(self, resources: list[dict[str, Any]]) -> None:
        self._by_urn = {each["urn"]: each for each in resources}

    def __call__(self, component: str, kind: str, name: str) -> dict[str, Any]:
        return self._by_urn[f"{URN}{component}$aws:{kind}::{name}"]

    def names(self, component: str) -> list[str]:
        inside = (each for each in self._by_urn.values() if each["urn"].startswith(f"{URN}{component}$"))
        return sorted(f"{each['type'].rpartition(':')[2]} {each['name']}" for each in inside)


@pytest.fixture(scope="module")
def shop(tmp_path_factory: pytest.TempPathFactory) -> Path:
    root = write(tmp_path_factory.mktemp("shop"), HEAD + OWN_NETWORK)
    (root / "Pulumi.dev.yaml").write_text("config:\n  aws:region: eu-west-1\n")
    (root / "app").mkdir()
    (root / "app" / "Dockerfile").write_text("FROM scratch\n")
    return root


@pytest.fixture(scope="module")
def report(shop: Path) -> dict[str, Any]:
    ended = called("check", "--program", str(shop), "--policy", "policy", "--json", str(shop / "report.json"))
    assert "hush-hush" not in ended.everything + (shop / "report.json").read_text()
    stack: dict[str, Any] = json.loads((shop / "report.json").read_text())["stacks"]["dev"]
    assert stack["errors"] == []
    return stack


class TestTheAnswersOnAProgram:
    def test_every_child_stands_in_its_component_under_its_name(self, report: dict[str, Any]) -> None:
        inside = Inside(report["resources"])
        assert inside.names(LB) == ["Listener web-0", "LoadBalancer web", "TargetGroup web"]
        assert inside.names(SERVICE) == [
            "FargateTaskDefinition app", "LogGroup app", "Role app-execution", "Role app-task",
            "RolePolicyAttachment app-execution-9a42f520", "Service app", "TaskDefinition app",
        ]  # fmt: skip
        group = inside(LB, "lb/targetGroup:TargetGroup", "web")
        assert group["inputs"]["targetType"] == "ip"
        net = inside("awsx:ec2:Vpc", "ec2/vpc:Vpc", "net")
        owner = {each["urn"]: each for each in report["resources"]}[group["propertyDependencies"]["vpcId"][0]]
        assert owner["parent"] == net["urn"]
        definition = inside(INNER, "ecs/taskDefinition:TaskDefinition", "app")["inputs"]
        assert definition["containerDefinitions"] == {"$secret": True}
        # 1000 units are more than 0.75 vCPU, 2 GB are enough beside a whole one
        assert (definition["cpu"], definition["memory"], definition["networkMode"]) == ("1024", "2048", "awsvpc")

    def test_its_cost_is_that_of_the_children(self, report: dict[str, Any]) -> None:
        lines = {
            (each["urn"].rpartition("$")[2], line["meter"]): line["usd"]["expected"]
            for each in report["cost"]["resources"]
            for line in each["lines"]
        }
        # two tasks of one vCPU and 2 GB for 730 hours: 2 * 730 * 0.04048, and 2 * 2 * 730 * 0.004445
        assert lines["aws:ecs/service:Service::app", "fargate.x86.vcpu_hour"] == "59.10"
        assert lines["aws:ecs/service:Service::app", "fargate.x86.gb_hour"] == "12.98"
        assert lines["aws:lb/loadBalancer:LoadBalancer::web", "alb.hour"] == "18.40"  # 730 * 0.0252
        assert report["cost"]["unpriced"] == []
        components = {each["urn"] for each in report["cost"]["components"]}
        assert components >= {f"{URN}{LB}::web", f"{URN}{SERVICE}::app"}

    def test_the_world_reaches_the_service_through_the_balancer_only(self, report: dict[str, Any]) -> None:
        (entry,) = report["reach"]["entries"]
        service = f"{URN}{SERVICE}$aws:ecs/service:Service::app"
        assert entry["urn"] == f"{URN}{LB}$aws:lb/loadBalancer:LoadBalancer::web"
        assert [(port["port"], port["world"]) for port in entry["ports"]] == [("tcp 443 (HTTPS)", "yes")]
        assert [(to["urn"], to["port"], to["answer"]) for to in entry["to"]] == [(service, 8080, "yes")]
        assert report["reach"]["notRead"] == []
        (found,) = report["reach"]["services"]
        assert found["role"] == f"{URN}{INNER}$aws:iam/role:Role::app-task"
        assert found["internet"]["answer"] == "yes"

    def test_it_is_drawn_with_its_size(self, report: dict[str, Any]) -> None:
        drawn = {each["name"]: each for each in report["picture"]["things"]}
        assert drawn["app"]["badges"] == ["2 tasks", "1 vCPU", "2 GiB"]
        assert drawn["web"]["what"] == "application load balancer"
        assert [(flow["label"], flow["sure"]) for flow in report["picture"]["flows"]] == [
            ("443 HTTPS", True), ("8080", True),
        ]  # fmt: skip

    def test_policies_judge_the_children_at_the_line_of_the_component(self, report: dict[str, Any]) -> None:
        broken = {found["control"]: found for found in report["findings"] if found["verdict"] == "violation"}
        assert set(broken) == {"lb-tls-policy-modern"}
        assert broken["lb-tls-policy-modern"]["urn"] == f"{URN}{LB}$aws:lb/listener:Listener::web-0"
        assert broken["lb-tls-policy-modern"]["source"] == "__main__.py:13"

    def test_what_fails_and_what_takes_long_is_said_of_the_children(self, report: dict[str, Any]) -> None:
        assert report["timeline"]["notCounted"] == []
        chain = [link["urn"].rpartition("$")[2] for link in report["timeline"]["chain"]["links"]]
        assert chain[-1] == "aws:ecs/service:Service::app"
        assert "aws:lb/loadBalancer:LoadBalancer::web" in chain
        zones = {zone["zone"]: zone for zone in report["resilience"]["zones"]}
        assert set(zones) == {"eu-west-1a", "eu-west-1b"}
        assert not any("children are not known" in note for note in report["notes"])

    def test_another_task_is_a_difference_of_one_resource_and_its_cost(
        self, shop: Path, report: dict[str, Any]
    ) -> None:
        given = ["--program", str(shop), "--base", str(shop / "report.json"), "--config", "demo:tasks=3"]
        ended = called("diff", *given, "--no-policy", "--json", "-")
        found = json.loads(ended.out)["stacks"]["dev"]
        changed = {
            each["urn"].rpartition("$")[2]: each["action"] for each in found["resources"] if each["action"] != "none"
        }
        assert changed == {"aws:ecs/service:Service::app": "update"}
        assert found["cost"]["delta"]["expected"] == "36.04"  # 730 * (0.04048 + 2 * 0.004445)
        assert found["reach"] == {"opened": [], "closed": [], "changed": []}

    def test_the_outputs_that_a_program_reads_are_those_of_the_children(
        self, shop: Path, report: dict[str, Any]
    ) -> None:
        preview, update = record(job(shop)), record(job(shop, "update"))
        assert preview["exports"]["url"] == preview["exports"]["vpc"] == {"$unknown": True}
        assert preview["exports"]["parts"] == update["exports"]["parts"] == [443, 8080, 2, "awsvpc"]
        assert update["exports"]["url"].endswith(".elb.amazonaws.com")
        assert update["exports"]["vpc"] is True
        before = Inside(preview["resources"])(INNER, "ecs/taskDefinition:TaskDefinition", "app")["inputs"]
        assert before["containerDefinitions"] == {"$secret": True}
        assert [before[key] for key in ("cpu", "memory", "family")] == [{"$unknown": True}] * 3
        service = Inside(preview["resources"])(SERVICE, "ecs/service:Service", "app")["inputs"]
        assert service["loadBalancers"] == {"$unknown": True}
        assert (service["launchType"], service["waitForSteadyState"]) == ("FARGATE", True)
        assert "taskDefinitionArgs" not in service


class TestTheTemplateInTheDefaultNetwork:
    @pytest.fixture(scope="class")
    @classmethod
    def update(cls, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
        text = TEMPLATE.replace("PORT", "80")
        return record(job(write(tmp_path_factory.mktemp("template"), HEAD + text), "update"))

    def test_the_balancer_and_the_service_are_open_to_everybody(self, update: dict[str, Any]) -> None:
        inside = Inside(update["resources"])
        for group in (inside(LB, "ec2/securityGroup:SecurityGroup", "front"),
                      inside(SERVICE, "ec2/securityGroup:SecurityGroup", "service-sg")):  # fmt: skip
            assert group["inputs"]["ingress"] == [{"fromPort": 0, "toPort": 0, "protocol": "-1", **ANYWHERE}]
            assert group["inputs"]["egress"] == [{"fromPort": 0, "toPort": 65535, "protocol": "tcp", **ANYWHERE}]
        balancer = inside(LB, "lb/loadBalancer:LoadBalancer", "front")["inputs"]
        assert len(balancer["subnets"]) == 3
        network = inside(SERVICE, "ecs/service:Service", "service")["inputs"]["networkConfiguration"]
        assert network["assignPublicIp"] is True
        assert network["subnets"] == balancer["subnets"]
        assert inside(LB, "lb/listener:Listener", "front-0")["inputs"]["protocol"] == "HTTP"
        assert inside(LB, "lb/targetGroup:TargetGroup", "front")["inputs"]["port"] == 80

    def test_the_container_logs_to_its_group_and_gets_the_least_size_that_is_enough(
        self, update: dict[str, Any]
    ) -> None:
        inside = Inside(update["resources"])
        definition = inside(INNER, "ecs/taskDefinition:TaskDefinition", "service")
        (container,) = json.loads(definition["inputs"]["containerDefinitions"])
        assert container["portMappings"] == [{"containerPort": 80, "hostPort": 80}]
        group = inside(INNER, "cloudwatch/logGroup:LogGroup", "service")["outputs"]["name"]
        assert container["logConfiguration"]["options"] == {
            "awslogs-group": group, "awslogs-region": "eu-central-1", "awslogs-stream-prefix": "app",
        }  # fmt: skip
        assert (definition["inputs"]["cpu"], definition["inputs"]["memory"]) == ("512", "1024")
        (target,) = inside(SERVICE, "ecs/service:Service", "service")["inputs"]["loadBalancers"]
        assert (target["containerName"], target["containerPort"]) == ("app", 80)
        needs = inside(SERVICE, "ecs/service:Service", "service")["propertyDependencies"]["loadBalancers"]
        assert f"{URN}{LB}$aws:lb/targetGroup:TargetGroup::front" in needs

    def test_a_port_beside_that_of_the_target_group_is_refused_as_ecs_does(self, tmp_path: Path) -> None:
        found = work(job(write(tmp_path, HEAD + TEMPLATE.replace("PORT", "8080")), "update"))
        assert {error["kind"] for error in found["errors"]} == {"refused"}
        [definition] = (error["message"] for error in found["errors"])
        assert "hostPort (80) has to be the containerPort (8080)" in definition
        [service] = (note for note in found["recording"]["notes"] if note.startswith("AWS refuses to make"))
        assert "has no port 80 in its port_mappings, it has 8080" in service  # what the load balancer sends to


OTHERS = f"""
net = awsx.ec2.Vpc("net", number_of_availability_zones=2, nat_gateways={{"strategy": "None"}})
old = awsx.ec2.DefaultVpc("old")
cluster = aws.ecs.Cluster("cluster")
wire = awsx.lb.NetworkLoadBalancer("wire", subnets=net.public_subnets, default_target_group_port=53)
two = awsx.lb.ApplicationLoadBalancer("two", subnet_ids=old.public_subnet_ids,
    default_security_group={{"args": {{"vpc_id": old.vpc_id, "description": "Closed"}}}},
    listeners=[{{"port": 8080}}, {{"protocol": "HTTPS", "certificate_arn": {CERTIFICATE}}}])
own = awsx.ecs.EC2Service("own", cluster=cluster.arn, continue_before_steady_state=True, task_definition_args={{
    "container": {{"image": "nginx:1.29", "memory": 128,
                   "port_mappings": [{{"target_group": wire.default_target_group, "container_port": 53, "host_port": 5353}}]}},
    "execution_role": {{"skip": True}}, "log_group": {{"skip": True}}, "network_mode": "bridge",
    "task_role": {{"args": {{"policy_arns": ["arn:aws:iam::aws:policy/ReadOnlyAccess"]}}}}}})
alone = awsx.ecs.FargateTaskDefinition("alone", containers={{
    "a": {{"image": "nginx:1.29", "cpu": 256, "memory_reservation": 1500, "memory": 9000}},
    "b": {{"image": "nginx:1.29", "memory": 600, "port_mappings": [{{"target_group": wire.default_target_group, "host_port": 9000, "protocol": "tcp"}}]}}}})
awsx.ecs.FargateService("given", cluster=cluster.arn, task_definition=alone.task_definition.arn,
    capacity_provider_strategies=[{{"capacity_provider": "FARGATE_SPOT", "weight": 1}}],
    network_configuration={{"subnets": net.private_subnet_ids}})
pulumi.export("balancers", alone.load_balancers)
pulumi.export("vpcs", pulumi.Output.all(wire.vpc_id, net.vpc_id, two.vpc_id, old.vpc_id).apply(
    lambda ids: [ids[0] == ids[1], ids[2] == ids[3], ids[0] == ids[2]]))
"""


class TestOtherWaysToAsk:
    @pytest.fixture(scope="class")
    @classmethod
    def update(cls, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
        return record(job(write(tmp_path_factory.mktemp("others"), HEAD + OTHERS), "update"))

    def test_a_network_balancer_has_no_group_and_forwards_tcp(self, update: dict[str, Any]) -> None:
        inside = Inside(update["resources"])
        token = "awsx:lb:NetworkLoadBalancer"
        assert inside.names(token) == ["Listener wire-0", "LoadBalancer wire", "TargetGroup wire"]
        balancer = inside(token, "lb/loadBalancer:LoadBalancer", "wire")["inputs"]
        assert (balancer["loadBalancerType"], balancer["idleTimeout"], len(balancer["subnets"])) == ("network", 0, 2)
        group = inside(token, "lb/targetGroup:TargetGroup", "wire")["inputs"]
        assert (group["protocol"], group["port"], group.get("targetType")) == ("TCP", 53, None)
        assert inside(token, "lb/listener:Listener", "wire-0")["inputs"]["port"] == 80
        assert update["exports"]["vpcs"] == [True, True, False]

    def test_each_listener_has_the_port_of_its_protocol_and_the_target_group_those_of_the_first(
        self, update: dict[str, Any]
    ) -> None:
        inside = Inside(update["resources"])
        listeners = [inside(LB, "lb/listener:Listener", f"two-{number}")["inputs"] for number in (0, 1)]
        assert [(each["port"], each["protocol"]) for each in listeners] == [(8080, "HTTP"), (443, "HTTPS")]
        group = inside(LB, "lb/targetGroup:TargetGroup", "two")
        assert (group["inputs"]["port"], group["inputs"]["protocol"]) == (8080, "HTTP")
        assert listeners[1]["defaultActions"] == [{"type": "forward", "targetGroupArn": group["id"]}]
        rules = inside(LB, "ec2/securityGroup:SecurityGroup", "two")["inputs"]
        assert not {"ingress", "egress"} & set(rules)

    def test_a_service_on_machines_waits_for_nothing_and_has_the_roles_that_are_asked_for(
        self, update: dict[str, Any]
    ) -> None:
        inside = Inside(update["resources"])
        token = "awsx:ecs:EC2Service"
        inner = f"{token}$awsx:ecs:EC2TaskDefinition"
        roles = [name for name in inside.names(token) if name.startswith(("Role", "LogGroup"))]
        assert [name.partition("-")[0] for name in roles] == ["Role own", "RolePolicyAttachment own"]
        definition = inside(inner, "ecs/taskDefinition:TaskDefinition", "own")["inputs"]
        assert (definition["requiresCompatibilities"], definition["networkMode"]) == (["EC2"], "bridge")
        assert not {"cpu", "memory", "executionRoleArn"} & set(definition)
        (container,) = json.loads(definition["containerDefinitions"])
        assert "logConfiguration" not in container
        assert container["portMappings"] == [{"containerPort": 53, "hostPort": 5353}]
        service = inside(token, "ecs/service:Service", "own")["inputs"]
        assert (service["launchType"], service["waitForSteadyState"]) == ("EC2", False)
        assert not {"desiredCount", "networkConfiguration"} & set(service)

    def test_a_definition_alone_is_large_enough_for_what_is_reserved(self, update: dict[str, Any]) -> None:
        definition = by_name(update)["TaskDefinition alone"]["inputs"]
        assert (definition["cpu"], definition["memory"]) == ("512", "3072")  # 2100 MB: a quarter of a vCPU has 2 GB
        first, second = json.loads(definition["containerDefinitions"])
        assert (first["name"], second["name"], "portMappings" in first) == ("a", "b", False)
        assert second["portMappings"] == [{"containerPort": 9000, "hostPort": 9000, "protocol": "tcp"}]
        (balancer,) = update["exports"]["balancers"]  # the port of the group: ECS refuses a service that has it
        assert (balancer["containerName"], balancer["containerPort"]) == ("b", 53)
        service = by_name(update)["Service given"]["inputs"]
        assert service["taskDefinition"] == by_name(update)["TaskDefinition alone"]["outputs"]["arn"]
        assert "launchType" not in service


def test_what_a_component_refuses_is_told_beside_everything_else(tmp_path: Path) -> None:
    text = """
    cluster = aws.ecs.Cluster("cluster")
    one = awsx.lb.ApplicationLoadBalancer("one", listeners=[{"port": 80}])
    task = {"container": {"image": "nginx:1.29"}}
    a = awsx.ecs.FargateService("a", cluster=cluster.arn, task_definition_args=task)
    awsx.ecs.FargateService("b", cluster=cluster.arn, assign_public_ip=True)
    awsx.ecs.FargateService("c", cluster=cluster.arn, assign_public_ip=True, network_configuration={"subnets": ["s"]},
                            task_definition_args=task)
    awsx.ecs.FargateTaskDefinition("d", container={"image": "nginx:1.29", "memory": 200000})
    awsx.ecs.FargateTaskDefinition("e", container={"image": "nginx:1.29", "memory": "much"})
    hidden = pulumi.Output.from_input("hushed").apply(lambda text: text)
    awsx.ecs.FargateTaskDefinition("f", container={"image": "nginx:1.29", "cpu": pulumi.Output.secret(hidden)})
    awsx.ecs.FargateTaskDefinition("g", containers={})
    pulumi.export("name", a.service.name)
    """
    found = work(job(write(tmp_path, HEAD + "\n".join(line[4:] for line in text.splitlines())), "update"))
    said = {error["urn"].rpartition("::")[2]: error["message"] for error in found["errors"] if error["urn"]}
    assert {error["kind"] for error in found["errors"]} == {"refused"}
    assert "port: is required" in " ".join(e["message"] for e in found["errors"] if e["urn"].endswith("::one"))
    assert "finds no private subnet in the default VPC: set assignPublicIp to true" in said["a"]
    assert "neither taskDefinition nor taskDefinitionArgs" in said["b"]
    assert "more than one of networkConfiguration, assignPublicIp" in said["c"]
    assert "0 vCPU and 195.312 GB" in said["d"]
    assert "has a container whose memory is 'much', which is no number" in said["e"]
    assert "has a container whose cpu is a secret" in said["f"]
    assert "hushed" not in json.dumps(found["errors"])
    assert "the list of containers is empty" in said["g"]


ELSEWHERE = """
net = pulumi.StackReference("org/net/dev")
front = awsx.lb.ApplicationLoadBalancer("front", subnet_ids=net.get_output("subnets"))
wire = awsx.lb.NetworkLoadBalancer("wire", subnet_mappings=[{"subnet_id": "subnet-1"}])
there = [aws.ec2.Subnet.get(f"there-{n}", f"subnet-{n}") for n in range(2)]
read_only = awsx.lb.ApplicationLoadBalancer("read", subnets=there)
policy = aws.iam.Policy("policy", policy={"Version": "2012-10-17", "Statement": [
    {"Effect": "Allow", "Action": "s3:ListAllMyBuckets", "Resource": "*"}]})
read = "arn:aws:iam::aws:policy/ReadOnlyAccess"
awsx.ecs.FargateTaskDefinition("task", container={"image": "nginx:1.29"},
    task_role={"args": {"policy_arns": [read, policy.arn]}}, execution_role={"args": {"policy_arns": [read]}})
"""
LOOKUP = "aws:ec2/getSubnet:getSubnet"


@pytest.mark.parametrize("mode", ["preview", "update"])
def test_subnets_of_another_program_and_policies_of_its_own_are_no_obstacle(tmp_path: Path, mode: str) -> None:
    asked = job(write(tmp_path, HEAD + ELSEWHERE), mode)
    asked["stackOutputs"] = {"org/net/dev": {"subnets": ["subnet-1", "subnet-2"]}}
    found = record(asked)
    inside = Inside(found["resources"])
    groups = [inside(component, "lb/targetGroup:TargetGroup", name)["inputs"]["vpcId"]
              for component, name in ((LB, "front"), ("awsx:lb:NetworkLoadBalancer", "wire"))]  # fmt: skip
    assert groups[0] == groups[1] and groups[0].startswith("vpc-"), "both begin with one subnet"
    target = inside(LB, "lb/targetGroup:TargetGroup", "read")
    assert target["propertyDependencies"]["vpcId"] == [f"{URN}aws:ec2/subnet:Subnet::there-{n}" for n in range(2)]
    assert any(LOOKUP in note and "is a stand-in" in note for note in found["notes"])
    names = inside.names("awsx:ecs:FargateTaskDefinition")
    attached = [name.partition("-")[2].partition("-")[0] for name in names if name.startswith("RolePolicyAttachment")]
    assert attached == (["execution"] if mode == "preview" else ["execution", "task", "task"])
    asked["answers"] = {LOOKUP: {"id": "subnet-1", "vpcId": "vpc-given"}}
    again = record(asked)
    assert by_name(again)["TargetGroup front"]["inputs"]["vpcId"] == "vpc-given"
    assert not any(LOOKUP in note for note in again["notes"])


def test_a_subnet_that_the_program_looks_up_itself_still_needs_an_answer(tmp_path: Path) -> None:
    found = work(job(write(tmp_path, HEAD + 'aws.ec2.get_subnet(id="subnet-1")\n'), "update"))
    assert [error["kind"] for error in found["errors"]] == ["lookup"]
