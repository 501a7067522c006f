"""Proxies from Debian, and the floor under them all."""

from paths import FORWARDER
from tokens import ENVIRONMENT

from .base import Peer, server_certificate


class Forwarder(Peer):
    """Carries bytes and parses nothing."""

    def start(self):
        self.run(FORWARDER, self.port, self.place.backend_port)


class NginxPlain(Peer):
    """nginx that checks nothing."""

    listening = ""
    server = ""    # more lines of the server
    location = ""  # more lines of the location
    connection = '""'  # what the backend is told

    def start(self):
        config = self.folder / "nginx.conf"
        config.write_text(f"""
            daemon off;
            worker_processes 1;
            worker_rlimit_nofile 20000;
            pid {self.folder}/nginx.pid;
            error_log {self.folder}/error.log;
            events {{ worker_connections 16384; }}
            http {{
                access_log {self.folder}/access.log combined;
                client_body_temp_path {self.folder}/body;
                proxy_temp_path {self.folder}/proxy;
                fastcgi_temp_path {self.folder}/fastcgi;
                uwsgi_temp_path {self.folder}/uwsgi;
                scgi_temp_path {self.folder}/scgi;
                keepalive_requests 100000000;
                client_max_body_size 0;
                client_body_buffer_size 64k;
                upstream backend {{
                    server 127.0.0.1:{self.place.backend_port};
                    keepalive 256;
                    keepalive_requests 100000000;
                }}
                {self.upstreams()}
                server {{
                    listen 127.0.0.1:{self.port} backlog=4096 {self.listening};
                    {self.server}
                    location / {{
                        proxy_pass http://backend;
                        proxy_http_version 1.1;
                        proxy_set_header Connection {self.connection};
                        proxy_set_header Host $host;
                        {self.location}
                    }}
                }}
            }}
            """)
        self.run("nginx", "-e", self.folder / "error.log", "-c", config)

    def upstreams(self):
        return ""


class NginxTls(NginxPlain):
    """nginx that checks nothing and ends TLS."""

    listening = "ssl"
    speaks_tls = True

    @property
    def server(self):
        certificate, key = server_certificate(self.folder)
        return f"""ssl_certificate {certificate};
                    ssl_certificate_key {key};
                    ssl_protocols TLSv1.2 TLSv1.3;"""


class NginxLarge(NginxPlain):
    """nginx tuned for large bodies: streamed both ways through large buffers."""

    location = """
                        proxy_request_buffering off;
                        proxy_buffer_size 64k;
                        proxy_buffers 16 256k;
                        proxy_busy_buffers_size 512k;
                        proxy_max_temp_file_size 0;"""


class NginxWebSocket(NginxPlain):
    """nginx that lets WebSockets pass, as its documentation has it."""

    location = """
                        proxy_set_header Upgrade $http_upgrade;
                        proxy_read_timeout 10m;"""
    connection = "$connection_upgrade"

    def upstreams(self):
        return """map $http_upgrade $connection_upgrade {
                    default upgrade;
                    ''      '';
                }"""


class NginxAuthRequest(NginxPlain):
    """nginx that asks a verifier about every request. The verifier is a gatehouse on the backend's
    core, whose time is not counted: this is what the extra subrequest costs nginx alone."""

    algorithm = "HS256"
    server = """
                    location = /verify {
                        internal;
                        proxy_pass http://verifier/auth/verify;
                        proxy_http_version 1.1;
                        proxy_set_header Connection "";
                        proxy_pass_request_body off;
                        proxy_set_header Content-Length "";
                    }"""
    location = """
                        auth_request /verify;
                        auth_request_set $user $upstream_http_x_user_id;
                        proxy_set_header X-User-Id $user;
                        proxy_set_header Authorization "";"""

    def start(self):
        from harness.gateway import Gateway
        self.verifier = Gateway(
            self.folder / "verifier", workers=1, environment=ENVIRONMENT,
            command_prefix=["taskset", "-c", str(self.place.cores.backend)],
            sink=open(self.folder / "verifier.log", "wb"), tokens={"algorithm": "HS256"})
        super().start()

    def upstreams(self):
        return (f"upstream verifier {{ server 127.0.0.1:{self.verifier.port}; keepalive 256; "
                "keepalive_requests 100000000; }")

    def stop(self):
        super().stop()
        self.verifier.stop()


class HaproxyPlain(Peer):
    """haproxy that checks nothing."""

    def rules(self):
        return ""

    def start(self):
        config = self.folder / "haproxy.cfg"
        config.write_text(f"""
global
    nbthread 1
    maxconn 8192
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
    bind 127.0.0.1:{self.port} backlog 4096
    {self.rules()}
    default_backend back

backend back
    server one 127.0.0.1:{self.place.backend_port} pool-max-conn 256
""")
        self.run("haproxy", "-f", config)


class HaproxyJwt(HaproxyPlain):
    """haproxy that checks a token and its expiry and tells the backend who it is."""

    @classmethod
    def of(cls, algorithm):
        return type(f"Haproxy{algorithm}", (cls,), {"algorithm": algorithm})

    def rules(self):
        key = ENVIRONMENT["ACCESS_TOKEN_SECRET"] if self.algorithm == "HS256" else self.tokens.public_key_file()
        return f"""
    http-request set-var(txn.bearer) http_auth_bearer
    http-request deny deny_status 401 unless {{ var(txn.bearer) -m found }}
    http-request set-var(txn.alg) var(txn.bearer),jwt_header_query('$.alg')
    http-request deny deny_status 401 unless {{ var(txn.alg) -m str {self.algorithm} }}
    http-request deny deny_status 401 unless {{ var(txn.bearer),jwt_verify(txn.alg,"{key}") -m int 1 }}
    http-request set-var(txn.now) date()
    http-request set-var(txn.exp) var(txn.bearer),jwt_payload_query('$.exp','int')
    http-request deny deny_status 401 unless {{ var(txn.exp),sub(txn.now) -m int gt 0 }}
    http-request del-header Authorization
    http-request set-header X-User-Id %[var(txn.bearer),jwt_payload_query('$.sub')]"""


class Caddy(Peer):
    """caddy that checks nothing."""

    def start(self):
        config = self.folder / "Caddyfile"
        config.write_text(f"""
{{
    admin off
    auto_https off
}}
http://127.0.0.1:{self.port}, http://api.example.test:{self.port} {{
    bind 127.0.0.1
    log {{
        output file {self.folder}/access.log
    }}
    reverse_proxy 127.0.0.1:{self.place.backend_port} {{
        transport http {{
            keepalive_idle_conns_per_host 256
        }}
    }}
}}
""")
        self.run("caddy", "run", "--adapter", "caddyfile", "--config", config, HOME=str(self.folder), GOMAXPROCS="1")
