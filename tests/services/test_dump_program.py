"""The program that dumps databases: against a PostgreSQL of this machine, and against stand-ins of vendors' programs.

`postgresql` of Debian is such a server. Where there is none the tests that need one are left out, and say so.
"""

import hashlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime
from pathlib import Path
from types import MappingProxyType

import pytest

from components.data import engines
from services.dump.dump import SANDBOX, DumpError, Readable, Server, Stream, dump
from tests.gathered import for_each

NOW = datetime(2027, 1, 10, 12, tzinfo=UTC)
FOLDER = "main-db/2027-01-10T120000Z"
PASSWORD = "kept out of every argument"
BINARIES = sorted(Path("/usr/lib/postgresql").glob("*/bin"), key=lambda path: int(path.parent.name))
SERVER_PROGRAMS = ("initdb", "pg_ctl")
CLIENT_PROGRAMS = ("createdb", "pg_dump", "pg_dumpall", "pg_restore", "psql")


@dataclass
class Folder:
    """A bucket in memory, as S3 is: an object is there when it was read to its end."""

    objects: dict[str, bytes] = field(default_factory=dict)

    def put(self, key: str, content: Readable) -> None:
        whole = b""
        while part := content.read(1000):
            whole += part
        self.objects[key] = whole


def program(name: str) -> str | None:
    """Where a program of PostgreSQL is, in the path or where Debian puts it."""
    return shutil.which(name, path=os.pathsep.join([os.environ["PATH"], *map(str, reversed(BINARIES))]))


def server(store: str = "main-db", **change: str) -> Server:
    given = {
        "HOST": "127.0.0.1",
        "PORT": "1",
        "USERNAME": "platform",
        "PASSWORD": PASSWORD,
        "DATABASE": "main_db",
        "TLS_MODE": "disable",
        **change,
    }
    return Server.of(store, {f"MAIN_DB_{name}": value for name, value in given.items()})


# --- A real server.


