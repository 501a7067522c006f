"""A Redis 7 of the test's own: with redis.Redis() as server: server.call("SET", "a", "1")."""

import json
import secrets

from .certificates import Authority
from .server import HOST, Server, give_away


class RedisError(Exception):
    """What the server answered instead."""


class Redis(Server):
    """`append_only` False keeps nothing over a restart; "always" syncs before it answers, as does
    "everysec" each second. With `tls` it has no other port. `settings` are lines of redis.conf, with
    `_` for `-`."""

    name = "redis"

    def __init__(self, append_only="always", password=True, tls=False, **settings):
        self.password = secrets.token_hex(16) if password else None
        self.authority = None
        self._tls = tls
        self._settings = {"append_only": append_only, **settings}
        super().__init__()

    def prepare(self):
        give_away(self._make_folder("data"))
        lines = {"bind": HOST, "port": 0 if self._tls else self.port, "dir": self.folder / "data", "save": '""',
                 "maxmemory_policy": "noeviction", "daemonize": "no"}
        append_only = self._settings.pop("append_only")
        lines |= {"appendonly": "yes", "appendfsync": append_only} if append_only else {"appendonly": "no"}
        if self.password:
            lines["requirepass"] = self.password
        if self._tls:
            self.authority = Authority(self.folder)
            certificate, key = map(give_away, self.authority.issue("server"))
            lines |= {"tls_port": self.port, "tls_cert_file": certificate, "tls_key_file": key,
                      "tls_ca_cert_file": self.authority.certificate, "tls_auth_clients": "no"}
        lines |= self._settings
        self.configuration = self.write(
            "redis.conf", "".join(f"{name.replace('_', '-')} {value}\n" for name, value in lines.items()))

    def _make_folder(self, name):
        path = self.folder / name
        path.mkdir(mode=0o700)
        return path

    def command(self):
        return ["redis-server", self.configuration]

    def says_ready(self, line):
        return "Ready to accept connections" in line

    # ---- what a test does ----

    def url(self, port=None, database=0):
        user = f":{self.password}@" if self.password else ""
        return f"{'rediss' if self._tls else 'redis'}://{user}{HOST}:{port or self.port}/{database}"

    def as_sessions(self, folder, port=None):
        """A gateway's settings that put sessions here, or there where something stands before it."""
        password_file = folder / "redis-password"
        password_file.write_text(self.password or "")
        redis = {"password_file": str(password_file)} if self.password else {}
        if self._tls:
            redis["ca_file"] = str(self.authority.certificate)
        scheme = "rediss" if self._tls else "redis"
        return {"sessions": {"store": f"{scheme}://{HOST}:{port or self.port}/0"}, "redis": redis}

    def call(self, *words):
        """One command; its answer as JSON tells it. Fails with RedisError."""
        encrypted = ["--tls", "--cacert", self.authority.certificate] if self._tls else []
        secret = {"REDISCLI_AUTH": self.password} if self.password else {}
        answer = self.run(["redis-cli", "--json", "-h", HOST, "-p", self.port, *encrypted, *words], **secret).strip()
        try:
            return json.loads(answer)
        except ValueError:
            raise RedisError(answer) from None

    def lose_everything(self):
        """Kills it and starts it empty, as after a failover to a replica that had nothing."""
        self.kill()
        for path in sorted((self.folder / "data").rglob("*"), reverse=True):
            path.rmdir() if path.is_dir() else path.unlink()
        self.start()
