"""What is sent. Every workload runs over kept-alive connections in a closed loop."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Workload:
    name: str
    title: str
    method: str = "GET"
    request_body: int = 0
    response_body: int = 1024
    connections: int = 64
    with_token: bool = True
    status: int = 200
    peers: tuple = ("nginx plain", "haproxy plain", "haproxy jwt HS256", "gatehouse HS256", "gatehouse ES256")

    def request(self, token):
        """The bytes of one request to a peer that checks `token` (None: it checks nothing)."""
        lines = [f"{self.method} /items/42 HTTP/1.1", "Host: api.example.test",
                 "User-Agent: gatehouse-bench", "Accept: application/json"]
        if token and self.with_token:
            lines.append(f"Authorization: Bearer {token}")
        if self.request_body:
            lines.append(f"Content-Length: {self.request_body}")
        return ("\r\n".join(lines) + "\r\n\r\n").encode() + b"x" * self.request_body


WORKLOADS = {workload.name: workload for workload in (
    Workload("get", "GET 1 KiB, 64 connections, access log on"),
    Workload("post", "POST 16 KiB, 64 connections, access log on", method="POST", request_body=16 * 1024),
    Workload("large", "GET 1 MiB, 16 connections, access log on", response_body=1 << 20, connections=16),
    Workload("refusal", "GET without a token, 64 connections: 401", with_token=False, status=401,
             peers=("haproxy jwt HS256", "gatehouse HS256", "gatehouse ES256")),
)}
