"""Throw-away PostgreSQL, MariaDB and Redis for tests, benchmarks and trying by hand.

Each is made of the programs that the distribution installs, in a temporary directory of its own. It listens on loopback
only, asks for a password, and is ended and removed when the process that started it ends, however that ends.

    python -m scripts.servers postgresql mariadb redis
"""

import argparse
import contextlib
import glob
import os
import pwd
import random
import secrets
import shutil
import signal
import socket
import subprocess
import tempfile
import time
from abc import ABC, abstractmethod
from pathlib import Path
from typing import Any, ClassVar, Self

import psutil  # type: ignore[import-untyped]  # ships no types
from sqlalchemy import URL, create_engine, text

HOST = "127.0.0.1"
USER = "inventory"
DATABASE = "inventory"
"""The database that every server starts with, empty."""
PATIENCE_SECONDS = 60
KEEPER = """
pid=
while read -r line && [ "$line" != end ]; do pid=$line; done
[ "$pid" ] && kill -s "$1" "$pid" 2>&- && sleep 1
rm -rf "$2"
"""
"""Hears the process id of the server, or an empty line; cleans up when there is nobody left to hear."""


class ServerMissingError(RuntimeError):
    """A program of the server is not installed."""


class ServerFailedError(RuntimeError):
    """A server could not be set up or started."""


