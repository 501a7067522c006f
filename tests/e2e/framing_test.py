"""Messages of every framing and the conversations around them, byte by byte on both sides."""

import threading

import pytest

from harness import raw_backend as behaviours
from harness import wait_until

ALSO_IN_COMPANY = True

OK = b"HTTP/1.1 200 OK\r\n"


def head(method, target, *fields, version="HTTP/1.1"):
    lines = [f"{method} {target} {version}", "Host: x", *fields]
    return "\r\n".join(lines).encode() + b"\r\n\r\n"


def telling_who(exchange):
    """Answers with the target and the identity that came with it."""
    while True:
        request = exchange.read_request()
        exchange.respond(f"{request.target} {','.join(request.all('X-User-Id')) or 'nobody'}".encode())


# ---- one connection, many requests ----------------------------------------------------------


def test_identity_is_decided_for_each_request_of_a_connection(gateway, backend):  # R13
    backend.behaviour = telling_who
    ada, bob = gateway.auth().register("ada"), gateway.auth().register("bob")

    def bearer(pair):
        return f"Authorization: Bearer {pair.access}"

    rows = [
        (head("GET", "/private/1", bearer(ada)), f"/private/1 {ada.user_id}"),
        (head("GET", "/public/2"), "/public/2 nobody"),
        (head("GET", "/private/3", bearer(bob)), f"/private/3 {bob.user_id}"),
        (head("GET", "/private/4"), 401),
        (head("GET", "/optional/5"), "/optional/5 nobody"),
        (head("POST", "/optional/6", bearer(ada), "Content-Length: 2") + b"hi", f"/optional/6 {ada.user_id}"),
        (head("GET", "/public/7", bearer(bob)), "/public/7 nobody"),
        (head("GET", "/optional/8", "Authorization: Bearer bad"), 401),
        (head("GET", "/private/9", bearer(ada)), f"/private/9 {ada.user_id}"),
    ]

    def check(response, expected):
        if isinstance(expected, int):
            assert response.status == expected
        else:
            assert response.body.decode() == expected

    with gateway.connect() as client:  # one after the other
        for sent, expected in rows * 3:
            check(client.send(sent).read_response(), expected)
    with gateway.connect() as client:  # all at once: answers come in the order of the requests
        client.send(b"".join(sent for sent, _ in rows * 3))
        for _, expected in rows * 3:
            check(client.read_response(), expected)


def test_pipelined_requests_of_every_framing_are_answered_in_order(gateway, backend):  # R13
    backend.behaviour = telling_who
    requests = b"".join([
        head("GET", "/public/1"),
        head("POST", "/public/2", "Content-Length: 5") + b"hello",
        head("POST", "/public/3", "Transfer-Encoding: chunked") + b"3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-T: 1\r\n\r\n",
        head("PUT", "/public/4", "Content-Length: 0"),
    ])
    # In one piece: a client that said `close` and goes on sending may find the connection gone.
    last = head("GET", "/public/5", "Connection: close") + head("GET", "/public/never")
    for pieces in (len(requests), 7, 1):
        del backend.requests[:]
        with gateway.connect() as client:
            for begin in range(0, len(requests), pieces):
                client.send(requests[begin:begin + pieces])
            client.send(last)
            answers = [client.read_response().body.decode() for _ in range(5)]
            assert client.is_closed_by_peer()
        assert answers == [f"/public/{number} nobody" for number in range(1, 6)]
        assert [request.body for request in backend.requests] == [b"", b"hello", b"abcde", b"", b""]


@pytest.mark.parametrize("fields, kept", [((), False), (("Connection: keep-alive",), True),
                                          (("Connection: close",), False)], ids=["plain", "keep-alive", "close"])
def test_http_1_0_connections_are_kept_only_when_asked(gateway, backend, fields, kept):
    with gateway.connect() as client:
        response = client.send(head("GET", "/public/a", *fields, version="HTTP/1.0")).read_response()
        assert (response.status, response.body) == (200, b"hello from the backend")
        if kept:
            assert response["Connection"].lower() == "keep-alive"
            assert client.send(head("GET", "/public/b", *fields, version="HTTP/1.0")).read_response().status == 200
        else:
            assert client.is_closed_by_peer()
    assert backend.last.line.endswith("HTTP/1.1")


