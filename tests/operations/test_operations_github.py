"""The calls to GitHub, against a server on this machine that keeps comments, issues and artifacts."""

import base64
import gzip
import io
import json
import re
import threading
import zipfile
from collections.abc import Iterator
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path
from typing import Any

import pytest

from operations.github import Repository
from operations.stacks import Refused

BOT, PERSON = {"type": "Bot"}, {"type": "User"}
COMMIT, HEAD = "c" * 40, "a" * 40


def archive(**files: str) -> bytes:
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w") as file:
        for name, text in files.items():
            file.writestr(name.replace("__", "/").replace("_", "."), text)
    return buffer.getvalue()


class GitHub:
    """What the server knows, and what it was asked."""

    def __init__(self) -> None:
        self.comments: list[dict[str, Any]] = []
        self.issues: list[dict[str, Any]] = []
        self.pulls: list[dict[str, Any]] = [{"number": 7, "merge_commit_sha": COMMIT, "head": {"sha": HEAD}}]
        self.runs: list[dict[str, Any]] = [{"id": 1, "head_repository": {"full_name": "o/r"}}]
        self.artifacts: list[dict[str, Any]] = [{"id": 5, "name": "plan-dev", "expired": False}]
        self.archive = archive(plan_json="{}", review_json='{"r": 1}', evil_sh="rm -rf /", __tmp__x="out")
        self.sarifs: list[dict[str, Any]] = []
        self.asked: list[tuple[str, str, str | None]] = []
        self.status = 200

    def answer(self, method: str, path: str, body: Any) -> Any:
        route = path.partition("?")[0]
        if route.endswith("code-scanning/sarifs"):
            self.sarifs.append(body)
            return {"id": "analysis-1"}
        if method in ("POST", "PATCH"):
            kind = self.comments if "comments" in route else self.issues
            if method == "POST":
                kind.append({"id": len(kind) + 1, "number": len(kind) + 1, "user": BOT, "state": "open", **body})
            else:
                number = int(route.rpartition("/")[2])
                next(entry for entry in kind if entry["id"] == number).update(body)
            return {}
        page = int((re.search(r"[?&]page=(\d+)", path) or ["", "1"])[1])
        lists = {
            r"issues/\d+/comments$": self.comments,
            r"issues$": [issue for issue in self.issues if issue["state"] == "open"],
            r"commits/\w+/pulls$": self.pulls,
        }
        for pattern, entries in lists.items():
            if re.search(pattern, route):
                return entries[(page - 1) * 100 : page * 100]
        return {"workflow_runs": self.runs, "artifacts": self.artifacts}


@pytest.fixture
def github() -> Iterator[tuple[GitHub, Repository]]:
    known = GitHub()

    class Handler(BaseHTTPRequestHandler):
        def handle_any(self) -> None:
            known.asked.append((self.command, self.path, self.headers.get("Authorization")))
            if known.status != 200:
                return self.reply(known.status, b'{"message": "Resource not accessible by integration"}')
            if self.path.endswith("/zip"):
                self.send_response(302)
                self.send_header("Location", f"http://{self.headers['Host']}/blob")
                return self.end_headers()
            if self.path == "/blob":
                return self.reply(200, known.archive)
            length = int(self.headers.get("Content-Length") or 0)
            body = json.loads(self.rfile.read(length)) if length else None
            return self.reply(200, json.dumps(known.answer(self.command, self.path, body)).encode())

        do_GET = do_POST = do_PATCH = handle_any  # noqa: N815

        def reply(self, status: int, content: bytes) -> None:
            self.send_response(status)
            self.send_header("Content-Length", str(len(content)))
            self.end_headers()
            self.wfile.write(content)

        def log_message(self, *_: object) -> None:
            pass

    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    threading.Thread(target=server.serve_forever, daemon=True).start()
    api = f"http://127.0.0.1:{server.server_port}"
    yield known, Repository(name="o/r", token="secret-token", api=api)
    server.shutdown()
    server.server_close()


Both = tuple[GitHub, Repository]


def test_a_comment_is_renewed_and_not_repeated(github: Both) -> None:
    known, repository = github
    assert repository.comment(7, "preflight", "one") == "written"
    assert repository.comment(7, "preflight", "two") == "renewed"
    assert repository.comment(7, "preview-dev", "three") == "written"
    assert [comment["body"].split("\n") for comment in known.comments] == [
        ["<!-- groundwork:preflight -->", "two"],
        ["<!-- groundwork:preview-dev -->", "three"],
    ]


def test_a_persons_comment_with_our_mark_is_left_alone(github: Both) -> None:
    known, repository = github
    mark = "<!-- groundwork:preflight -->"
    known.comments += [
        {"id": 1, "user": PERSON, "body": f"{mark}\nmine"},
        {"id": 2, "user": BOT, "body": f"look at {mark}"},
        {"id": 3, "user": None, "body": None},
    ]
    assert repository.comment(7, "preflight", "text") == "written"
    assert known.comments[0]["body"].endswith("mine")


