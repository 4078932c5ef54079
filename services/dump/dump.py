"""Dumps every database of a server in its vendor's own format, straight into a bucket, and ends.

`dump.py postgres|mysql STORE` takes address and sign-in of the server from `{STORE}_HOST`, `_PORT`, `_USERNAME`,
`_PASSWORD` and `_TLS_MODE`, and the bucket from DUMPS_BUCKET and DUMPS_REGION. Under `STORE/<time>/` it leaves one
object for each database (`pg_dump --format=custom`, or SQL of mysqldump), of PostgreSQL the roles as SQL, and last of
all `manifest.json` with size and SHA-256 of each: a dump without it is not complete. Ends with another code than 0 when
anything went wrong. Nothing is written to disk. To restore one: docs/data.md, "Dump".
"""

import hashlib
import io
import json
import os
import subprocess
import sys
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Protocol

CERTIFICATES = Path("/srv/rds.pem")
CHUNK_BYTES = 64 * 1024**2  # S3 takes 10,000 parts, so a dump may have 625 GiB
# What RDS keeps for itself, and what every server has.
NOT_OURS = frozenset({"rdsadmin", "information_schema", "mysql", "performance_schema", "sys", "innodb", "tmp"})
# The dump of MariaDB's client begins with it, and MySQL's own client refuses the file for that.
SANDBOX = b"/*M!999999\\- enable the sandbox mode */"


class DumpError(Exception):
    """Something is not dumped; the text says what the vendor's program said."""


class Readable(Protocol):
    """A file, as far as an upload cares."""

    def read(self, size: int = -1) -> bytes:
        """The next bytes, none at its end."""
        ...


class Bucket(Protocol):
    """Where a dump goes."""

    def put(self, key: str, content: Readable) -> None:
        """Keeps what is read until its end; keeps nothing when reading fails."""
        ...


@dataclass(frozen=True, kw_only=True)
class Server:
    """Where it is and who signs in. `certificates` is a file; None for a server whose certificate nobody checks."""

    host: str
    port: str
    username: str
    password: str
    database: str
    tls_mode: str
    certificates: Path | None

    @classmethod
    def of(cls, store: str, variables: Mapping[str, str]) -> "Server":
        """From the variables that `uses` brings; KeyError names one that is missing."""
        prefix = store.replace("-", "_").upper()
        return cls(
            host=variables[f"{prefix}_HOST"],
            port=variables[f"{prefix}_PORT"],
            username=variables[f"{prefix}_USERNAME"],
            password=variables[f"{prefix}_PASSWORD"],
            database=variables[f"{prefix}_DATABASE"],
            tls_mode=variables[f"{prefix}_TLS_MODE"],
            # verify-full of PostgreSQL, VERIFY_IDENTITY of MySQL.
            certificates=CERTIFICATES if variables[f"{prefix}_TLS_MODE"].lower().startswith("verify") else None,
        )


class Stream:
    """What a program writes, as a file to read from. Its end is only the end if the program ended well."""

    def __init__(self, command: Sequence[str], environment: Mapping[str, str], skip: bytes = b"") -> None:
        self._name = command[0]
        # What it complains of goes to the log of this program.
        self._process = subprocess.Popen(  # noqa: S603 - a fixed program, without a shell
            command, stdin=subprocess.DEVNULL, stdout=subprocess.PIPE, env=dict(environment)
        )
        self._skip = skip
        self._digest = hashlib.sha256()
        self.size = 0

    @property
    def sha256(self) -> str:
        """Of all that was read."""
        return self._digest.hexdigest()

    def read(self, size: int = -1) -> bytes:
        """As files do; DumpError in place of the end when the program failed."""
        assert self._process.stdout is not None
        content = self._process.stdout.read(size)
        # By what the program wrote, not by what is left of it: nobody may wait for a program that waits to be read.
        over = size < 0 or len(content) < size
        if self._skip and content.startswith(self._skip):
            content = content[len(self._skip) :].lstrip(b"\r\n") or b"\n"
        self._skip = b""
        if over and (code := self._process.wait()):
            raise DumpError(f"{self._name} ended with {code}; what it said is above")
        self._digest.update(content)
        self.size += len(content)
        return content


