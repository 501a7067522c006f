"""As many requests arrive as were sent, in their order and with their bodies, whatever their framing."""

import contextlib

import pytest

from corpus.framing import FORWARDED, in_chunks, request, with_length
from corpus.refused import REFUSED
from harness import wait_until


def rows(server):
    return {name: row for name, row in FORWARDED.items() if not (server.needs_a_length and name == "neither")}


def told(server):
    return [(seen.method, seen.target, seen.body) for seen in server.seen()]


def expected(server, method, body, target="/public/a"):
    return method, target, server.facts_of(body)


def connections(gateway, server):
    return gateway.metric("gatehouse_upstream_connections_opened_total", upstream=server.url)


def test_every_framing_is_one_request_with_its_body(gateway, server):  # R1 to R8
    for name, (sent, method, body) in rows(server).items():
        server.forget()
        with gateway.connect() as client:
            for data in (sent, request("GET /public/next HTTP/1.1"), sent, request("GET /optional/next HTTP/1.1")):
                assert client.send(data).read_response(method).status == 200, name
        assert told(server) == [expected(server, method, body), expected(server, "GET", b"", "/public/next"),
                                expected(server, method, body), expected(server, "GET", b"", "/optional/next")], name


def test_all_of_them_at_once_arrive_in_their_order(gateway, server):  # R13
    with gateway.connect() as client:
        client.send(b"".join(sent for sent, _, _ in rows(server).values()))
        for name, (_, method, _) in rows(server).items():
            assert client.read_response(method).status == 200, name
    assert told(server) == [expected(server, method, body) for _, method, body in rows(server).values()]


def test_all_of_them_take_one_connection(gateway, server):
    with gateway.connect() as client:
        for sent, method, _ in rows(server).values():
            client.send(sent).read_response(method)
    wait_until(lambda: connections(gateway, server) > 0, "it to be counted")
    assert connections(gateway, server) == 1


def test_nothing_arrives_of_what_is_refused(gateway, server):  # R1 to R8
    count = 0
    for table in REFUSED.values():
        for status, sent in table:
            with gateway.connect() as client:
                with contextlib.suppress(OSError):  # it may close before it read everything
                    client.send(sent)
                assert client.read_response().status == status, sent[:300]
                assert client.read_to_end() == b"", sent[:300]
            assert gateway.ask("GET", f"/public/{count}").status == 200, sent[:300]
            count += 1
    # A body that turned out to be wrong may have brought its head here, but never a whole request.
    assert told(server) == [expected(server, "GET", b"", f"/public/{number}") for number in range(count)]


@pytest.mark.parametrize("sent", [
    with_length("POST", "/public/half", b"x" * 1000)[:-500],
    in_chunks("POST", "/public/half", b"4\r\nhalf\r\n"),
    in_chunks("POST", "/public/half", b"a\r\nhalf"),
    in_chunks("POST", "/public/half", b"4\r\nhalf\r\n0\r\nX-T: 1\r\n"),
], ids=["a length", "between chunks", "inside a chunk", "inside the trailers"])
def test_half_a_request_is_none(gateway, server, sent):  # R14
    for way in ("finish_sending", "reset"):
        client = gateway.connect()
        client.send(sent)
        wait_until(lambda: gateway.metric("gatehouse_endpoint_requests_in_flight") > 0, "it to be under way")
        getattr(client, way)()
        wait_until(lambda: gateway.metric("gatehouse_endpoint_requests_in_flight") == 0, "it to be over")
        client.close()
        assert gateway.ask("GET", "/public/next").status == 200
    assert told(server) == 2 * [expected(server, "GET", b"", "/public/next")]
