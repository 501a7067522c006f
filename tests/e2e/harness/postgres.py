"""A PostgreSQL 15 of the test's own: with postgres.Postgres() as server: server.sql("SELECT 1")."""

import glob
import pathlib
import queue
import re
import secrets
import signal
import subprocess
import threading
from urllib.parse import urlencode

from .certificates import Authority
from .server import HOST, Server, give_away, unprivileged

SUPERUSER, USER, DATABASE = "postgres", "gatehouse", "gatehouse"

# Small, for a machine that runs several of them; nothing here changes what a commit promises. After
# a kill a server syncs its files before it begins: all at once takes a fifth of the time.
SMALL = {"shared_buffers": "32MB", "max_connections": "200", "jit": "off", "max_wal_size": "128MB",
         "recovery_init_sync_method": "syncfs"}


def program(name):
    """The newest installed PostgreSQL's program; Debian does not put the server's into the path."""
    found = sorted(glob.glob(f"/usr/lib/postgresql/*/bin/{name}"), key=lambda path: int(re.search(r"\d+", path)[0]))
    assert found, f"{name} is not installed"
    return found[-1]


class SqlError(Exception):
    """What the server answered instead."""


class Postgres(Server):
    """Role and database are called `gatehouse`; passwords are SCRAM. `settings` are lines of
    postgresql.conf. With `tls` it accepts nothing else, under a certificate for 127.0.0.1 and
    localhost that `authority.certificate` vouches for."""

    name = "postgres"
    stop_signal = signal.SIGINT  # "fast": cuts clients off, writes a checkpoint

    def __init__(self, fsync=True, tls=False, **settings):
        self.password, self._superuser_password = secrets.token_hex(16), secrets.token_hex(16)
        self.authority = None
        self._tls = tls
        self._settings = {**SMALL, "fsync": "on" if fsync else "off", **settings}
        super().__init__()
        self.sql(f"CREATE ROLE {USER} LOGIN PASSWORD '{self.password}'", database="postgres")
        self.sql(f"CREATE DATABASE {DATABASE} OWNER {USER}", database="postgres")

    def prepare(self):
        password_file = self.write("superuser-password", self._superuser_password)
        self.run([program("initdb"), "-D", self.folder / "data", "-U", SUPERUSER, "--no-sync", "--locale=C.UTF-8",
                  "--encoding=UTF8", "--auth=scram-sha-256", f"--pwfile={password_file}"])
        if self._tls:
            self.authority = Authority(self.folder)
            certificate, key = map(give_away, self.authority.issue("server"))
            self._settings |= {"ssl": "on", "ssl_cert_file": certificate, "ssl_key_file": key}
            self.write("data/pg_hba.conf", f"hostssl all all {HOST}/32 scram-sha-256\n")

    def command(self):
        settings = {"listen_addresses": HOST, "unix_socket_directories": "", "port": self.port, **self._settings}
        options = [word for name, value in settings.items() for word in ("-c", f"{name}={value}")]
        return [program("postgres"), "-D", self.folder / "data", *options]

    def says_ready(self, line):
        return line.endswith("database system is ready to accept connections")

    # ---- what a test does ----

    def kill(self):
        """As `pg_ctl -m immediate`: no checkpoint, the next start recovers from the log. (`kill -9`
        of the parent alone would leave its children behind.)"""
        self._end(signal.SIGQUIT)

    def url(self, port=None, **parameters):
        """How a gateway finds it; `port` is that of something in front of it."""
        query = "?" + urlencode(parameters) if parameters else ""
        return f"postgres://{USER}:{self.password}@{HOST}:{port or self.port}/{DATABASE}{query}"

    def store(self, *others, host=HOST, port=None, **parameters):
        """What a gateway's `store` says, without the password: this server, or it and the next ones;
        `port` is that of something in front of it."""
        places = ",".join([f"{host}:{port or self.port}", *(f"{HOST}:{other.port}" for other in others)])
        query = "?" + urlencode(parameters) if parameters else ""
        return f"postgres://{USER}@{places}/{DATABASE}{query}"

    def verified_url(self, port=None):
        """The same, for a client that checks the server's certificate and name."""
        return self.url(port, sslmode="verify-full", sslrootcert=self.authority.certificate)

    def sql(self, statements, as_user=SUPERUSER, database=DATABASE):
        """Runs it in a connection of its own; the rows as lists of text. Fails with SqlError."""
        with self.session(as_user, database) as session:
            return session.run(statements)

    def session(self, as_user=SUPERUSER, database=DATABASE):
        """A connection that stays open, for what a person with a shell might leave open."""
        password = self.password if as_user == USER else self._superuser_password
        return Session(self.port, as_user, password, database, encrypted=self._tls)

    def set(self, name, value):
        """Changes a setting of the running server, for every session that does not say otherwise."""
        self.sql(f"ALTER SYSTEM SET {name} = '{value}'")
        self.sql("SELECT pg_reload_conf()")

    def disconnect_clients(self):
        """Ends every other connection, as an operator or a failover would."""
        self.sql("SELECT pg_terminate_backend(pid) FROM pg_stat_activity "
                 "WHERE pid <> pg_backend_pid() AND backend_type = 'client backend'")


