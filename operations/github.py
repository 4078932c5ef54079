"""The few calls to GitHub that the workflows need. Standard library only; the address and token come from the runner.

A comment or an issue is found again by a mark in its first line, and only among those of a bot: anybody may write a
comment that begins with the mark.
"""

import base64
import gzip
import io
import json
import os
import urllib.error
import urllib.parse
import urllib.request
import zipfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from operations.plans import PLAN, REVIEW
from operations.stacks import Refused

PULL_REQUEST_WORKFLOW = "pull-request.yml"
_PAGE = 100
_TIMEOUT_SECONDS = 30
_LARGEST_BYTES = 64 * 1024 * 1024  # of one file in an artifact; a plan of 170 resources has 0.6 MB


@dataclass(frozen=True, kw_only=True)
class Repository:
    """One repository at GitHub, and the right to talk to it."""

    name: str
    """`owner/name`."""
    token: str = field(repr=False)
    api: str = "https://api.github.com"

    @staticmethod
    def of_this_run() -> "Repository":
        """From the variables that the runner sets, and GITHUB_TOKEN, which the workflow passes on."""
        missing = [name for name in ("GITHUB_REPOSITORY", "GITHUB_TOKEN") if not os.environ.get(name)]
        if missing:
            raise Refused(f"{' and '.join(missing)} must be set; on a runner they are, elsewhere this is not needed")
        return Repository(
            name=os.environ["GITHUB_REPOSITORY"],
            token=os.environ["GITHUB_TOKEN"],
            api=os.environ.get("GITHUB_API_URL", "https://api.github.com"),
        )

    def comment(self, number: int, key: str, text: str) -> str:
        """Writes the comment of this key under the pull request, or renews it. Returns what was done."""
        mark = _mark(key)
        for comment in self._pages(f"issues/{number}/comments"):
            if _ours(comment, mark):
                self._call("PATCH", f"issues/comments/{comment['id']}", {"body": f"{mark}\n{text}"})
                return "renewed"
        self._call("POST", f"issues/{number}/comments", {"body": f"{mark}\n{text}"})
        return "written"

    def issue(self, key: str, title: str, text: str | None) -> str:
        """Opens the issue of this key, renews it, or (without text) closes it. Returns what was done."""
        mark = _mark(key)
        for issue in self._pages("issues?state=open"):
            if "pull_request" not in issue and _ours(issue, mark):
                change = {"state": "closed"} if text is None else {"title": title, "body": f"{mark}\n{text}"}
                self._call("PATCH", f"issues/{issue['number']}", change)
                return "closed" if text is None else "renewed"
        if text is None:
            return "not needed"
        self._call("POST", "issues", {"title": title, "body": f"{mark}\n{text}"})
        return "opened"

    def findings(self, sarif: str, commit: str, ref: str) -> str:
        """Hands a SARIF document to code scanning, for the lines of a commit. Returns the id of the analysis."""
        packed = base64.b64encode(gzip.compress(sarif.encode(), mtime=0)).decode()
        body = {"commit_sha": commit, "ref": ref, "sarif": packed, "tool_name": "groundwork preflight"}
        return str(self._call("POST", "code-scanning/sarifs", body)["id"])

    def reviewed_plan(self, commit: str, stack: str, folder: Path) -> str:
        """Fetches the plan that was shown in the pull request which became the commit. Returns where it came from.

        Only from a successful run in this repository: a run of a fork has no credentials, so it has no plan to offer.
        """
        pulls = [p for p in self._pages(f"commits/{commit}/pulls") if p.get("merge_commit_sha") == commit]
        if len(pulls) != 1:
            raise Refused(f"commit {commit[:12]} came from {len(pulls)} pull requests, so there is no reviewed plan")
        head = pulls[0]["head"]["sha"]
        query = urllib.parse.urlencode({"head_sha": head, "event": "pull_request", "status": "success"})
        runs = self._call("GET", f"actions/workflows/{PULL_REQUEST_WORKFLOW}/runs?{query}")["workflow_runs"]
        runs = [run for run in runs if (run.get("head_repository") or {}).get("full_name") == self.name]
        if not runs:
            raise Refused(f"no successful run of {PULL_REQUEST_WORKFLOW} for {head[:12]} in this repository")
        run = max(runs, key=lambda run: run["id"])
        name = f"plan-{stack}"
        artifacts = self._call("GET", f"actions/runs/{run['id']}/artifacts?per_page={_PAGE}")["artifacts"]
        mine = [a for a in artifacts if a["name"] == name and not a["expired"]]
        if not mine:
            raise Refused(f"run {run['id']} of pull request {pulls[0]['number']} has no artifact {name}, or no more")
        newest = max(mine, key=lambda artifact: artifact["id"])
        _unpack(self._fetch(f"actions/artifacts/{newest['id']}/zip"), folder)
        return f"pull request {pulls[0]['number']}, run {run['id']}"

    def _pages(self, path: str) -> Iterator[dict[str, Any]]:
        page = 1
        while True:
            joint = "&" if "?" in path else "?"
            found = self._call("GET", f"{path}{joint}per_page={_PAGE}&page={page}")
            yield from found
            if len(found) < _PAGE:
                return
            page += 1

    def _call(self, method: str, path: str, body: Mapping[str, Any] | None = None) -> Any:
        data = None if body is None else json.dumps(body).encode()
        return json.loads(self._request(method, path, data) or b"null")

    def _fetch(self, path: str) -> bytes:
        return self._request("GET", path, None)

    def _request(self, method: str, path: str, data: bytes | None) -> bytes:
        address = f"{self.api}/repos/{self.name}/{path}"
        request = urllib.request.Request(address, data=data, method=method)  # noqa: S310 # GITHUB_API_URL of the runner
        request.add_header("Accept", "application/vnd.github+json")
        request.add_header("X-GitHub-Api-Version", "2022-11-28")
        if data is not None:
            request.add_header("Content-Type", "application/json")
        # An artifact is fetched by a redirect to another host, which must not see the token.
        request.add_unredirected_header("Authorization", f"Bearer {self.token}")
        try:
            with urllib.request.urlopen(request, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310 # see above
                content: bytes = answer.read()
                return content
        except urllib.error.HTTPError as error:
            said = error.read().decode("utf-8", "replace")[:300]
            raise Refused(f"GitHub refused {method} {path}: {error.code} {said}") from None
        except OSError as error:
            raise Refused(f"GitHub could not be reached for {method} {path}: {error}") from None


def _mark(key: str) -> str:
    return f"<!-- groundwork:{key} -->"


def _ours(entry: Mapping[str, Any], mark: str) -> bool:
    first = (entry.get("body") or "").split("\n", 1)[0].strip()
    return first == mark and (entry.get("user") or {}).get("type") == "Bot"


def _unpack(archive: bytes, folder: Path) -> None:
    """Takes the two files of a plan, by name; whatever else an archive holds stays in it."""
    folder.mkdir(parents=True, exist_ok=True)
    try:
        with zipfile.ZipFile(io.BytesIO(archive)) as files:
            for name in (PLAN, REVIEW):
                if files.getinfo(name).file_size > _LARGEST_BYTES:
                    raise Refused(f"{name} of the artifact has more than {_LARGEST_BYTES} bytes")
                (folder / name).write_bytes(files.read(name))
    except (zipfile.BadZipFile, KeyError) as error:
        raise Refused(f"the artifact is no reviewed plan: {error}") from None
