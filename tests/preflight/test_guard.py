"""Which attempts to reach the network an offline run of a program notices, also when the program hides the refusal."""

from pathlib import Path

import pytest

from tests.preflight.recorder_support import job, record, work, write

HEAD = (
    "import socket, subprocess, pulumi\nudp = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)\ntcp = socket.socket()\n"
)
REFUSED = {
    "socket.getaddrinfo('example.com', 443)": "example.com:443",
    "socket.gethostbyname('example.com')": "example.com",
    "socket.gethostbyaddr('10.0.0.1')": "10.0.0.1",
    "tcp.connect(('10.0.0.1', 80))": "10.0.0.1:80",
    "udp.sendto(b'x', ('10.0.0.2', 53))": "10.0.0.2:53",
    "udp.sendmsg([b'x'], [], 0, ('10.0.0.3', 53))": "10.0.0.3:53",
}
FREE = (
    "server = socket.create_server(('127.0.0.1', 0))\nsocket.create_connection(server.getsockname()).close()\n"
    "socket.getaddrinfo('localhost', 1)\nudp.sendto(b'x', ('127.0.0.1', 9))\none, other = socket.socketpair()\n"
    "one.sendmsg([b'x'])\n"
)


def test_every_way_out_is_refused_and_told_with_its_place(tmp_path: Path) -> None:
    tries = "".join(f"try:\n    {call}\nexcept Exception: pass\n" for call in REFUSED)
    errors = work(job(write(tmp_path, HEAD + tries)))["errors"]
    assert [error["kind"] for error in errors] == ["network"] * len(REFUSED)
    for number, (error, target) in enumerate(zip(errors, REFUSED.values(), strict=True)):
        assert f"({target})" in error["message"]
        assert error["source"] == f"__main__.py:{5 + 3 * number}"


@pytest.mark.parametrize("mode", ["preview", "update"])
def test_this_machine_may_be_talked_to(tmp_path: Path, mode: str) -> None:
    assert record(job(write(tmp_path, HEAD + FREE), mode))["notes"] == []


def test_a_command_of_the_program_is_noted_by_its_name(tmp_path: Path) -> None:
    notes = record(job(write(tmp_path, HEAD + "subprocess.run(['true', 'secret-argument'])\n")))["notes"]
    assert notes == ["the program runs a command, true (__main__.py:4): what that reaches for is not guarded"]
