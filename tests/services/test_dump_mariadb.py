"""The program that dumps databases, against a MariaDB of this machine: what it leaves is restored into an empty server.

`mariadb-server` of Debian is such a server. Where there is none these tests are left out, and say so.
"""

import getpass
import hashlib
import json
import os
import shutil
import socket
import subprocess
import tempfile
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType

import pytest

from services.dump.dump import DumpError, dump
from tests.services.test_dump_program import FOLDER, NOW, PASSWORD, Folder, server

PLACES = os.pathsep.join([os.environ["PATH"], "/usr/sbin", "/usr/local/sbin"])
PROGRAMS = ("mariadb-install-db", "mariadbd", "mysql", "mysqldump")
START_SECONDS = 60


@dataclass(frozen=True, kw_only=True)
class MariaDB:
    """A server of these tests alone. Its root comes in through the socket, without a password."""

    port: int
    socket: Path

    def ask(self, query: str | bytes, database: str = "") -> str:
        """What the client says of a query, or of a whole dump."""
        given = query.encode() if isinstance(query, str) else query
        options = [
            "--no-defaults",
            f"--socket={self.socket}",
            "--user=root",
            "-N",
            "-B",
            "--default-character-set=utf8mb4",
        ]
        done = subprocess.run([found("mysql"), *options, database], input=given, capture_output=True, check=False)
        assert done.returncode == 0, done.stderr.decode()
        return done.stdout.decode().strip()


def found(name: str) -> str:
    path = shutil.which(name, path=PLACES)
    assert path is not None
    return path


@pytest.fixture(scope="module")
def mariadb() -> Iterator[MariaDB]:
    missing = [name for name in PROGRAMS if shutil.which(name, path=PLACES) is None]
    if missing:
        pytest.skip(f"no MariaDB server here ({', '.join(missing)} not found): apt install mariadb-server")
    with tempfile.TemporaryDirectory() as folder, socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        made = MariaDB(port=free.getsockname()[1], socket=Path(folder, "socket"))
        free.close()
        # Of the tree that the programs stand in; whoever runs the tests is whom the server runs as.
        place = [
            "--no-defaults", f"--basedir={Path(found('mariadbd')).parent.parent}", f"--datadir={folder}/data",
            f"--user={getpass.getuser()}",
        ]  # fmt: skip
        install = [found("mariadb-install-db"), *place, "--auth-root-authentication-method=normal", "--skip-test-db"]
        subprocess.run(install, check=True, capture_output=True, timeout=120)
        options = ["--bind-address=127.0.0.1", f"--port={made.port}", f"--socket={made.socket}",
                   f"--pid-file={folder}/pid", "--innodb-flush-log-at-trx-commit=0", "--innodb-buffer-pool-size=32M"]  # fmt: skip
        with Path(folder, "log").open("wb") as log:
            running = subprocess.Popen([found("mariadbd"), *place, *options], stdout=log, stderr=log)
        try:
            _wait(running, made.socket, Path(folder, "log"))
            made.ask(
                f"create user platform@'127.0.0.1' identified by '{PASSWORD}'; grant all on *.* to platform@'127.0.0.1'"
            )
            made.ask("create database main_db; create database `Second one`")
            yield made
        finally:
            running.kill()
            running.wait()


def _wait(running: subprocess.Popen[bytes], socket_: Path, log: Path) -> None:
    for _ in range(START_SECONDS * 10):
        if socket_.exists():
            return
        assert running.poll() is None, log.read_text(errors="replace")
        time.sleep(0.1)
    raise AssertionError(f"the server does not answer: {log.read_text(errors='replace')}")


@pytest.fixture(scope="module")
def dumped(mariadb: MariaDB) -> Mapping[str, bytes]:
    """The objects of a dump of two databases: text of every kind, bytes, a key, a view, a trigger and a procedure."""
    mariadb.ask("drop database main_db; create database main_db character set utf8mb4")
    mariadb.ask(
        """
        create table people (id int auto_increment primary key, name varchar(80) not null, photo longblob, changed int default 0);
        insert into people (name) values ('Ada'), ('Zoë \U0001f600'), ('semi;colon ''quoted''');
        update people set photo = repeat(unhex('00ff0a'), 300000) where id = 1;
        create table pets (id int primary key, owner int, foreign key (owner) references people (id));
        insert into pets values (7, 2);
        create view names as select name from people;
        delimiter //
        create trigger counts before update on people for each row set new.changed = old.changed + 1//
        create procedure rename_all() update people set name = 'x'//
        """,
        "main_db",
    )
    bucket = Folder()
    with pytest.MonkeyPatch.context() as patched:
        patched.setenv("PATH", PLACES)
        dump("mysql", "main-db", server(PORT=str(mariadb.port)), bucket, NOW)
    return MappingProxyType(bucket.objects)


ROWS = "select count(*), md5(group_concat(concat_ws('|', id, name, md5(photo), changed) order by id)) from people"


def test_a_dump_is_restored_whole_where_its_database_is_gone(mariadb: MariaDB, dumped: Mapping[str, bytes]) -> None:
    before = mariadb.ask(ROWS, "main_db")
    assert before.startswith("3\t")
    mariadb.ask("drop database main_db")
    mariadb.ask(dumped[f"{FOLDER}/main_db.sql"])
    assert mariadb.ask(ROWS, "main_db") == before
    assert mariadb.ask("select owner from pets; select count(*) from names", "main_db").split() == ["2", "3"]
    mariadb.ask("insert into people (name) values ('after'); update people set name = 'y' where id = 2", "main_db")
    assert mariadb.ask("select max(id), max(changed) from people", "main_db").split() == ["4", "1"], (
        "keys and triggers go on"
    )
    mariadb.ask("call rename_all()", "main_db")
    assert mariadb.ask("select count(*) from people where name = 'x'", "main_db") == "4"


def test_every_database_but_the_servers_own_is_dumped_in_the_vendor_s_format(dumped: Mapping[str, bytes]) -> None:
    assert set(dumped) == {f"{FOLDER}/{name}" for name in ("main_db.sql", "Second one.sql", "manifest.json")}
    text = dumped[f"{FOLDER}/main_db.sql"]
    assert b"sandbox" not in text, "the client of MySQL refuses that line"
    assert text.lstrip().startswith(b"-- MariaDB dump") and b"-- Dump completed" in text[-100:]
    assert PASSWORD.encode() not in text
    manifest = json.loads(dumped[f"{FOLDER}/manifest.json"])
    part = manifest["parts"]["main_db.sql"]
    assert part == {"bytes": len(text), "sha256": hashlib.sha256(text).hexdigest()}


def test_a_dump_that_cannot_sign_in_leaves_nothing(mariadb: MariaDB, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PATH", PLACES)
    bucket = Folder()
    with pytest.raises(DumpError, match="mysql ended with 1"):
        dump("mysql", "main-db", server(PORT=str(mariadb.port), PASSWORD="wrong"), bucket, NOW)
    assert not bucket.objects