def test_an_http_1_0_client_never_gets_chunks_nor_interim_answers(gateway, backend):
    backend.behaviour = behaviours.sending(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n" + OK +
        b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2\r\nde\r\n0\r\n\r\n")
    with gateway.connect() as client:
        response = client.send(head("GET", "/public/a", "Connection: keep-alive", version="HTTP/1.0")).read_response()
        assert (response.status, response.body) == (200, b"abcde")
        assert response.all("Transfer-Encoding") == []


def test_what_arrives_upstream_is_written_anew(gateway, backend):  # R8
    with gateway.connect() as client:
        client.send(b"\r\nPOST http://Other.example:81/public/./a/../b?x=%41//y HTTP/1.1\r\nhost: gateway.test\r\n"
                    b"cOnTeNt-LeNgTh:   0003\r\nX-Odd:\t  v  \r\n\r\nabc")
        assert client.read_response().status == 200
    request = backend.last
    assert request.line == "POST /public/b?x=%41//y HTTP/1.1"
    assert request.all("Host") == ["Other.example:81"]
    assert request.all("Content-Length") == ["3"] and request.all("X-Odd") == ["v"]
    assert request.body == b"abc"


# ---- answers ----------------------------------------------------------------------------------


@pytest.mark.parametrize("method, answer, status", [
    ("HEAD", OK + b"Content-Length: 0\r\n\r\n", 200),
    ("GET", b"HTTP/1.1 204 No Content\r\n\r\n", 204),
    ("GET", b"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\n\r\n", 304),
    ("DELETE", b"HTTP/1.1 204 No Content\r\nContent-Length: 0\r\n\r\n", 204),
])
def test_answers_without_a_body_leave_both_connections_usable(start_gateway, backend, method, answer, status):
    gateway = start_gateway(backend, workers=1)
    backend.behaviour = behaviours.sending(answer, close=False)
    with gateway.connect() as client:
        for number in range(3):
            response = client.exchange(method, f"/public/{number}")
            assert (response.status, response.body) == (status, b"")
    assert len(backend.exchanges) == 1


@pytest.mark.parametrize("method, answer, status", [
    ("HEAD", OK + b"\r\n", 200),
    ("HEAD", OK + b"Content-Length: 1000\r\n\r\n", 200),
    ("HEAD", OK + b"Transfer-Encoding: chunked\r\n\r\n", 200),
    ("GET", b"HTTP/1.1 204 No Content\r\nContent-Length: 1000\r\n\r\n", 204),
    ("GET", b"HTTP/1.1 304 Not Modified\r\nETag: \"1\"\r\nContent-Length: 1000\r\n\r\n", 304),
])
def test_a_body_that_comes_late_where_none_may_come_answers_nobody(start_gateway, backend, method, answer, status):  # R15
    gateway = start_gateway(backend, workers=1)

    def sending_it_all_the_same(exchange):
        exchange.read_request()
        exchange.send(answer)
        exchange.read_request()
        exchange.send(OK + b"Content-Length: 6\r\n\r\npoison")

    backend.behaviour = behaviours.in_turn(sending_it_all_the_same, behaviours.answering(b"clean"))
    with gateway.connect() as client:
        response = client.exchange(method, "/public/a")
        assert (response.status, response.body) == (status, b"")
        assert client.exchange("GET", "/public/b").body == b"clean"


def test_every_framing_of_an_answer_arrives_whole(gateway, backend):
    body = bytes(range(256)) * 1000
    chunks = b"".join(b"%x\r\n%s\r\n" % (len(body[at:at + 999]), body[at:at + 999]) for at in range(0, len(body), 999))
    for framing, trailers in [
            (b"Content-Length: %d\r\n\r\n" % len(body) + body, []),
            (b"Transfer-Encoding: chunked\r\nTrailer: X-Sum\r\n\r\n" + chunks + b"0\r\nX-Sum: 7\r\n\r\n", [("X-Sum", "7")]),
            (b"\r\n" + body, [])]:
        backend.behaviour = behaviours.sending(OK + framing)
        with gateway.connect() as client:
            response = client.exchange("GET", "/public/a")
        assert (response.complete, response.body == body, response.trailers) == (True, True, trailers)


def test_trailers_of_an_answer_bring_no_framing_and_no_identity(gateway, backend):  # R5
    backend.behaviour = behaviours.sending(
        OK + b"Transfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\nContent-Length: 5\r\nTransfer-Encoding: x\r\n"
        b"Set-Cookie: a=b\r\nX-Sum: 1\r\n\r\n")
    response = gateway.ask("GET", "/public/a")
    assert (response.status, response.body, response.complete) == (200, b"a", True)
    assert response.trailers == [("X-Sum", "1")]


def test_an_answer_that_was_wrong_from_its_first_bytes_on_is_a_bad_gateway(gateway, backend):  # R15
    backend.behaviour = behaviours.sending(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\nzz\r\n")
    response = gateway.ask("GET", "/public/a")
    assert (response.status, response.error_code()) == (502, "upstream_protocol")


# ---- expectations, uploads, upgrades ----------------------------------------------------------


def test_the_backends_continue_reaches_the_client_before_its_body(gateway, backend):  # R12
    def continuing(exchange):
        request = exchange.read_request_head()
        exchange.send(b"HTTP/1.1 100 Continue\r\n\r\n")
        exchange.read_request_body(request)
        exchange.respond(request.body)

    backend.behaviour = continuing
    with gateway.connect() as client:
        client.send(head("POST", "/public/a", "Expect: 100-continue", "Content-Length: 4"))
        assert client.read_head().status == 100
        assert client.send(b"body").read_response().body == b"body"


def test_nobody_is_told_to_continue_before_the_decision(gateway, backend):  # R12
    with gateway.connect() as client:
        client.send(head("POST", "/private", "Expect: 100-continue", "Content-Length: 4"))
        assert client.read_head().status == 401
    assert backend.requests == []


def test_an_answer_that_turns_wrong_later_is_seen_as_truncated(gateway, backend):  # R16
    def turning_wrong(exchange):
        exchange.read_request()
        exchange.send(OK + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n")
        arrived.wait(10)
        exchange.send(b"zz\r\n")

    arrived = threading.Event()
    backend.behaviour = turning_wrong
    with gateway.connect() as client:
        client.request("GET", "/public/a")
        response = client.read_head()
        assert client.read_exactly(8) == b"3\r\nabc\r\n"
        arrived.set()
        assert response.status == 200 and client.is_closed_by_peer()


@pytest.mark.parametrize("sent", [
    head("POST", "/public/a", "Content-Length: 10") + b"half",
    head("POST", "/public/a", "Transfer-Encoding: chunked") + b"4\r\nhalf\r\n",
    head("POST", "/public/a", "Transfer-Encoding: chunked") + b"a\r\nhalf",
    head("POST", "/public/a", "Transfer-Encoding: chunked") + b"4\r\nhalf\r\n0\r\nX-T: 1\r\n",
], ids=["a length", "between chunks", "inside a chunk", "inside the trailers"])
@pytest.mark.parametrize("way", ["finish", "reset", "garbage"])
def test_a_truncated_upload_never_looks_complete_upstream(gateway, backend, sent, way):  # R14
    client = gateway.connect()
    client.send(sent)
    exchange = backend.wait_for_connections(1)[0]
    wait_until(lambda: b"half" in exchange.received or exchange.ended.is_set(), "the beginning upstream")
    if way == "finish":
        client.finish_sending()
    elif way == "reset":
        client.reset()
    elif b"chunked" in sent:
        client.send(b"no size and no field\r\n\r\n")
    else:
        client.reset()
    assert exchange.ended.wait(10), "the upload upstream goes on"
    client.close()
    assert not exchange.received.endswith(b"0\r\n\r\n")
    assert all(request.body == b"" for request in backend.requests), "it was read as a whole request"


def test_after_an_upgrade_that_was_dropped_everything_is_http(gateway, backend):  # R10, CVE-2026-2833
    backend.behaviour = telling_who
    with gateway.connect() as client:
        client.send(head("GET", "/public/ws", "Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Key: eA==")
                    + head("GET", "/private/smuggled", "X-User-Id: root"))
        assert client.read_response().body == b"/public/ws nobody"
        assert client.read_response().status == 401
    assert [request.target for request in backend.requests] == ["/public/ws"]
    assert "upgrade" not in backend.last.names()


def test_a_connection_whose_early_answer_left_a_body_behind_ends(gateway, backend):  # R11, R14
    def answering_early(exchange):
        exchange.read_request_head()
        exchange.respond(b"early")
        exchange.hang()

    backend.behaviour = answering_early
    with gateway.connect() as client:
        client.send(head("POST", "/public/a", "Content-Length: 1000") + b"x" * 10)
        assert client.read_response().body == b"early"
        client.send(head("GET", "/public/smuggled") * 20)
        assert client.read_to_end() == b""
    assert [request.target for request in backend.requests] == ["/public/a"]
