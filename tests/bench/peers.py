"""The proxies that are compared. Each is configured as its users would do it for one core, with
keep-alive on both sides and an access log that is written to a file."""

import base64
import hashlib
import hmac
import json
import os
import secrets
import sys
import time

from paths import BINARY, E2E

sys.path.insert(0, str(E2E))
from harness.gateway import Gateway  # noqa: E402
from harness.ports import free_port  # noqa: E402
from harness.process import Process  # noqa: E402
from harness.waiting import wait_until  # noqa: E402

ACCESS_SECRET = secrets.token_urlsafe(48)
REFRESH_SECRET = secrets.token_urlsafe(48)


def descendants(pid):
    """The process and everything it started."""
    found = [pid]
    for parent in found:
        with open(f"/proc/{parent}/task/{parent}/children") as children:
            found += [int(child) for child in children.read().split()]
    return found


class Peer:
    """A running proxy: `port`, `pids` whose processor time counts, and `token` when it checks one."""

    token = None

    def __init__(self, name, folder, core):
        self.name = name
        self.folder = folder / name.replace(" ", "-")
        self.folder.mkdir(parents=True)
        self.core = core
        self.port = free_port()

    def run(self, *command):
        log = open(self.folder / "output.log", "wb")
        self.process = Process(["taskset", "-c", str(self.core), *command], self.name, sink=log)
        wait_until(self._listens, f"{self.name} to listen")

    def _listens(self):
        import socket
        assert self.process.running(), f"{self.name}: see {self.folder}/output.log"
        with socket.socket() as probe:
            return probe.connect_ex(("127.0.0.1", self.port)) == 0

    @property
    def pids(self):
        return descendants(self.process.pid)

    def stop(self):
        self.process.stop()


class NginxPlain(Peer):
    """nginx that checks nothing."""

    def __init__(self, folder, core, backend_port):
        super().__init__("nginx plain", folder, core)
        config = self.folder / "nginx.conf"
        config.write_text(f"""
            daemon off;
            worker_processes 1;
            pid {self.folder}/nginx.pid;
            error_log {self.folder}/error.log;
            events {{ worker_connections 4096; }}
            http {{
                access_log {self.folder}/access.log combined;
                client_body_temp_path {self.folder}/body;
                proxy_temp_path {self.folder}/proxy;
                fastcgi_temp_path {self.folder}/fastcgi;
                uwsgi_temp_path {self.folder}/uwsgi;
                scgi_temp_path {self.folder}/scgi;
                keepalive_requests 100000000;
                client_body_buffer_size 64k;
                upstream backend {{
                    server 127.0.0.1:{backend_port};
                    keepalive 256;
                    keepalive_requests 100000000;
                }}
                server {{
                    listen 127.0.0.1:{self.port} backlog=4096;
                    location / {{
                        proxy_pass http://backend;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_set_header Host $host;
                    }}
                }}
            }}
            """)
        self.run("nginx", "-e", self.folder / "error.log", "-c", config)


class HaproxyPlain(Peer):
    """haproxy that checks nothing."""

    name_of_peer = "haproxy plain"
    rules = ""

    def __init__(self, folder, core, backend_port):
        super().__init__(self.name_of_peer, folder, core)
        config = self.folder / "haproxy.cfg"
        config.write_text(f"""
global
    nbthread 1
    maxconn 4096
    log stdout format raw local0

defaults
    mode http
    log global
    option httplog
    timeout connect 2s
    timeout client 75s
    timeout server 60s
    http-reuse always

frontend front
    bind 127.0.0.1:{self.port}
    {self.rules}
    default_backend back

backend back
    server one 127.0.0.1:{backend_port} pool-max-conn 256
""")
        self.run("haproxy", "-f", config)


class HaproxyJwt(HaproxyPlain):
    """haproxy that checks an HS256 token and its expiry and tells the backend who it is."""

    name_of_peer = "haproxy jwt HS256"
    rules = f"""
    http-request set-var(txn.bearer) http_auth_bearer
    http-request deny deny_status 401 unless {{ var(txn.bearer) -m found }}
    http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
    http-request deny deny_status 401 unless {{ var(txn.alg) -m str HS256 }}
    http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify(txn.alg,"{ACCESS_SECRET}") -m int 1 }}
    http-request set-var(txn.now) date()
    http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
    http-request deny deny_status 401 unless {{ var(txn.exp),sub(txn.now) -m int gt 0 }}
    http-request del-header Authorization
    http-request set-header X-User-Id %[var(txn.bearer),jwt_payload_query('$.sub')]"""

    def __init__(self, *where):
        super().__init__(*where)
        self.token = hs256_token(ACCESS_SECRET)


class Gatehouse(Peer):
    """This build, one worker, everything at its default but the algorithm."""

    def __init__(self, folder, core, backend_port, algorithm):
        super().__init__(f"gatehouse {algorithm}", folder, core)
        secrets_for_hs256 = {"ACCESS_TOKEN_SECRET": ACCESS_SECRET, "REFRESH_TOKEN_SECRET": REFRESH_SECRET}
        self.gateway = Gateway(
            self.folder, f"http://127.0.0.1:{backend_port}", workers=1, binary=BINARY,
            environment=secrets_for_hs256 if algorithm == "HS256" else {},
            command_prefix=["taskset", "-c", str(core)], sink=open(self.folder / "output.log", "wb"),
            tokens={"algorithm": algorithm})
        self.process, self.port = self.gateway.process, self.gateway.port
        self.token = self.gateway.auth().register("bench").access

    def stop(self):
        self.gateway.stop()


def hs256_token(secret):
    """A token with the claims that Gatehouse's own have, so that both check the same amount."""
    def part(members):
        text = json.dumps(members, separators=(",", ":")).encode()
        return base64.urlsafe_b64encode(text).rstrip(b"=")

    now, user = int(time.time()), secrets.token_hex(16)
    head = part({"alg": "HS256", "typ": "at+jwt", "kid": secrets.token_urlsafe(8)})
    body = part({"iss": "gatehouse", "sub": user, "aud": user, "iat": now, "exp": now + 3600,
                 "jti": secrets.token_hex(16), "sid": secrets.token_hex(16)})
    signature = hmac.new(secret.encode(), head + b"." + body, hashlib.sha256).digest()
    return b".".join([head, body, base64.urlsafe_b64encode(signature).rstrip(b"=")]).decode()


def line_up(names, folder, core, backend_port):
    """Starts the peers called so, in this order; those whose binary is missing are left out."""
    makers = {
        "nginx plain": lambda: NginxPlain(folder, core, backend_port),
        "haproxy plain": lambda: HaproxyPlain(folder, core, backend_port),
        "haproxy jwt HS256": lambda: HaproxyJwt(folder, core, backend_port),
        "gatehouse HS256": lambda: Gatehouse(folder, core, backend_port, "HS256"),
        "gatehouse ES256": lambda: Gatehouse(folder, core, backend_port, "ES256"),
    }
    return [makers[name]() for name in names]