def test_a_comment_on_the_second_page_is_found(github: Both) -> None:
    known, repository = github
    known.comments += [{"id": number, "user": PERSON, "body": "x"} for number in range(1, 101)]
    repository.comment(7, "preflight", "one")
    assert repository.comment(7, "preflight", "two") == "renewed"
    assert len(known.comments) == 101


def test_an_issue_is_opened_once_renewed_and_closed(github: Both) -> None:
    known, repository = github
    assert repository.issue("drift:dev", "Drift in dev", None) == "not needed"
    assert repository.issue("drift:dev", "Drift in dev", "a") == "opened"
    assert repository.issue("drift:prod", "Drift in prod", "p") == "opened"
    assert repository.issue("drift:dev", "Drift in dev", "b") == "renewed"
    assert repository.issue("drift:dev", "Drift in dev", None) == "closed"
    assert [(issue["state"], issue["body"][-1]) for issue in known.issues] == [("closed", "b"), ("open", "p")]
    assert repository.issue("drift:dev", "Drift in dev", "c") == "opened", "a closed one stays closed"


def test_a_pull_request_is_no_issue(github: Both) -> None:
    known, repository = github
    known.issues.append(
        {
            "id": 1,
            "number": 1,
            "state": "open",
            "user": BOT,
            "body": "<!-- groundwork:drift:dev -->",
            "pull_request": {},
        }
    )
    assert repository.issue("drift:dev", "t", None) == "not needed"


def test_the_reviewed_plan_is_fetched_and_nothing_else_of_the_archive(github: Both, tmp_path: Path) -> None:
    known, repository = github
    assert repository.reviewed_plan(COMMIT, "dev", tmp_path / "plan") == "pull request 7, run 1"
    assert sorted(path.name for path in tmp_path.rglob("*") if path.is_file()) == ["plan.json", "review.json"]
    asked = {path.partition("?")[0]: token for _, path, token in known.asked}
    assert asked["/blob"] is None, "the store of artifacts must not see the token"
    assert asked["/repos/o/r/actions/artifacts/5/zip"] == "Bearer secret-token"
    runs = next(path for _, path, _ in known.asked if "/runs?" in path)
    assert f"head_sha={HEAD}" in runs
    assert "status=success" in runs


def test_the_newest_run_and_artifact_are_taken(github: Both, tmp_path: Path) -> None:
    known, repository = github
    known.runs.append({"id": 3, "head_repository": {"full_name": "o/r"}})
    known.artifacts.append({"id": 9, "name": "plan-dev", "expired": False})
    assert repository.reviewed_plan(COMMIT, "dev", tmp_path).endswith("run 3")
    assert any(path.endswith("/9/zip") for _, path, _ in known.asked)


@pytest.mark.parametrize(
    ("field", "value", "told"),
    [
        ("pulls", [], "0 pull requests"),
        ("pulls", [{"number": 7, "merge_commit_sha": "other", "head": {"sha": HEAD}}], "0 pull requests"),
        ("runs", [], "no successful run"),
        ("runs", [{"id": 1, "head_repository": {"full_name": "fork/r"}}], "no successful run"),
        ("runs", [{"id": 1, "head_repository": None}], "no successful run"),
        ("artifacts", [{"id": 5, "name": "plan-dev", "expired": True}], "no artifact plan-dev"),
        ("artifacts", [{"id": 5, "name": "plan-prod", "expired": False}], "no artifact plan-dev"),
        ("archive", b"no archive", "no reviewed plan"),
        ("archive", archive(plan_json="{}"), "no reviewed plan"),
        ("status", 403, "403"),
    ],
)
def test_a_plan_that_nobody_reviewed_here_is_refused(
    github: Both, tmp_path: Path, field: str, value: object, told: str
) -> None:
    known, repository = github
    setattr(known, field, value)
    with pytest.raises(Refused, match=told):
        repository.reviewed_plan(COMMIT, "dev", tmp_path)


def test_the_token_is_in_no_message(github: Both) -> None:
    known, repository = github
    known.status = 403
    with pytest.raises(Refused) as caught:
        repository.comment(7, "preflight", "x")
    assert "not accessible" in str(caught.value)
    assert "secret-token" not in f"{caught.value} {repository!r}"


def test_outside_a_runner_it_says_what_is_missing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("GITHUB_TOKEN", raising=False)
    monkeypatch.setenv("GITHUB_REPOSITORY", "o/r")
    with pytest.raises(Refused, match="GITHUB_TOKEN must be set"):
        Repository.of_this_run()


def test_findings_arrive_packed_with_their_commit_and_ref(github: tuple[GitHub, Repository]) -> None:
    known, repository = github
    assert repository.findings('{"version": "2.1.0"}', COMMIT, "refs/pull/7/merge") == "analysis-1"
    (sent,) = known.sarifs
    assert gzip.decompress(base64.b64decode(sent["sarif"])).decode() == '{"version": "2.1.0"}'
    assert (sent["commit_sha"], sent["ref"]) == (COMMIT, "refs/pull/7/merge")
