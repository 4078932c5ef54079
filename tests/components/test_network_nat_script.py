"""The script that makes a NAT of an instance, run with stand-ins for what it calls: in which order, and what if not."""

import os
import subprocess
from ipaddress import IPv4Network
from pathlib import Path

import pytest

from components.network.nat_instance import user_data
from settings.location import Location

HERE = Location.of("us-east-1", "111122223333")
STAND_INS = {
    "aws": "",
    "curl": 'case "$*" in *api/token*) echo token;; *instance-id*) echo i-0123;; *) exit 22;; esac',
    "dnf": '[[ $(grep -c "^dnf" "$LOG") -gt ${DNF_FAILS:-0} ]]',
    "modprobe": "",
    "nft": "echo 'ip saddr 10.0.0.0/16 masquerade'",
    "sleep": "",
    "sysctl": "echo ${FORWARDS:-1}",
    "systemctl": "[[ $* != ${BROKEN:-nothing} ]]",
}


class Run:
    """One run of the script below a folder of its own; what it called, in order, and what it wrote."""

    def __init__(self, root: Path, **environment: str) -> None:
        for folder in ("bin", "etc/sysctl.d", "etc/modules-load.d", "etc/sysconfig"):
            (root / folder).mkdir(parents=True)
        for name, does in STAND_INS.items():
            program = root / "bin" / name
            program.write_text(f'#!/bin/bash\necho "{name} $*" >>"$LOG"\n{does}\n')
            program.chmod(0o755)
        (root / "log").touch()
        script = root / "script"
        script.write_text(user_data(IPv4Network("10.20.0.0/16"), HERE, "groundwork-dev-network-nat-instance"))
        path = f"{root}/bin:/usr/bin:/bin"
        done = subprocess.run(
            ["bash", str(script)], env={"PATH": path, "ROOT": str(root), "LOG": str(root / "log"), **environment},
            capture_output=True, text=True, check=False, timeout=60,
        )  # fmt: skip
        self.root, self.status, self.said = root, done.returncode, done.stderr
        self.calls = (root / "log").read_text().splitlines()

    def file(self, path: str) -> str:
        return (self.root / path).read_text()

    def told(self) -> list[str]:
        """What the Auto Scaling group was told."""
        return [call.rpartition(" ")[2] for call in self.calls if call.startswith("aws ")]


@pytest.fixture(scope="module")
def sound(tmp_path_factory: pytest.TempPathFactory) -> Run:
    return Run(tmp_path_factory.mktemp("nat"))


def test_it_tells_the_group_that_it_works_once_and_last(sound: Run) -> None:
    assert (sound.status, sound.said) == (0, "")
    assert sound.told() == ["CONTINUE"]
    assert sound.calls[-1] == (
        "aws autoscaling complete-lifecycle-action --region us-east-1"
        " --auto-scaling-group-name groundwork-dev-network-nat-instance --lifecycle-hook-name forwards"
        " --instance-id i-0123 --lifecycle-action-result CONTINUE"
    )


def test_it_asks_the_metadata_service_with_a_token_only(sound: Run) -> None:
    asked = [call for call in sound.calls if call.startswith("curl ")]
    assert len(asked) == 2
    assert "-X PUT" in asked[0]
    assert "X-aws-ec2-metadata-token: token" in asked[1]


def test_the_kernel_forwards_and_sends_no_redirects_also_after_a_reboot(sound: Run) -> None:
    written = sound.file("etc/sysctl.d/90-nat.conf")
    assert "net.ipv4.ip_forward = 1\n" in written
    assert "net.ipv4.conf.*.send_redirects = 0\n" in written
    assert sound.file("etc/modules-load.d/nat.conf") == "nf_conntrack\n", "its limit is set before anything loads it"
    assert sound.calls.index("modprobe nf_conntrack") < sound.calls.index("systemctl restart systemd-sysctl")
    assert "systemctl enable nftables" in sound.calls


def test_only_what_the_vpc_sends_to_the_world_is_forwarded_and_translated(sound: Run) -> None:
    rules = sound.file("etc/sysconfig/nftables.conf")
    assert "policy drop;" in rules, "nothing is forwarded that no rule names"
    assert "ip saddr 10.20.0.0/16 ip daddr != { 10.20.0.0/16, 169.254.0.0/16 } accept" in rules
    assert "ip saddr 10.20.0.0/16 ip daddr != 10.20.0.0/16 masquerade" in rules
    assert rules.count("{") == rules.count("}")
    assert "$" not in rules
    assert "@" not in rules


def test_a_repository_that_is_late_is_asked_again(tmp_path: Path) -> None:
    run = Run(tmp_path, DNF_FAILS="3")
    assert run.told() == ["CONTINUE"]
    assert [call for call in run.calls if call.startswith("dnf")] == ["dnf install -y -q nftables"] * 4


@pytest.mark.parametrize(
    ("broken", "reason"),
    [
        ({"DNF_FAILS": "99"}, "nftables cannot be installed"),
        ({"BROKEN": "restart nftables"}, "set-up failed"),
        ({"BROKEN": "restart systemd-sysctl"}, "set-up failed"),
        ({"FORWARDS": "0"}, "the kernel does not forward"),
    ],
    ids=["no package", "no rules", "no sysctl", "not forwarding"],
)
def test_an_instance_that_cannot_be_a_nat_gives_itself_up(tmp_path: Path, broken: dict[str, str], reason: str) -> None:
    run = Run(tmp_path, **broken)
    assert run.status != 0
    assert run.told() == ["ABANDON"]
    assert reason in run.said


def test_rules_that_do_not_masquerade_are_noticed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(STAND_INS, "nft", "echo 'chain postrouting'")
    run = Run(tmp_path)
    assert run.told() == ["ABANDON"]
    assert "no masquerading" in run.said


def test_the_script_is_one_that_bash_can_read() -> None:
    script = user_data(IPv4Network("10.20.0.0/16"), HERE, "group")
    done = subprocess.run(
        ["bash", "-n"], input=script, capture_output=True, text=True, env=dict(os.environ), check=False
    )
    assert (done.returncode, done.stderr) == (0, "")