class PostgreSQL:
    """pg_dump of each database in the custom format, and pg_dumpall of the roles, without their passwords."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def parts(self) -> Iterator[tuple[str, Stream]]:
        """Name of an object and what it holds, one after the other."""
        own = self._server.database
        yield "roles.sql", Stream(["pg_dumpall", "--roles-only", "--no-role-passwords"], self._environment(own))
        for database in self._databases():
            yield f"{database}.dump", Stream(["pg_dump", "--format=custom"], self._environment(database))

    def _databases(self) -> list[str]:
        """All but the one that every server has, unless it is the one that the stack uses."""
        own = self._server.database
        query = "select datname from pg_database where datallowconn and not datistemplate order by datname"
        asked = ["psql", "--no-psqlrc", "--no-align", "--tuples-only", "--command", query]
        names = _all(Stream(asked, self._environment(own))).decode().splitlines()
        return [name for name in names if name == own or name not in {*NOT_OURS, "postgres"}]

    def _environment(self, database: str) -> dict[str, str]:
        """Everything about the sign-in is here: in the arguments of a process anybody on the machine could read it."""
        server = self._server
        return {
            "PATH": os.environ.get("PATH", os.defpath),
            "PGHOST": server.host,
            "PGPORT": server.port,
            "PGDATABASE": database,
            "PGUSER": server.username,
            "PGPASSWORD": server.password,
            "PGSSLMODE": server.tls_mode,
            "PGCONNECT_TIMEOUT": "30",
            **({"PGSSLROOTCERT": str(server.certificates)} if server.certificates else {}),
        }


class MySQL:
    """mysqldump of each database as SQL, in one transaction, so that nobody waits for it."""

    def __init__(self, server: Server) -> None:
        self._server = server

    def parts(self) -> Iterator[tuple[str, Stream]]:
        """Name of an object and what it holds, one after the other."""
        for database in self._databases():
            whole = ["--single-transaction", "--quick", "--routines", "--triggers", "--events", "--hex-blob"]
            command = ["mysqldump", *self._sign_in(), *whole, "--databases", database]
            yield f"{database}.sql", Stream(command, self._environment(), skip=SANDBOX)

    def _databases(self) -> list[str]:
        found = Stream(["mysql", *self._sign_in(), "-N", "-B", "-e", "show databases"], self._environment())
        return [name for name in _all(found).decode().splitlines() if name not in NOT_OURS]

    def _sign_in(self) -> list[str]:
        server = self._server
        checked = [f"--ssl-ca={server.certificates}", "--ssl-verify-server-cert"] if server.certificates else []
        return [
            "--no-defaults",
            f"--host={server.host}",
            f"--port={server.port}",
            f"--user={server.username}",
            *checked,
        ]

    def _environment(self) -> dict[str, str]:
        return {"PATH": os.environ.get("PATH", os.defpath), "MYSQL_PWD": self._server.password}


VENDORS: Mapping[str, type[PostgreSQL] | type[MySQL]] = {"postgres": PostgreSQL, "mysql": MySQL}


class S3:
    """A bucket of S3. What could not be read to its end leaves no object: the upload is broken off."""

    def __init__(self, name: str, client: Any, transfer: Any) -> None:
        self._name, self._client, self._transfer = name, client, transfer

    def put(self, key: str, content: Readable) -> None:
        """In parts, one after the other, so that memory holds one."""
        self._client.upload_fileobj(content, self._name, key, Config=self._transfer)


def dump(vendor: str, store: str, server: Server, bucket: Bucket, now: datetime) -> dict[str, Any]:
    """All of it. Gives the manifest, which is in the bucket too, as the last object."""
    folder = f"{store}/{now:%Y-%m-%dT%H%M%SZ}"
    parts: dict[str, dict[str, Any]] = {}
    for name, content in VENDORS[vendor](server).parts():
        bucket.put(f"{folder}/{name}", content)
        parts[name] = {"bytes": content.size, "sha256": content.sha256}
        print(json.dumps({"dumped": f"{folder}/{name}", **parts[name]}), flush=True)
    manifest = {"store": store, "vendor": vendor, "startedAt": now.isoformat(), "parts": parts}
    written = json.dumps(manifest, indent=2, sort_keys=True)
    bucket.put(f"{folder}/manifest.json", io.BytesIO(written.encode()))
    return manifest


def _all(stream: Stream) -> bytes:
    content = b""
    while more := stream.read(65536):
        content += more
    return content


def main(arguments: Sequence[str]) -> int:
    """The program."""
    import boto3  # noqa: PLC0415 - it is where the dump runs
    from boto3.s3.transfer import TransferConfig  # noqa: PLC0415

    vendor, store = arguments
    client = boto3.client("s3", region_name=os.environ["DUMPS_REGION"])
    transfer = TransferConfig(multipart_threshold=CHUNK_BYTES, multipart_chunksize=CHUNK_BYTES, use_threads=False)
    bucket = S3(os.environ["DUMPS_BUCKET"], client, transfer)
    try:
        dump(vendor, store, Server.of(store, os.environ), bucket, datetime.now(UTC))
    except DumpError as error:
        print(json.dumps({"error": str(error)}), flush=True)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
