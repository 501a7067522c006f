"""A pgbouncer of the test's own in front of a Postgres."""

from .postgres import DATABASE, USER, Session
from .server import HOST, Server

OPERATOR = "operator"


class Pgbouncer(Server):
    """Transaction mode: each transaction may get another server connection. `settings` are lines
    of its [pgbouncer] section. It is stopped by SIGTERM, which waits for nobody."""

    name = "pgbouncer"

    def __init__(self, postgres, **settings):
        self.postgres = postgres
        self._settings = {
            "listen_addr": HOST, "unix_socket_dir": "", "auth_type": "scram-sha-256", "pool_mode": "transaction",
            "admin_users": OPERATOR, "default_pool_size": 10, "max_client_conn": 500, "server_login_retry": 1, **settings}
        super().__init__()

    def prepare(self):
        users = self.write("users.txt", f'"{USER}" "{self.postgres.password}"\n"{OPERATOR}" "{self.postgres.password}"\n')
        settings = {"listen_port": self.port, "auth_file": users, **self._settings}
        lines = [f"{name} = {value}" for name, value in settings.items()]
        self.configuration = self.write("pgbouncer.ini", "\n".join([
            "[databases]", f"{DATABASE} = host={HOST} port={self.postgres.port} dbname={DATABASE}",
            "[pgbouncer]", *lines, ""]))

    def command(self):
        return ["/usr/sbin/pgbouncer", self.configuration]

    def says_ready(self, line):
        return "process up" in line

    def url(self, **parameters):
        return self.postgres.url(self.port, **parameters)

    def admin(self, command):
        """Rows of its own console: SHOW POOLS, PAUSE, RECONNECT."""
        with Session(self.port, OPERATOR, self.postgres.password, "pgbouncer") as console:
            return console.run(command)

    def session(self):
        """A client's connection through it."""
        return Session(self.port, USER, self.postgres.password, DATABASE)
