"""A page that says that the platform serves, and a health check that needs nothing but itself.

Standard library only. Writes nothing but its log, to standard output, one JSON object a line. Stops at once on SIGTERM:
ECS only sends it when the load balancer has drained the connections.
"""

import html
import json
import os
import platform
import signal
import sys
import threading
import time
from http import HTTPStatus
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

PORT = 8080
# Longer than the load balancer keeps an idle connection open (60 s), so that it is never us who hang up on it.
IDLE_SECONDS = 75
STARTED = time.monotonic()

PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><title>Status</title><meta name="viewport" content="width=device-width"></head>
<body>
<h1>Up</h1>
<p>Answered by {host}, a {machine} task, up for {seconds} s.</p>
</body>
</html>
"""


def health() -> bytes:
    """The answer to a health check. It asks no other service: a sick neighbour is no reason to replace this task."""
    return json.dumps({"status": "ok", "upSeconds": int(time.monotonic() - STARTED)}).encode()


def page() -> bytes:
    """The page for people."""
    text = PAGE.format(
        host=html.escape(platform.node()),
        machine=html.escape(platform.machine()),
        seconds=int(time.monotonic() - STARTED),
    )
    return text.encode()


ROUTES = {
    "/status": ("text/html; charset=utf-8", page),
    "/status/health": ("application/json", health),
}


class Handler(BaseHTTPRequestHandler):
    """Answers GET and HEAD on the known paths and 404 on any other."""

    protocol_version = "HTTP/1.1"
    server_version = "status"
    sys_version = ""  # which Python this is, is nobody's business
    timeout = IDLE_SECONDS

    def do_GET(self) -> None:
        """Answer with a body."""
        self._answer(with_body=True)

    def do_HEAD(self) -> None:
        """Answer as GET would, without the body."""
        self._answer(with_body=False)

    def _answer(self, *, with_body: bool) -> None:
        path = self.path.partition("?")[0]
        found = ROUTES.get(path.rstrip("/"))
        if found is None:
            status, kind, body = HTTPStatus.NOT_FOUND, "text/plain; charset=utf-8", b"Not found\n"
        else:
            kind, make = found
            status, body = HTTPStatus.OK, make()
        self.send_response(status)
        self.send_header("Content-Type", kind)
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Cache-Control", "no-store")
        self.send_header("X-Content-Type-Options", "nosniff")
        self.end_headers()
        if with_body:
            self.wfile.write(body)

    def log_message(self, format: str, *args: object) -> None:  # noqa: A002  the base class names it so
        """One line for each request, except the health checks that would drown the others."""
        if not self.path.startswith("/status/health"):
            sys.stdout.write(json.dumps({"client": self.client_address[0], "message": format % args}) + "\n")
            sys.stdout.flush()


class Server(ThreadingHTTPServer):
    """A thread for each connection; none of them holds up the end."""

    # The standard library lets five connections wait, and a burst of clients then costs health checks.
    request_queue_size = 128


def server(port: int) -> Server:
    """A server on all addresses."""
    return Server(("", port), Handler)


def main() -> None:
    """Serve until SIGTERM."""
    running = server(int(os.environ.get("PORT", PORT)))
    # `shutdown` waits for the loop in this very thread, so it is called from another one.
    signal.signal(signal.SIGTERM, lambda *_: threading.Thread(target=running.shutdown).start())
    with running:
        running.serve_forever(poll_interval=0.2)


if __name__ == "__main__":
    main()
