"""Bytes that two readers could read differently: refused, closed, and nothing of them goes upstream."""

import contextlib

import pytest

from corpus.refused import REFUSED, SMUGGLED

ALSO_IN_COMPANY = True


@pytest.mark.parametrize("rows", REFUSED.values(), ids=REFUSED.keys())
def test_what_two_readers_could_read_differently_is_refused_and_closed(gateway, backend, rows):
    for status, sent in rows:
        with gateway.connect() as client:
            with contextlib.suppress(OSError):  # it may close before it read everything
                client.send(sent)
            response = client.read_response()
            assert response.status == status, sent[:300]
            assert response.get("Connection", "").lower() == "close", sent[:300]
            assert client.read_to_end() == b"", sent[:300]
    for exchange in backend.exchanges:
        assert b"smuggled" not in exchange.received
        assert b"root" not in exchange.received
    assert gateway.ask("GET", "/public/alive").status == 200


@pytest.mark.parametrize("request_head", [
    b"POST /private HTTP/1.1\r\nHost: x\r\n",                # 401
    b"POST /auth/nowhere HTTP/1.1\r\nHost: x\r\n",           # 404 of our own
    b"PUT /auth/login HTTP/1.1\r\nHost: x\r\n",              # 405 of our own
    b"POST /.well-known/jwks.json HTTP/1.1\r\nHost: x\r\n",  # an own endpoint
    b"POST /public/%2f HTTP/1.1\r\nHost: x\r\n",             # 400 of the path
], ids=lambda head: head.split(b" HTTP")[0].decode())
@pytest.mark.parametrize("framing, body", [
    (b"Content-Length: %d\r\n" % len(SMUGGLED), SMUGGLED),
    (b"Transfer-Encoding: chunked\r\n", b"%x\r\n%s\r\n0\r\n\r\n" % (len(SMUGGLED), SMUGGLED)),
    (b"Content-Length: 1000000\r\n", SMUGGLED),
], ids=["Content-Length", "chunked", "a body that never ends"])
def test_the_body_of_a_refused_request_is_never_a_request(gateway, backend, request_head, framing, body):
    # R11, CVE-2025-4366
    with gateway.connect() as client:
        client.send(request_head + framing + b"\r\n" + body)
        client.finish_sending()
        first = client.read_response()
        assert 400 <= first.status < 500
        assert client.read_to_end() == b"", "the body was answered too"
    assert backend.requests == []
