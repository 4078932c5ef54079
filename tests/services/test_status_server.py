"""The status service over real HTTP, and as a process that is told to stop."""

import http.client
import json
import os
import re
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from services.status import server

FOLDER = Path(server.__file__).parent


@pytest.fixture
def client() -> Iterator[http.client.HTTPConnection]:
    running = server.server(0)
    threading.Thread(target=running.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True).start()
    connection = http.client.HTTPConnection("127.0.0.1", running.server_address[1], timeout=5)
    yield connection
    connection.close()
    running.shutdown()
    running.server_close()


def ask(client: http.client.HTTPConnection, path: str, method: str = "GET") -> tuple[http.client.HTTPResponse, bytes]:
    client.request(method, path)
    response = client.getresponse()
    return response, response.read()


def test_the_health_page_says_ok_and_is_never_cached(client: http.client.HTTPConnection) -> None:
    response, body = ask(client, "/status/health")
    assert response.status == 200
    assert json.loads(body)["status"] == "ok"
    assert response.getheader("Cache-Control") == "no-store"


def test_the_page_for_people_is_html_and_asks_for_nothing_from_elsewhere(client: http.client.HTTPConnection) -> None:
    for path in ("/status", "/status/", "/status?from=mail"):
        response, body = ask(client, path)
        assert (response.status, response.getheader("Content-Type")) == (200, "text/html; charset=utf-8"), path
        assert b"<h1>Up</h1>" in body
        assert b"://" not in body


def test_a_burst_of_clients_waits_instead_of_being_turned_away() -> None:
    waiting = server.server(0)  # nobody serves yet
    address = ("127.0.0.1", waiting.server_address[1])
    try:
        clients = [socket.create_connection(address, timeout=0.5) for _ in range(60)]
        for client in clients:
            client.close()
    finally:
        waiting.server_close()


def test_any_other_path_is_not_found(client: http.client.HTTPConnection) -> None:
    for path in ("/", "//", "/etc/passwd", "/status/../server.py", "/statusx"):
        response, body = ask(client, path)
        assert (response.status, body) == (404, b"Not found\n"), path


def test_head_answers_as_get_does_but_without_a_body(client: http.client.HTTPConnection) -> None:
    client.connect()
    client.sock.sendall(b"HEAD /status/health HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n")
    with client.sock.makefile("rb") as answer:
        head, _, body = answer.read().partition(b"\r\n\r\n")
    assert head.startswith(b"HTTP/1.1 200 ")
    assert b"Content-Type: application/json" in head
    assert body == b"", "on a kept connection a body would be taken for the next answer"


def test_nobody_learns_which_python_answers(client: http.client.HTTPConnection) -> None:
    response, _ = ask(client, "/status")
    assert "Python" not in (response.getheader("Server") or "")


def test_requests_are_logged_as_json_and_health_checks_are_not(
    client: http.client.HTTPConnection, capsys: pytest.CaptureFixture[str]
) -> None:
    ask(client, "/status/health")
    ask(client, '/nowhere"}')
    lines = capsys.readouterr().out.splitlines()
    assert [json.loads(line)["message"].split()[1] for line in lines] == ['/nowhere"}']


def test_it_stops_at_once_when_told_to() -> None:
    with socket.create_server(("127.0.0.1", 0)) as probe:
        port = probe.getsockname()[1]
    process = subprocess.Popen([sys.executable, "-I", server.__file__], env={**os.environ, "PORT": str(port)})
    try:
        wait_until_open(port)
        process.send_signal(signal.SIGTERM)
        assert process.wait(timeout=5) == 0
    finally:
        process.kill()


def wait_until_open(port: int) -> None:
    for _ in range(200):
        with socket.socket() as attempt:
            if attempt.connect_ex(("127.0.0.1", port)) == 0:
                return
        time.sleep(0.02)
    raise AssertionError(f"nothing listens on port {port} after four seconds")


def test_the_image_is_pinned_runs_as_nobody_and_holds_only_the_server() -> None:
    lines = (FOLDER / "Dockerfile").read_text().splitlines()
    (base,) = [line for line in lines if line.startswith("FROM")]
    assert re.fullmatch(r"FROM \S+/python:\d+\.\d+\.\d+-alpine\d+\.\d+", base), base
    assert "--platform" not in base, "the platform is the builder's choice: the image is built for arm64 and amd64"
    assert [line for line in lines if line.startswith("USER")] == ["USER 65534:65534"]
    assert (FOLDER / ".dockerignore").read_text().split() == ["*", "!server.py"]