@dataclass(frozen=True, kw_only=True)
class PostgreSQL:
    """A server of this test alone."""

    port: int

    def run(self, name: str, *arguments: str, database: str = "main_db", given: bytes | None = None) -> str:
        """What a client program says, as the master user."""
        environment = {
            **os.environ,
            "PGHOST": "127.0.0.1",
            "PGPORT": str(self.port),
            "PGUSER": "platform",
            "PGPASSWORD": PASSWORD,
            "PGDATABASE": database,
        }
        path = program(name)
        assert path is not None
        done = subprocess.run([path, *arguments], env=environment, input=given, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()

    def ask(self, query: str, database: str = "main_db") -> str:
        return self.run("psql", "--no-psqlrc", "-At", "-c", query, database=database)


def _unprivileged() -> dict[str, str]:
    """PostgreSQL does not run as root: then as whom it does."""
    return {"user": "postgres", "group": "postgres"} if os.geteuid() == 0 else {}


@pytest.fixture(scope="module")
def postgres() -> Iterator[PostgreSQL]:
    missing = [name for name in (*SERVER_PROGRAMS, *CLIENT_PROGRAMS) if program(name) is None]
    if missing:
        pytest.skip(f"no PostgreSQL server here ({', '.join(missing)} not found): apt install postgresql")
    with tempfile.TemporaryDirectory() as folder:
        if _unprivileged():
            shutil.chown(folder, "postgres", "postgres")
        data, secret = Path(folder, "data"), Path(folder, "secret")
        secret.write_text(PASSWORD)
        secret.chmod(0o644)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            port = free.getsockname()[1]
        _run(
            "initdb",
            "-D",
            str(data),
            "-U",
            "platform",
            "-A",
            "scram-sha-256",
            f"--pwfile={secret}",
            "-E",
            "UTF8",
            "--no-sync",
        )
        options = f"-c listen_addresses=127.0.0.1 -c port={port} -c unix_socket_directories={folder} -c fsync=off"
        _run("pg_ctl", "-D", str(data), "-w", "-t", "60", "-l", str(Path(folder, "log")), "-o", options, "start")
        try:
            made = PostgreSQL(port=port)
            made.run("createdb", "main_db", database="postgres")
            made.run("createdb", "Second one", database="postgres")
            yield made
        finally:
            _run("pg_ctl", "-D", str(data), "-w", "-m", "immediate", "stop")


def _run(name: str, *arguments: str) -> None:
    path = program(name)
    assert path is not None
    as_whom = _unprivileged()
    subprocess.run(
        [path, *arguments],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=tempfile.gettempdir(),
        user=as_whom.get("user"),
        group=as_whom.get("group"),
        timeout=90,
    )


@pytest.fixture(scope="module")
def dumped(postgres: PostgreSQL) -> Mapping[str, bytes]:
    """The objects of a dump of a server with two databases, a role, text of every kind and something large."""
    postgres.ask(
        "create table people (id serial primary key, name text not null, photo bytea);"
        "insert into people (name) values ('Ada'), ('Zoë \U0001f600'), ('semi;colon ''quoted''');"
        "update people set photo = decode(repeat('00ff', 500000), 'hex') where id = 1;"
        "create role reader; grant select on people to reader"
    )
    bucket = Folder()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", os.pathsep.join([*map(str, reversed(BINARIES)), os.environ["PATH"]]))
        dump("postgres", "main-db", server(PORT=str(postgres.port)), bucket, NOW)
    return MappingProxyType(bucket.objects)


def test_a_dump_is_restored_whole_into_an_empty_database(postgres: PostgreSQL, dumped: Mapping[str, bytes]) -> None:
    before = postgres.ask("select count(*), md5(string_agg(people::text, '|' order by id)) from people")
    assert before.startswith("3|")
    postgres.run("createdb", "again", database="postgres")
    archive = dumped[f"{FOLDER}/main_db.dump"]
    postgres.run("pg_restore", "--exit-on-error", "--dbname", "again", given=archive)
    after = postgres.ask("select count(*), md5(string_agg(people::text, '|' order by id)) from people", "again")
    assert after == before
    postgres.ask("insert into people (name) values ('after')", "again")
    assert postgres.ask("select max(id) from people", "again") == "4", "sequences go on where they were"
    assert postgres.ask("select has_table_privilege('reader', 'people', 'select')", "again") == "t"


def test_every_database_but_the_servers_own_is_dumped_and_the_roles_without_passwords(
    dumped: Mapping[str, bytes],
) -> None:
    assert set(dumped) == {
        f"{FOLDER}/{name}" for name in ("main_db.dump", "Second one.dump", "roles.sql", "manifest.json")
    }
    roles = dumped[f"{FOLDER}/roles.sql"].decode()
    assert "CREATE ROLE reader" in roles
    assert "SCRAM" not in roles and PASSWORD not in roles
    assert dumped[f"{FOLDER}/main_db.dump"].startswith(b"PGDMP"), "the format of pg_dump itself"


def test_the_manifest_comes_last_and_says_what_each_object_is(dumped: Mapping[str, bytes]) -> None:
    *others, last = dumped
    assert last == f"{FOLDER}/manifest.json"
    manifest = json.loads(dumped[last])
    assert (manifest["store"], manifest["vendor"]) == ("main-db", "postgres")
    for key in others:
        part = manifest["parts"][key.removeprefix(f"{FOLDER}/")]
        assert part == {"bytes": len(dumped[key]), "sha256": hashlib.sha256(dumped[key]).hexdigest()}


def test_a_dump_that_cannot_sign_in_leaves_nothing(postgres: PostgreSQL, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", os.pathsep.join([*map(str, reversed(BINARIES)), os.environ["PATH"]]))
    bucket = Folder()
    with pytest.raises(DumpError, match="pg_dumpall ended with 1"):
        dump("postgres", "main-db", server(PORT=str(postgres.port), PASSWORD="wrong"), bucket, NOW)
    assert not bucket.objects


# --- Stand-ins.


@pytest.fixture
def vendor(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder of programs in front of all others; each writes what it was told into `calls`."""
    monkeypatch.setenv("PATH", f"{tmp_path}{os.pathsep}{os.environ['PATH']}")
    return tmp_path


def stand_in(folder: Path, name: str, says: str) -> None:
    script = folder / name
    script.write_text(f'#!/bin/sh\nprintf "%s\\n" "{name} $*" >> "{folder}/calls"\n{says}\n')
    script.chmod(0o755)


def test_mysql_is_dumped_database_by_database_in_one_transaction(vendor: Path) -> None:
    stand_in(vendor, "mysql", r"printf 'information_schema\nmain_db\nmysql\nshop\nsys\n'")
    stand_in(
        vendor,
        "mysqldump",
        rf"env > {vendor}/environment; printf '/*M!999999\\- enable the sandbox mode */ \nCREATE TABLE t;\n'",
    )
    bucket = Folder()
    dump("mysql", "main-db", server(TLS_MODE=engines.ENGINES["mysql"].tls_mode), bucket, NOW)
    assert set(bucket.objects) == {f"{FOLDER}/{name}" for name in ("main_db.sql", "shop.sql", "manifest.json")}
    calls = (vendor / "calls").read_text()
    assert "--single-transaction" in calls and "--routines" in calls
    assert "--ssl-verify-server-cert" in calls and "--ssl-ca=/srv/rds.pem" in calls
    assert PASSWORD not in calls, "anybody on the machine can read arguments"
    assert f"MYSQL_PWD={PASSWORD}" in (vendor / "environment").read_text()
    sql = bucket.objects[f"{FOLDER}/shop.sql"]
    assert b"sandbox" not in sql and b"CREATE TABLE t;" in sql, "the client of MySQL refuses that line"


def test_a_line_that_is_left_out_is_not_taken_for_the_end() -> None:
    writes = "printf '/*M!999999\\\\- enable the sandbox mode */ \\n'; head -c 300000 /dev/zero"
    stream = Stream(["timeout", "5", "/bin/sh", "-c", writes], {"PATH": os.environ["PATH"]}, skip=SANDBOX)
    whole = b"".join(iter(lambda: stream.read(1000), b""))
    assert whole.lstrip() == bytes(300000), "who waits for a program that waits to be read waits for ever"


def test_a_dump_that_breaks_off_leaves_no_object_and_no_manifest(vendor: Path) -> None:
    stand_in(vendor, "mysql", r"printf 'first\nsecond\n'")
    stand_in(vendor, "mysqldump", 'case "$*" in *second) echo "half of it"; exit 3;; *) echo whole;; esac')
    bucket = Folder()
    with pytest.raises(DumpError, match="mysqldump ended with 3"):
        dump("mysql", "main-db", server(), bucket, NOW)
    assert list(bucket.objects) == [f"{FOLDER}/first.sql"]


@for_each("size", [-1, 1, 5, 100])
def test_a_program_that_fails_at_its_end_is_no_end_of_a_file(size: int) -> None:
    stream = Stream(["/bin/sh", "-c", "printf 12345; exit 7"], {})
    with pytest.raises(DumpError, match="ended with 7"):
        list(iter(lambda: stream.read(size), b""))


def test_postgresql_gets_its_sign_in_by_the_environment_and_checks_the_certificate(vendor: Path) -> None:
    for name in ("pg_dumpall", "pg_dump"):
        stand_in(vendor, name, f'env > "{vendor}/environment"; echo dumped')
    stand_in(vendor, "psql", r"printf 'main_db\npostgres\nrdsadmin\n'")
    bucket = Folder()
    dump("postgres", "main-db", server(TLS_MODE=engines.ENGINES["postgres"].tls_mode), bucket, NOW)
    assert {key.rpartition("/")[2] for key in bucket.objects} == {"roles.sql", "main_db.dump", "manifest.json"}
    environment = (vendor / "environment").read_text()
    assert "PGSSLMODE=verify-full" in environment and "PGSSLROOTCERT=/srv/rds.pem" in environment
    assert f"PGPASSWORD={PASSWORD}" in environment
    assert PASSWORD not in (vendor / "calls").read_text()


def test_a_variable_that_is_missing_is_named() -> None:
    with pytest.raises(KeyError, match="MAIN_DB_HOST"):
        Server.of("main-db", {})
