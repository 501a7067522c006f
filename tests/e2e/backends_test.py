"""Backends that refuse, reset, lie, hang and die: the client always learns the truth."""

import pytest

from harness import RawBackend, wait_until
from harness import raw_backend as behaviours
from harness.ports import RefusingEndpoint

ALSO_IN_COMPANY = True

HEAD = b"HTTP/1.1 200 OK\r\n"


def code(response):
    return response.status, response.error_code()


def test_a_backend_that_refuses_connections(start_gateway):
    endpoint = RefusingEndpoint()
    gateway = start_gateway(endpoint)
    assert code(gateway.ask("GET", "/public/a")) == (502, "upstream_unreachable")
    endpoint.close()


@pytest.mark.parametrize("behaviour", [
    pytest.param(behaviours.closing_at_once(), id="closes at once"),
    pytest.param(behaviours.sending(b""), id="closes instead of answering"),
    pytest.param(behaviours.sending(b"HTTP/1.1 200 O"), id="dies inside the head"),
    pytest.param(behaviours.resetting(), id="resets instead of answering"),
    pytest.param(behaviours.resetting(answer=b"HTTP/1.1 200 OK\r\nContent-"), id="resets inside the head"),
])
def test_a_backend_that_dies_before_its_answer(gateway, backend, behaviour):
    backend.behaviour = behaviour
    assert code(gateway.ask("GET", "/public/a")) == (502, "upstream_reset")


