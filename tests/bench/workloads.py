"""What is sent, to whom, and which goals it decides."""

import sys
from dataclasses import dataclass

from paths import E2E

sys.path.insert(0, str(E2E))
from harness.auth_client import PASSWORD  # noqa: E402

KIB, MIB = 1024, 1024 * 1024


@dataclass(frozen=True)
class Goal:
    """`figure` of one peer, in parts of the same figure of another, is at most `must`."""
    peer: str
    other: str
    must: float
    reach: float
    figure: str = "cpu_us"


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    peers: tuple
    method: str = "GET"
    request_body: int = 0
    request_chunk: int = 0           # 0: with a Content-Length
    response_body: int = KIB
    response_chunk: int = 0
    connections: int = 64
    idle: int = 0                    # further connections that keep quiet
    warm_milliseconds: int = 100
    stretch: int = 1                 # slices are so many times longer
    reconnect: bool = False          # a connection for each request
    tls: str = ""                    # full or resumed handshakes
    generators: int = 1              # threads that make the load, on as many cores where there are some to spare
    share_of_capacity: float = 0     # an open loop at this part of what a closed one reaches
    rate: int = 0                    # an open loop at so many requests a second
    with_token: bool = True
    token_count: int = 1
    every_token_new: bool = False
    status: int = 200
    count_system_calls: bool = True
    count_commits: bool = False
    accounts: int = 0                # people in the store
    messages: int = 0                # of a WebSocket, so many bytes each: the requests that are counted
    refreshing: bool = False         # each token is the one the answer before brought
    goals: tuple = ()

    spends_accounts = False

    def lines(self, peer):
        """What "{token}" stands for, if for anything."""
        return peer.tokens if self.with_token else None

    def request(self, peer):
        """The bytes of one request; "{token}" stands for a token where the peer checks one."""
        lines = [f"{self.method} /items/42 HTTP/1.1", "Host: api.example.test",
                 "User-Agent: gatehouse-bench", "Accept: application/json"]
        if peer.tokens and self.with_token:
            lines.append("Authorization: Bearer {token}")
        if self.messages:
            lines += ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
                      "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ=="]  # that of websocket_message.hpp
        if self.reconnect:
            lines.append("Connection: close")
        if self.request_chunk:
            lines.append("Transfer-Encoding: chunked")
        elif self.request_body:
            lines.append(f"Content-Length: {self.request_body}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + self._body()

    def _body(self):
        if not self.request_chunk:
            return b"x" * self.request_body
        chunk = b"%x\r\n%s\r\n" % (self.request_chunk, b"x" * self.request_chunk)
        return chunk * (self.request_body // self.request_chunk) + b"0\r\n\r\n"


@dataclass(frozen=True)
class AuthCall(Workload):
    """A call of the gateway's own API; there "{token}" in the body is one of `whose`."""
    method: str = "POST"
    path: str = ""
    body: str = ""
    whose: str = ""                  # a member of Accounts

    def lines(self, peer):
        return getattr(peer.accounts, self.whose)

    @property
    def spends_accounts(self):
        """Whether each call takes another person, and there have to be very many."""
        return self.every_token_new and self.whose == "refresh_tokens" and not self.refreshing

    def request(self, peer):
        length = len(self.body.replace("{token}", self.lines(peer).first))
        return (f"{self.method} {self.path} HTTP/1.1\r\nHost: api.example.test\r\nUser-Agent: gatehouse-bench\r\n"
                f"Content-Type: application/json\r\nContent-Length: {length}\r\n\r\n{self.body}").encode()


PLAIN = ("forwarder", "nginx plain", "haproxy plain")
HAPROXY = tuple(f"haproxy jwt {algorithm}" for algorithm in ("HS256", "RS256", "ES256"))
GATEHOUSE = tuple(f"gatehouse {algorithm}" for algorithm in ("HS256", "RS256", "ES256", "EdDSA"))
OURS, NGINX = "gatehouse HS256", "nginx plain"
OURS_TLS, NGINX_TLS = "gatehouse tls", "nginx tls"
TLS = (NGINX_TLS, OURS_TLS)
CREDENTIALS = f'{{"username":"{{token}}","password":"{PASSWORD}"}}'
REFRESH_TOKEN = '{"refreshToken":"{token}"}'
HASHING = "8 connections; nearly all of it is the password hash (Argon2id, 19 MiB, 2 passes, one thread)"


def against_haproxy(*limits, figure="cpu_us"):
    return tuple(Goal(f"gatehouse {algorithm}", f"haproxy jwt {algorithm}", must, reach, figure)
                 for algorithm, must, reach in limits)


WORKLOADS = {workload.name: workload for workload in (
    Workload("get", "GET 1 KiB, 64 connections, 100 tokens", (*PLAIN, *HAPROXY, *GATEHOUSE), token_count=100,
             goals=(*(Goal(peer, NGINX, 0.80, 0.68) for peer in GATEHOUSE), Goal(OURS, "forwarder", 1.4, 1.15),
                    *against_haproxy(("HS256", 0.50, 0.40), ("RS256", 0.30, 0.22), ("ES256", 0.13, 0.10)))),
    Workload("tokens", "GET 1 KiB, 10,000 tokens in turn", (NGINX, *GATEHOUSE), token_count=10_000),
    Workload("new-tokens", "GET 1 KiB, every token new", (NGINX, *HAPROXY, *GATEHOUSE), token_count=200_000,
             every_token_new=True, count_system_calls=False,
             goals=against_haproxy(("HS256", 0.60, 0.50), ("RS256", 0.85, 0.75), ("ES256", 0.95, 0.85))),
    Workload("million-tokens", "GET 1 KiB, 1,000,000 tokens in turn", (NGINX, OURS), token_count=1_000_000),
    Workload("websocket", "messages of 1 KiB over 64 WebSockets, echoed", ("forwarder", "nginx websocket", OURS),
             messages=KIB, status=101, goals=(Goal(OURS, "nginx websocket", 0.85, 0.70),)),
    Workload("others", "GET 1 KiB next to what is written by hand today",
             (NGINX, "nginx auth_request", "caddy", "fastify", "express KeyObject", "express string", OURS),
             count_system_calls=False,
             goals=(Goal("express KeyObject", OURS, 1 / 15, 1 / 25, figure="rps"),)),
    Workload("post", "POST 16 KiB, 64 connections", (*PLAIN, OURS), method="POST", request_body=16 * KIB,
             goals=(Goal(OURS, NGINX, 0.80, 0.65),)),
    Workload("download", "GET 1 MiB, 16 connections", ("nginx large", "haproxy plain", OURS), response_body=MIB,
             connections=16, goals=(Goal(OURS, "haproxy plain", 1.0, 0.80),)),
    Workload("upload", "POST 1 MiB, 16 connections", ("nginx large", "haproxy plain", OURS), method="POST",
             request_body=MIB, connections=16),
    Workload("chunked", "POST 64 KiB in chunks of 4 KiB, answered alike", (*PLAIN, OURS), method="POST",
             request_body=64 * KIB, request_chunk=4 * KIB, response_body=64 * KIB, response_chunk=4 * KIB),
    Workload("refusal", "GET without a token, 64 connections: 401", ("haproxy jwt HS256", OURS), with_token=False,
             status=401, goals=(Goal(OURS, "haproxy jwt HS256", 0.60, 0.50),)),
    Workload("connections", "a new connection for each GET 1 KiB", (*PLAIN[1:], OURS), reconnect=True,
             goals=(Goal(OURS, NGINX, 1.0, 0.85),)),
    Workload("tls", "GET 1 KiB over TLS 1.3, 64 connections", TLS, tls="full",
             goals=(Goal(OURS_TLS, NGINX_TLS, 0.85, 0.75),)),
    Workload("tls-handshakes", "a full handshake of TLS 1.3 for each GET 1 KiB", TLS, tls="full", reconnect=True,
             generators=2,
             goals=(Goal(OURS_TLS, NGINX_TLS, 1.05, 1.0),)),
    Workload("tls-resumed", "a resumed handshake of TLS 1.3 for each GET 1 KiB", TLS, tls="resumed",
             generators=2, reconnect=True, goals=(Goal(OURS_TLS, NGINX_TLS, 1.05, 1.0),)),
    Workload("tls-idle", "GET 1 KiB over TLS 1.3, 64 active and 5,000 idle connections", TLS, tls="full",
             idle=5_000, warm_milliseconds=10_000, count_system_calls=False,
             goals=(Goal(OURS_TLS, NGINX_TLS, 1.0, 0.95, figure="idle_bytes"),)),
    Workload("one", "GET 1 KiB, 1 connection", (*PLAIN, OURS), connections=1,
             goals=(Goal(OURS, NGINX, 0.95, 0.80, figure="p50_us"),)),
    Workload("eight", "GET 1 KiB, 8 connections", (*PLAIN, OURS), connections=8,
             goals=(Goal(OURS, NGINX, 0.85, 0.65, figure="p99_us"),)),
    Workload("open", "GET 1 KiB, sent at 60 % of each one's capacity", (*PLAIN, OURS), share_of_capacity=0.6,
             count_system_calls=False),
    Workload("idle", "GET 1 KiB, 64 active and 5,000 idle connections", (*PLAIN[1:], OURS), idle=5_000,
             warm_milliseconds=3_000, count_system_calls=False),  # opening them is not what is measured
    Workload("large-tables", "GET 1 KiB with 10,000 routes, with 1,000,000 ended sessions, with 2 workers",
             (NGINX, OURS, "gatehouse, 10,000 routes", "gatehouse, 1,000,000 ended", "gatehouse, 2 workers"),
             goals=(Goal("gatehouse, 10,000 routes", OURS, 1.02, 1.0),
                    Goal("gatehouse, 1,000,000 ended", OURS, 1.02, 1.0),
                    Goal("gatehouse, 2 workers", OURS, 1.10, 1.0))),
    Workload("sandbox", "GET 1 KiB, 64 connections, in the sandbox and without one", (OURS, "gatehouse, no sandbox"),
             goals=(Goal(OURS, "gatehouse, no sandbox", 1.05, 1.0),)),
    AuthCall("registers", f"registers, {HASHING}", ("gatehouse ES256",), path="/auth/register", body=CREDENTIALS,
             whose="newcomers", every_token_new=True, status=201, accounts=1_000, connections=8, stretch=3,
             warm_milliseconds=400, count_system_calls=False),
    AuthCall("logins", f"logins, {HASHING}", ("gatehouse ES256",), path="/auth/login", body=CREDENTIALS,
             whose="names", accounts=1_000, connections=8, stretch=3, warm_milliseconds=400,
             count_system_calls=False),
    AuthCall("refreshes", "refreshes, each with the token of the one before, 64 connections",
             ("gatehouse HS256", "gatehouse ES256"), path="/auth/refresh-token", body=REFRESH_TOKEN,
             whose="refresh_tokens", every_token_new=True, refreshing=True, accounts=10_000, count_commits=True),
    AuthCall("logouts", "logouts, each of a live session, 64 connections", ("gatehouse HS256",),
             path="/auth/logout", body=REFRESH_TOKEN, whose="refresh_tokens", every_token_new=True, status=204,
             accounts=100_000, count_commits=True),
    Workload("login-storm", "GET 1 KiB, 5,000 a second over 8 connections, quiet and in a storm of logins",
             (OURS, "gatehouse, login storm"), connections=8, rate=5_000, stretch=2, count_system_calls=False,
             goals=(Goal("gatehouse, login storm", OURS, 1.5, 1.25, figure="p99_us"),)),
)}
