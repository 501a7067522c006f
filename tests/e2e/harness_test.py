"""The tools themselves: a client and a backend that lie to a test would make it worthless."""

import signal

import pytest

from harness import Gateway, RawBackend, RawClient
from harness import raw_backend as behaviours
from harness.ports import FullEndpoint, RefusingEndpoint


def test_the_backend_keeps_the_very_bytes_it_got(backend):
    sent = b"POST /a?b HTTP/1.1\r\nHost:  x\r\nX-Odd:1\r\nContent-Length: 3\r\n\r\nabc"
    with RawClient(backend.port) as client:
        assert client.send(sent).read_response().body == b"hello from the backend"
    assert backend.exchanges[0].received == sent
    assert (backend.last.method, backend.last.target, backend.last.body) == ("POST", "/a?b", b"abc")


def test_chunked_bodies_and_trailers_are_read_on_both_sides(backend):
    answer = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n2;x=y\r\nde\r\n0\r\nX-Sum: 5\r\n\r\n"
    backend.behaviour = behaviours.sending(answer)
    with RawClient(backend.port) as client:
        client.send(b"POST / HTTP/1.1\r\nHost: x\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nz\r\n0\r\n\r\n")
        response = client.read_response()
    assert (response.body, response.trailers) == (b"abcde", [("X-Sum", "5")])
    assert backend.last.body == b"z"


def test_a_body_that_ends_too_early_is_not_taken_for_a_whole_one(backend):
    backend.behaviour = behaviours.sending(b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\nabc")
    with RawClient(backend.port) as client:
        response = client.exchange("GET", "/")
    assert (response.complete, response.body) == (False, b"abc")


def test_a_behaviour_that_breaks_is_reported():
    backend = RawBackend(lambda exchange: 1 / 0)
    with RawClient(backend.port) as client:
        client.is_closed_by_peer()
    with pytest.raises(AssertionError):
        backend.stop()


def test_a_gateway_that_crashed_by_itself_fails_its_test(tmp_path):
    gateway = Gateway(tmp_path)
    gateway.signal(signal.SIGSEGV)
    gateway.process.wait()
    with pytest.raises(AssertionError, match="SIGSEGV"):
        gateway.stop()


def test_one_endpoint_refuses_and_another_never_answers():
    refusing, full = RefusingEndpoint(), FullEndpoint()
    with pytest.raises(ConnectionRefusedError):
        RawClient(refusing.port)
    with pytest.raises(TimeoutError):
        RawClient(full.port, timeout=0.3)
    refusing.close()
    full.close()


def test_the_real_services_answer(express, file_service):
    with RawClient(express.port) as client:
        told = client.exchange("POST", "/a?b=1", {"X-Test": "yes"}, b"abc").json()
    assert (told["method"], told["url"], told["headers"]["x-test"], told["body"]) == ("POST", "/a?b=1", "yes", "abc")
    with RawClient(file_service.port) as client:
        assert client.exchange("GET", "/report.txt").body == b"all is well\n"