class Standby(Postgres):
    """A copy of `primary` that follows it and takes no writes until it is promoted."""

    name = "standby"

    def __init__(self, primary):
        self.primary = primary
        self.password, self._superuser_password = primary.password, primary._superuser_password
        self.authority = None
        self._tls = False
        self._settings = {**SMALL, "fsync": "on"}
        Server.__init__(self)

    def prepare(self):
        self.run([program("pg_basebackup"), "-h", HOST, "-p", self.primary.port, "-U", SUPERUSER, "-D", self.folder / "data",
                  "-R", "-X", "stream", "--checkpoint=fast"], PGPASSWORD=self._superuser_password)

    def says_ready(self, line):
        return line.endswith(("ready to accept read-only connections", "ready to accept connections"))

    def promote(self):
        """Makes it the primary; returns when it takes writes."""
        assert self.sql("SELECT pg_promote()") == [["t"]]


class Session:
    """psql, kept open. One statement, or several, at a time."""

    def __init__(self, port, user, password, database, encrypted=False, timeout=30):
        self._timeout = timeout
        self._psql = subprocess.Popen(
            ["psql", "-XqAt", "-F", "\t", "-v", "VERBOSITY=verbose", "-h", HOST, "-p", str(port), "-U", user, "-d", database],
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.STDOUT, text=True, cwd="/",
            env={"PATH": "/usr/bin:/bin", "PGPASSWORD": password, "PGSSLMODE": "require" if encrypted else "disable",
                 "PGCONNECT_TIMEOUT": "10"}, **unprivileged())
        self._lines = queue.Queue()
        self._reader = threading.Thread(target=self._read, daemon=True)
        self._reader.start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.close()

    def _read(self):
        for line in self._psql.stdout:
            self._lines.put(line.rstrip("\n"))
        self._lines.put(None)

    def begin(self, statements):
        """Sends it and does not wait: for what blocks. `finish` reads the answer."""
        self._mark = secrets.token_hex(8)
        try:
            self._psql.stdin.write(f"{statements};\n\\echo {self._mark}\n")
            self._psql.stdin.flush()
        except BrokenPipeError:
            pass  # `finish` reads why

    def finish(self):
        rows, problems = [], []
        while (line := self._lines.get(timeout=self._timeout)) != self._mark:
            if line is None:
                raise SqlError("\n".join(problems) or "the connection ended")
            if re.match(r"(psql: error:|ERROR:|FATAL:|server closed the connection)", line) or problems:
                problems.append(line)
            else:
                rows.append(line.split("\t"))
        if problems:
            raise SqlError("\n".join(problems))
        return rows

    def run(self, statements):
        self.begin(statements)
        return self.finish()

    def close(self):
        self._psql.stdin.close()
        try:
            self._psql.wait(5)
        except subprocess.TimeoutExpired:  # a frozen server answers nobody, and psql waits for it
            self._psql.kill()
            self._psql.wait()
        self._reader.join(5)
        self._psql.stdout.close()