@pytest.mark.parametrize("answer", [
    pytest.param(b"SSH-2.0-OpenSSH_9.2\r\n\r\n", id="another protocol"),
    pytest.param(b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03" + bytes(64), id="TLS"),
    pytest.param(HEAD + b"Content-Length: 3\r\nContent-Length: 4\r\n\r\nabcd", id="two lengths"),
    pytest.param(HEAD + b"Content-Length: -1\r\n\r\n", id="negative length"),
    pytest.param(HEAD + b"Content-Length: 3\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n", id="two framings"),
    pytest.param(HEAD + b"Transfer-Encoding: gzip\r\n\r\n", id="unknown coding"),
    pytest.param(HEAD + b"X-A: 1\r\n folded\r\nContent-Length: 0\r\n\r\n", id="obs-fold"),
    pytest.param(HEAD + b"X A: 1\r\nContent-Length: 0\r\n\r\n", id="space in a name"),
    pytest.param(HEAD + b"X-A: a\0b\r\nContent-Length: 0\r\n\r\n", id="NUL in a value"),
    pytest.param(b"HTTP/1.1 200 OK\nContent-Length: 0\n\n", id="bare line feeds"),
    pytest.param(b"HTTP/1.1 099 Odd\r\nContent-Length: 0\r\n\r\n", id="status below 100"),
    pytest.param(b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: x\r\n\r\n", id="an upgrade nobody asked for"),
])
def test_garbage_is_a_bad_gateway_and_never_reaches_the_client(gateway, backend, answer):  # R15
    backend.behaviour = behaviours.sending(answer)
    response = gateway.ask("GET", "/public/a")
    assert code(response) == (502, "upstream_protocol")


@pytest.mark.parametrize("answer", [
    pytest.param(HEAD + b"Content-Length: 10\r\n\r\nabc", id="Content-Length"),
    pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n", id="between chunks"),
    pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n5\r\nabc", id="inside a chunk"),
    pytest.param(HEAD + b"Transfer-Encoding: chunked\r\n\r\n3\r\nabc\r\n0\r\nX-T: 1\r\n", id="inside the trailers"),
])
@pytest.mark.parametrize("way", ["closes", "resets"])
def test_a_backend_that_dies_inside_its_body_is_seen_as_truncated(gateway, backend, answer, way):  # R16
    backend.behaviour = behaviours.sending(answer) if way == "closes" else behaviours.resetting(answer=answer)
    with gateway.connect() as client:
        response = client.exchange("GET", "/public/a")
        assert (response.status, response.complete) == (200, False)
        assert b"abc".startswith(response.body[:3])


def test_an_answer_until_close_is_whole_when_the_backend_closes(gateway, backend):
    backend.behaviour = behaviours.sending(HEAD + b"\r\nall of it")
    with gateway.connect() as client:
        response = client.exchange("GET", "/public/a")
        assert (response.status, response.body, response.complete) == (200, b"all of it", True)


def test_leftover_bytes_after_an_answer_never_answer_the_next_request(start_gateway, backend):  # R15
    gateway = start_gateway(backend, workers=1)
    poison = HEAD + b"Content-Length: 4\r\n\r\nevil"
    backend.behaviour = behaviours.in_turn(
        behaviours.sending(HEAD + b"Content-Length: 5\r\n\r\nfirst" + poison, close=False),
        behaviours.answering(b"second"))
    with gateway.connect() as client:
        assert client.exchange("GET", "/public/a").body == b"first"
        assert client.exchange("GET", "/public/b").body == b"second"
    assert len(backend.exchanges) == 2


def test_informational_answers_pass_and_the_final_one_follows(gateway, backend):
    backend.behaviour = behaviours.sending(
        b"HTTP/1.1 103 Early Hints\r\nLink: </a.css>\r\n\r\n" + HEAD + b"Content-Length: 2\r\n\r\nok")
    informational = []
    with gateway.connect() as client:
        response = client.request("GET", "/public/a").read_response(informational=informational)
    assert (response.status, response.body) == (200, b"ok")
    assert [hint.status for hint in informational] in ([], [103])


def test_an_early_answer_reaches_the_client_while_the_body_is_still_coming(gateway, backend):
    def answering_early(exchange):
        exchange.read_request_head()
        exchange.respond(b"too much", "413 Content Too Large", {"Connection": "close"})

    backend.behaviour = answering_early
    with gateway.connect() as client:
        client.send(b"POST /public/a HTTP/1.1\r\nHost: x\r\nContent-Length: 1000000\r\n\r\nbegin")
        response = client.read_response()
    assert (response.status, response.body) == (413, b"too much")


def reused(exchange_behaviour):
    """Answers one request well, then treats the second on the same connection as told."""
    def behave(exchange):
        exchange.read_request()
        exchange.respond(b"first")
        exchange_behaviour(exchange)
    return behave


def dies_on_second(exchange):
    exchange.read_request()


@pytest.mark.parametrize("method, body, expected, attempts", [
    ("GET", None, 200, 2),      # may be repeated, and nothing had come back
    ("POST", b"pay", 502, 1),   # R14: never replayed
])
def test_a_reused_connection_that_died_is_retried_once_if_the_request_may_be_repeated(
        start_gateway, backend, method, body, expected, attempts):
    gateway = start_gateway(backend, workers=1)
    backend.behaviour = behaviours.in_turn(reused(dies_on_second), behaviours.answering(b"again"))
    with gateway.connect() as client:
        assert client.exchange("GET", "/public/first").body == b"first"
        response = client.exchange(method, "/public/second", body=body)
    assert response.status == expected
    assert len([request for request in backend.requests if request.target == "/public/second"]) == attempts
    gateway.wait_for_metric(attempts - 1, "gatehouse_upstream_retries_total", upstream=backend.url)
    gateway.wait_for_metric(attempts, "gatehouse_upstream_connections_opened_total", upstream=backend.url)


def test_a_fresh_connection_that_dies_is_not_retried(gateway, backend):
    backend.behaviour = behaviours.resetting()
    assert gateway.ask("GET", "/public/a").status == 502
    assert len(backend.requests) == 1


def test_a_client_that_goes_away_takes_its_request_upstream_with_it(gateway, backend):
    backend.behaviour = behaviours.hanging()
    client = gateway.connect()
    client.request("GET", "/public/a")
    backend.wait_for_requests(1)
    client.reset()
    assert backend.exchanges[0].ended.wait(10), "the backend still works for nobody"


def test_several_endpoints_take_turns_and_a_dead_one_harms_only_itself(start_gateway):
    backends = [RawBackend(behaviours.answering(name)) for name in (b"one", b"two", b"three")]
    gateway = start_gateway(upstreams={"all": {"endpoints": [one.url for one in backends]}},
                            routes=[{"match": "/**", "auth": "none", "to": "all"}], workers=1)
    with gateway.connect() as client:
        answers = [client.exchange("GET", "/").body for _ in range(9)]
    assert {name: answers.count(name) for name in set(answers)} == {b"one": 3, b"two": 3, b"three": 3}
    for one in backends:
        one.stop()


def test_a_hanging_backend_delays_only_its_own_requests(start_gateway, backend):
    hanging = RawBackend(behaviours.hanging())
    gateway = start_gateway(routes=[{"match": "/slow", "auth": "none", "to": hanging.url},
                                    {"match": "/**", "auth": "none", "to": backend.url}])
    stuck = [gateway.connect() for _ in range(50)]
    for client in stuck:
        client.request("GET", "/slow")
    hanging.wait_for_requests(50)
    with gateway.connect() as client:
        assert {client.exchange("GET", "/fast").status for _ in range(20)} == {200}
    assert gateway.ask("GET", "/auth/me").status == 401
    for client in stuck:
        client.close()
    hanging.stop()


def test_upstream_errors_are_counted_and_logged_with_their_code(gateway, backend):
    backend.behaviour = behaviours.resetting()
    gateway.ask("GET", "/public/a")
    record = gateway.wait_for_access(lambda record: record["path"] == "/public/a")[0]
    assert (record["status"], record["refusal"]) == (502, "upstream_reset")
    wait_until(lambda: gateway.metric("gatehouse_refusals_total", code="upstream_reset") == 1, "the count")
