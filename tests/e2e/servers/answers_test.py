"""What a server answers arrives as it was sent, and what is sent to it in large."""

import hashlib
import re

import pytest

from corpus.framing import chunk
from harness import RawClient

MANY = 3 * 1024 * 1024 + 17
BODY = bytes(range(256)) * (MANY // 256 + 1)
HOPS = {"connection", "keep-alive", "transfer-encoding", "content-length", "date", "trailer"}


def asked(port, method, target, version="HTTP/1.1"):
    """The answer, and the interim answers before it."""
    interim = []
    with RawClient(port) as client:
        client.request(method, target, version=version)
        answer = client.read_response(method, interim)
    fields = sorted((name.lower(), value) for name, value in answer.fields if name.lower() not in HOPS)
    return (answer.status, fields, hashlib.sha256(answer.body).hexdigest(), answer.trailers, answer.complete), \
        [(each.status, each.all("Link")) for each in interim]


@pytest.mark.parametrize("method", ["GET", "HEAD"])
def test_answers_arrive_as_they_were_sent(gateway, server, method):  # R15, R16
    kinds = ["plain", "status-204", "status-304", *(["pieces"] if server.pieces else []), "large-head", "bytes-0", "bytes-1", f"bytes-{MANY}",
             *(["trailers"] if server.trailers else []), *(["hints"] if server.hints else [])]
    for kind in kinds:
        sent, hints = asked(server.port, method, f"/public/{kind}")
        came, told = asked(gateway.port, method, f"/public/{kind}")
        assert came == sent, kind
        assert told == hints and (kind != "hints" or told), kind
        assert gateway.ask("GET", "/public/next").body == b"seen", kind


def test_an_old_client_gets_the_same_body(gateway, server):
    for kind in ("plain", *(["pieces"] if server.pieces else []), "bytes-100000"):
        sent, _ = asked(server.port, "GET", f"/public/{kind}")
        came, _ = asked(gateway.port, "GET", f"/public/{kind}", version="HTTP/1.0")
        assert (came[0], came[2]) == (sent[0], sent[2]), kind


def test_a_length_is_told_where_it_was(gateway, server):
    told = gateway.ask("HEAD", "/public/bytes-1000").get("Content-Length")
    if server.tells_lengths:
        assert told == server.ask("HEAD", "/public/bytes-1000").get("Content-Length")


@pytest.mark.parametrize("framing", ["a length", "chunks"])
def test_large_bodies_arrive_whole(gateway, server, framing):
    body = BODY[:MANY]
    fields = [("Content-Type", "application/octet-stream")]
    if framing == "chunks":
        sent = b"".join(chunk(body[at:at + 100_003]) for at in range(0, MANY, 100_003)) + b"0\r\n\r\n"
        answer = gateway.ask("POST", "/public/a", [*fields, ("Transfer-Encoding", "chunked")], sent)
    else:
        answer = gateway.ask("POST", "/public/a", fields, body)
    assert answer.status == 200
    assert [seen.body for seen in server.seen()] == [server.facts_of(body)]


@pytest.mark.parametrize("framing", ["Content-Length: 5", "Transfer-Encoding: chunked"])
def test_a_body_that_waits_for_leave_arrives(gateway, server, framing):  # R12
    body = b"5\r\nhello\r\n0\r\n\r\n" if "chunked" in framing else b"hello"
    for number in range(2):
        with gateway.connect() as client:
            client.send(f"POST /public/{number} HTTP/1.1\r\nHost: x\r\nExpect: 100-continue\r\n{framing}\r\n\r\n")
            if server.says_continue:
                assert client.read_head().status == 100
            assert client.send(body).read_response().status == 200
    assert [seen.body for seen in server.seen()] == 2 * [server.facts_of(b"hello")]
