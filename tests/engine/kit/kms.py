"""A stand-in for AWS KMS with one key, which keeps the data keys of stacks: `awskms://` as docs/operating.md has it.

Not only because that is what users have: a passphrase is hashed a million times by each call of the CLI, which takes
0.2 s of a processor.
"""

import base64
import functools
import json
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any

PROVIDER = "awskms://alias/pulumi-state?region=us-east-1&anonymous=true"
_KEY = "arn:aws:kms:us-east-1:111122223333:key/00000000-0000-4000-8000-000000000000"
_SEALED = b"sealed:"


class _Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def do_POST(self) -> None:
        """Encrypt or Decrypt, as the API reference of KMS has them; nothing is secret here."""
        asked = json.loads(self.rfile.read(int(self.headers["Content-Length"])))
        answer: dict[str, Any] = {"KeyId": _KEY, "EncryptionAlgorithm": "SYMMETRIC_DEFAULT"}
        if self.headers["X-Amz-Target"] == "TrentService.Encrypt":
            sealed = _SEALED + base64.b64decode(asked["Plaintext"])
            answer["CiphertextBlob"] = base64.b64encode(sealed).decode()
        else:
            opened = base64.b64decode(asked["CiphertextBlob"]).removeprefix(_SEALED)
            answer["Plaintext"] = base64.b64encode(opened).decode()
        body = json.dumps(answer).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/x-amz-json-1.1")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        self.wfile.write(body)

    def log_message(self, *_: Any) -> None:
        """Nothing."""


@functools.cache
def environment() -> dict[str, str]:
    """Variables by which the CLI finds it; it is started once and ends with this process."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    threading.Thread(target=server.serve_forever, name="kms", daemon=True).start()
    return {"AWS_ENDPOINT_URL_KMS": f"http://127.0.0.1:{server.server_address[1]}"}