class Server(ABC):
    """A server that nobody else uses; as a context manager, it is started and at the end removed.

    Args:
        options: settings of the server by the names of its configuration, `_` for `-`; they go before ours. Ours
            spare the disk: what a killed server wrote is there again, what the machine loses is lost.

    Raises:
        ServerMissingError: a program is not installed.
    """

    title: ClassVar[str]
    package: ClassVar[str]
    programs: ClassVar[tuple[str, ...]]
    account: ClassVar[str]
    stopping: ClassVar[signal.Signals]
    ending: ClassVar[signal.Signals] = signal.SIGKILL
    settings: ClassVar[dict[str, str]]

    def __init__(self, **options: str) -> None:
        self._programs = [self._find(program) for program in self.programs]
        self.options = self.settings | options
        self.password = secrets.token_hex(8)
        self.port = _free_port()
        self._process: subprocess.Popen[bytes] | None = None
        self._owner = _owner(self.account)
        self.directory = Path(tempfile.mkdtemp(prefix="server-"))
        self._give_away(self.directory)
        self._keeper = subprocess.Popen(
            ["sh", "-c", KEEPER, "keeper", self.ending.name.removeprefix("SIG"), str(self.directory)],
            stdin=subprocess.PIPE,
            start_new_session=True,  # Ctrl-C in a terminal is not for it
        )

    @classmethod
    def _find(cls, program: str) -> str:
        newest_first = sorted(
            glob.glob("/usr/lib/postgresql/*/bin"),  # noqa: PTH207  # as entries of PATH
            key=lambda folder: float(folder.split("/")[4]),
            reverse=True,
        )
        found = shutil.which(program, path=os.pathsep.join((*newest_first, os.environ["PATH"], "/usr/sbin")))
        if found is None:
            raise ServerMissingError(
                f"{cls.title} is not installed: there is no {program}. On Debian and Ubuntu: apt install {cls.package}"
            )
        return found

    def __enter__(self) -> Self:
        """Start."""
        try:
            self.start()
        except BaseException:
            self.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Stop and remove."""
        self.close()

    def start(self) -> None:
        """Start, and wait until it answers; always on the same port. The first start makes the database."""
        first = not (self.directory / "log").exists()
        if first:
            self._make()
        with (self.directory / "log").open("ab") as log:
            self._process = subprocess.Popen(
                self._command(first=first), **self._surroundings(), stdout=log, stderr=log
            )
        self._tell_keeper(str(self._process.pid))
        until = time.monotonic() + PATIENCE_SECONDS
        while not self._is_ready(self._process.pid):
            if self._process.poll() is not None or time.monotonic() > until:
                raise ServerFailedError(f"{self.title} could not be started:\n{self.log()[-2000:]}")
            time.sleep(0.005)
        if first:
            self.create_database(DATABASE)

    def stop(self) -> None:
        """End it cleanly, open connections too, and wait for that. Does nothing when it does not run."""
        if self._process:
            self._process.send_signal(self.stopping)
            self._wait()

    def kill(self) -> None:
        """End all its processes without warning, as a crash would."""
        self._signal(signal.SIGKILL)
        self._wait()

    def pause(self) -> None:
        """Let it hang: connections are made, and nothing answers."""
        self._signal(signal.SIGSTOP)

    def resume(self) -> None:
        """Let it go on after `pause`."""
        self._signal(signal.SIGCONT)

    def close(self) -> None:
        """End it and remove all it wrote."""
        if self._process:
            self.resume()
        self.stop()
        self._tell_keeper("end")
        self._keeper.wait()

    def log(self) -> str:
        """What it has said so far."""
        return (self.directory / "log").read_text(errors="replace")

    @abstractmethod
    def url(self, database: str = DATABASE) -> str:
        """How the product is told of a database on it, password included."""

    def create_database(self, name: str) -> str:
        """Make an empty database and return its URL."""
        self.execute(f"CREATE DATABASE {name}")
        return self.url(name)

    def execute(self, statement: str) -> None:
        """Run a statement that belongs to no database."""
        engine = create_engine(self.url(self.maintenance), isolation_level="AUTOCOMMIT")
        with engine.connect() as connection:
            connection.execute(text(statement))
        engine.dispose()

    maintenance: ClassVar[str] = ""

    @abstractmethod
    def _make(self) -> None:
        """Write what the server needs before its first start."""

    @abstractmethod
    def _command(self, *, first: bool) -> list[str]:
        """What runs in the foreground."""

    @abstractmethod
    def _is_ready(self, pid: int) -> bool:
        """Whether it answers."""

    def _surroundings(self) -> dict[str, Any]:
        return {
            **self._owner,
            "cwd": self.directory,
            "env": {
                "PATH": f"{os.environ['PATH']}:/usr/sbin",
                "HOME": str(self.directory),
                "TMPDIR": str(self.directory),  # at its start MariaDB removes the files of others there
                "LC_ALL": "C",
            },
            "stdin": subprocess.DEVNULL,
            "start_new_session": True,
        }

    def _run(self, *command: str) -> None:
        done = subprocess.run(command, **self._surroundings(), capture_output=True, text=True, check=False)
        if done.returncode:
            raise ServerFailedError(f"{self.title} could not be set up:\n{done.stdout}{done.stderr}")

    def _write(self, name: str, content: str) -> Path:
        file = self.directory / name
        file.touch(mode=0o600)
        file.write_text(content)
        self._give_away(file)
        return file

    def _give_away(self, path: Path) -> None:
        if self._owner:
            os.chown(path, self._owner["user"], self._owner["group"])

    def _tell_keeper(self, line: str) -> None:
        assert self._keeper.stdin  # noqa: S101  # for mypy: it is a pipe
        with contextlib.suppress(ValueError):  # closed before
            self._keeper.stdin.write(f"{line}\n".encode())
            self._keeper.stdin.flush()
            if line == "end":
                self._keeper.stdin.close()

    def _signal(self, number: signal.Signals) -> None:
        if self._process is None or self._process.poll() is not None:
            return
        server = psutil.Process(self._process.pid)
        for process in (server, *server.children(recursive=True)):
            with contextlib.suppress(psutil.NoSuchProcess):
                process.send_signal(number)

    def _wait(self) -> None:
        if self._process is None:
            return
        try:
            self._process.wait(PATIENCE_SECONDS)
        except subprocess.TimeoutExpired:
            self._signal(signal.SIGKILL)
            self._process.wait()
        self._process = None
        self._tell_keeper("")

    def _greets(self, *, asked: bytes = b"") -> bool:
        try:
            with socket.create_connection((HOST, self.port), timeout=1) as connection:
                connection.sendall(asked)
                return bool(connection.recv(1))
        except OSError:
            return False


class PostgreSQLServer(Server):
    """PostgreSQL; texts are sorted and compared as in English, and its clock is in a zone of its own."""

    title = "PostgreSQL"
    package = "postgresql"
    programs = ("initdb", "postgres")
    account = "postgres"
    stopping = signal.SIGINT  # "fast": does not wait for clients
    ending = signal.SIGQUIT  # takes the processes of the connections along
    maintenance = "postgres"
    settings: ClassVar[dict[str, str]] = {
        "fsync": "off",
        "full_page_writes": "off",
        "shared_buffers": "64MB",
        "timezone": "Asia/Kathmandu",
    }

    def url(self, database: str = DATABASE) -> str:
        """A URL for SQLAlchemy."""
        return URL.create(
            "postgresql+psycopg", USER, self.password, HOST, self.port, database
        ).render_as_string(hide_password=False)

    def _make(self) -> None:
        initdb = self._programs[0]
        words = subprocess.run([initdb, "--help"], capture_output=True, text=True, check=True).stdout
        locale = ["--locale=C.UTF-8"]
        if "--locale-provider" in words:  # since 15
            locale = ["--locale=C", "--locale-provider=icu", "--icu-locale=en-US"]
        password = self._write("password", self.password)
        self._run(
            initdb, "--pgdata=data", f"--username={USER}", f"--pwfile={password}", "--auth=scram-sha-256",
            "--encoding=UTF8", "--no-sync", *locale,
        )  # fmt: skip

    def _command(self, *, first: bool) -> list[str]:  # noqa: ARG002  # every start is alike
        places = {"listen_addresses": HOST, "port": str(self.port), "unix_socket_directories": ""}
        options = [f"--{name}={value}" for name, value in (places | self.options).items()]
        return [self._programs[1], "-D", "data", *options]

    def _is_ready(self, pid: int) -> bool:
        """It says so in its file of status, which one that was killed leaves behind."""
        try:
            lines = (self.directory / "data/postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) > 7 and lines[0] == str(pid) and lines[7].strip() == "ready"


class MariaDBServer(Server):
    """MariaDB; what says nothing else is compared without regard for case, accents and trailing spaces."""

    title = "MariaDB"
    package = "mariadb-server"
    programs = ("mariadb-install-db", "mariadbd")
    account = "mysql"
    stopping = signal.SIGTERM
    settings: ClassVar[dict[str, str]] = {
        "character_set_server": "utf8mb4",
        "collation_server": "utf8mb4_general_ci",
        "default_time_zone": "+05:45",
        "innodb_buffer_pool_size": "64M",
        "innodb_flush_log_at_trx_commit": "2",
        "innodb_log_file_size": "32M",
    }

    def url(self, database: str = DATABASE) -> str:
        """A URL for SQLAlchemy."""
        return URL.create("mariadb+pymysql", USER, self.password, HOST, self.port, database).render_as_string(
            hide_password=False
        )

    def _make(self) -> None:
        self._run(
            self._programs[0], "--no-defaults", f"--datadir={self.directory}/data", "--skip-test-db",
            "--auth-root-authentication-method=normal", "--innodb-log-file-size=8M",
        )  # fmt: skip
        account = f"'{USER}'@'{HOST}'"
        statements = (
            "DELETE FROM mysql.global_priv WHERE User = 'root'",
            "FLUSH PRIVILEGES",
            f"CREATE USER {account} IDENTIFIED BY '{self.password}'",
            f"GRANT ALL ON *.* TO {account} WITH GRANT OPTION",
        )
        self._write("accounts.sql", ";\n".join((*statements, "")))

    def _command(self, *, first: bool) -> list[str]:
        places = {
            "datadir": f"{self.directory}/data",
            "socket": f"{self.directory}/socket",
            "pid_file": f"{self.directory}/pid",
            "bind_address": HOST,
            "port": str(self.port),
            "skip_name_resolve": "ON",
        }
        if first:
            places["init_file"] = f"{self.directory}/accounts.sql"
        options = [f"--{name}={value}" for name, value in (places | self.options).items()]
        return [self._programs[1], "--no-defaults", *options]

    def _is_ready(self, pid: int) -> bool:  # noqa: ARG002
        return self._greets()


class RedisServer(Server):
    """Redis; it keeps nothing over a stop."""

    title = "Redis"
    package = "redis-server"
    programs = ("redis-server",)
    account = "redis"
    stopping = signal.SIGTERM
    settings: ClassVar[dict[str, str]] = {"save": '""', "appendonly": "no"}

    def url(self, database: str = "0") -> str:
        """A URL for redis-py."""
        return f"redis://:{self.password}@{HOST}:{self.port}/{database}"

    def create_database(self, name: str) -> str:
        """Redis has its numbered databases from the start."""
        return self.url() if name == DATABASE else self.url(name)

    def _make(self) -> None:
        options = {"bind": HOST, "port": str(self.port), "requirepass": self.password} | self.options
        lines = [f"{name.replace('_', '-')} {value}\n" for name, value in options.items()]
        self._write("redis.conf", "".join(lines))

    def _command(self, *, first: bool) -> list[str]:  # noqa: ARG002
        return [self._programs[0], f"{self.directory}/redis.conf"]

    def _is_ready(self, pid: int) -> bool:  # noqa: ARG002
        return self._greets(asked=b"PING\r\n")


SERVERS: dict[str, type[Server]] = {
    "postgresql": PostgreSQLServer,
    "mariadb": MariaDBServer,
    "redis": RedisServer,
}


def _free_port() -> int:
    """A port that no outgoing connection is given: it stays free while the server is stopped."""
    while True:
        port = random.randint(15000, 31999)  # noqa: S311  # not a secret
        with socket.socket() as probe, contextlib.suppress(OSError):
            probe.bind((HOST, port))
            return port


def _owner(account: str) -> dict[str, Any]:
    """As whom a server runs that refuses to run as root: for Popen."""
    if os.geteuid() != 0:
        return {}
    for name in (account, "nobody"):
        with contextlib.suppress(KeyError):
            entry = pwd.getpwnam(name)
            return {"user": entry.pw_uid, "group": entry.pw_gid, "extra_groups": []}
    raise ServerFailedError("There is no unprivileged account, such as nobody, to run servers as.")


def main() -> None:
    """Start the servers named on the command line, say their URLs, and wait for Ctrl-C."""
    parser = argparse.ArgumentParser(prog="python -m scripts.servers", description=main.__doc__)
    parser.add_argument("names", nargs="+", choices=list(SERVERS), metavar="|".join(SERVERS))
    names = dict.fromkeys(parser.parse_args().names)
    signal.signal(signal.SIGTERM, signal.default_int_handler)
    with contextlib.suppress(KeyboardInterrupt), contextlib.ExitStack() as stack:
        try:
            for name in names:
                print(stack.enter_context(SERVERS[name]()).url(), flush=True)
        except (ServerMissingError, ServerFailedError) as error:
            parser.exit(1, f"{error}\n")
        print("Ctrl-C ends and removes them.", flush=True)
        signal.pause()


if __name__ == "__main__":
    main()
