"""Requests followed through the gateway, as a collector sees them."""

import base64
import json
import re
import time
import urllib.parse

import pytest

from harness import wait_until
from harness.certificates import Authority
from harness.collector import Collector
from harness.ports import free_port
from harness.raw_backend import answering, closing_at_once, in_turn

TRACE, PARENT = "0af7651916cd43dd8448eb211c80319c", "b7ad6b7169203331"
SAMPLED = ("traceparent", f"00-{TRACE}-{PARENT}-01")
UNSAMPLED = ("traceparent", f"00-{TRACE}-{PARENT}-00")


@pytest.fixture
def collector():
    with Collector() as running:
        yield running


def tracing(collector, **more):
    return {"endpoint": collector if isinstance(collector, str) else collector.url, "interval": "50ms", **more}


def outcome(gateway, word):
    return gateway.metric("gatehouse_trace_spans_total", outcome=word)


def told(backend):
    """What the upstream was told last: trace, span and flags."""
    value, = backend.requests[-1].all("traceparent")
    return re.fullmatch("00-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})", value).groups()


def lines_of(gateway, event):
    lines = [json.loads(line) for line in gateway.process.lines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == event]


def test_one_request_is_one_tree(start_gateway, backend, collector):
    gateway = start_gateway(backend, tracing=tracing(collector, service_name="edge"))
    pair = gateway.auth().register("ada")
    assert gateway.ask("GET", "/items/7?token=to-look-for", [*pair.bearer.items(), ("User-Agent", "me/1"), ("Host", "gate.example:8443")]).status == 200
    trace, span, flags = told(backend)
    assert flags == "01"
    spans = {span.kind: span for span in collector.trace(trace, 3)}
    server, auth, client = spans["server"], spans["internal"], spans["client"]
    assert server.parent is None
    assert auth.parent == client.parent == server.id
    assert client.id == span, "the upstream's spans hang below the one that asked it"
    assert server.name == "GET /**"
    assert server.began <= auth.began <= auth.ended <= client.began <= client.ended <= server.ended
    assert abs(server.began / 1e9 - time.time()) < 60
    assert server.attributes == {
        "http.request.method": "GET", "url.scheme": "http", "url.path": "/items/7", "http.route": "/**",
        "http.response.status_code": 200, "server.address": "gate.example", "server.port": 8443,
        "client.address": "127.0.0.1", "user_agent.original": "me/1", "enduser.id": pair.user_id}
    assert auth.attributes["gatehouse.auth.outcome"] == "user"
    assert auth.attributes["gatehouse.auth.known_by"] in ("signature", "cache")
    assert client.name == "GET"
    assert client.attributes["http.response.status_code"] == 200
    assert client.attributes["server.port"] == int(backend.url.rpartition(":")[2])
    assert client.attributes["url.full"] == backend.url + "/items/7"
    assert server.resource["service.name"] == "edge"
    assert server.resource.keys() == {"service.name", "service.version", "service.instance.id", "host.name"}
    wait_until(lambda: outcome(gateway, "exported") >= 3, "the counter")


def test_a_login_shows_what_was_asked_of_the_store(start_gateway, backend, collector):
    gateway = start_gateway(backend, tracing=tracing(collector))
    gateway.auth().register("ada")
    gateway.auth().call("/login", {"username": "ada", "password": "correct horse battery"}, [SAMPLED])
    spans = collector.wait_for(lambda span: span.trace == TRACE and span.kind == "client", 2)
    server, = collector.wait_for(lambda span: span.trace == TRACE and span.kind == "server")
    assert server.parent == PARENT
    assert server.name == "POST /auth/**"
    assert {span.parent for span in spans} == {server.id}
    assert {span.name for span in spans} == {"read sqlite", "write sqlite"}
    assert all(span.attributes == {"db.system.name": "sqlite", "db.operation.name": span.name.split()[0]} for span in spans)
    assert b"correct horse" not in collector.bytes


def test_a_client_decides_for_its_trace(start_gateway, backend, collector):
    gateway = start_gateway(backend, tracing=tracing(collector), log={"fields": ["path", "trace_id"]})
    gateway.ask("GET", "/public/unsampled", [UNSAMPLED, ("tracestate", "a=1"), ("baggage", "b=2")])
    seen = backend.requests[-1]
    assert seen.all("traceparent") == [UNSAMPLED[1]], "in the client's own words"
    assert seen.all("tracestate") == ["a=1"] and seen.all("baggage") == ["b=2"]
    gateway.ask("GET", "/public/sampled", [SAMPLED, ("tracestate", "a=1")])
    assert told(backend)[0] == TRACE
    assert told(backend)[1] != PARENT
    assert backend.requests[-1].all("tracestate") == ["a=1"]
    paths = {span.attributes.get("url.path") for span in collector.trace(TRACE, 3)}
    assert "/public/sampled" in paths and "/public/unsampled" not in paths
    record, = gateway.wait_for_access(lambda record: record["path"] == "/public/sampled")
    assert record["trace_id"] == TRACE


@pytest.mark.parametrize("trust", ["never", "trusted_proxies"])
def test_a_stranger_begins_a_trace_of_its_own(start_gateway, backend, collector, trust):
    gateway = start_gateway(backend, tracing=tracing(collector, trust=trust), log={"fields": ["path", "trace_id"]})
    gateway.ask("GET", "/public/x", [UNSAMPLED, ("tracestate", "a=1"), ("baggage", "b=2")])
    trace, _, flags = told(backend)
    assert trace != TRACE and flags == "01"
    assert backend.requests[-1].all("tracestate") == backend.requests[-1].all("baggage") == []
    server, = [span for span in collector.trace(trace, 3) if span.kind == "server"]
    assert server.parent is None
    record, = gateway.wait_for_access(lambda record: record["path"] == "/public/x")
    assert record["trace_id"] == trace


def test_baggage_is_dropped_where_the_settings_say_so(start_gateway, backend):
    gateway = start_gateway(backend, tracing={"baggage": "drop"})
    gateway.ask("GET", "/public/x", [SAMPLED, ("baggage", "b=2")])
    assert backend.requests[-1].all("baggage") == []
    assert backend.requests[-1].all("traceparent") == [SAMPLED[1]]


def test_nothing_is_recorded_of_what_falls_out_of_the_sample(start_gateway, backend, collector):
    gateway = start_gateway(backend, tracing=tracing(collector, sample=0))
    gateway.ask("GET", "/public/x")
    assert told(backend)[2] == "00", "the upstream is told so"
    gateway.ask("GET", "/public/y", [SAMPLED])
    collector.trace(TRACE, 3)
    assert {span.trace for span in collector.spans} == {TRACE}


def test_refusals_and_failures_are_told_by_their_codes(start_gateway, backend, collector):
    gateway = start_gateway(backend, tracing=tracing(collector))
    assert gateway.ask("GET", "/items", [SAMPLED]).status == 401
    server, = collector.wait_for(lambda span: span.kind == "server" and span.trace == TRACE)
    auth, = [span for span in collector.spans if span.kind == "internal"]
    assert auth.attributes == {"gatehouse.auth.outcome": "token_missing"}
    assert server.attributes["http.response.status_code"] == 401
    assert not server.failed and not auth.failed, "it is the client's mistake"
    backend.behaviour = closing_at_once()
    assert gateway.ask("GET", "/public/x").status == 502
    failed = collector.wait_for(lambda span: span.failed, 2)
    assert {span.kind for span in failed} == {"server", "client"}
    assert {span.attributes["error.type"] for span in failed} == {"upstream_reset"}


def test_no_credential_is_in_any_span(start_gateway, backend, collector):
    gateway = start_gateway(backend, tracing=tracing(collector))
    password = "a password to look for"
    pair = gateway.auth().register("ada", password)
    basic = base64.b64encode(f"ada:{password}".encode()).decode()
    secrets = [pair.access, pair.refresh, password, urllib.parse.quote(password), basic]
    for value in (pair.access, pair.refresh):
        gateway.ask("GET", f"/public/x?access_token={value}", [("Referer", f"https://a:{value}@x/?code={value}")])
        gateway.ask("GET", f"/public/{value}", [("User-Agent", f"me Bearer {value}"), ("Host", f"{value[:60]}.example")])
        gateway.ask("GET", f"/public/{value[:100]}/{value}", [("Cookie", f"refresh_token={value}; access_token={value}")])
        gateway.ask("GET", "/items", [("Authorization", f"Bearer {value}"), ("X-Request-Id", value)])
        gateway.ask("GET", "/public/x", [("baggage", f"token={value}"), SAMPLED, ("tracestate", f"a={value[:200]}")])
    gateway.ask("GET", "/items", [("Authorization", f"Basic {basic}"), ("User-Agent", f"Basic {basic}")])
    gateway.ask("GET", f"/public/password={urllib.parse.quote(password)}")
    gateway.auth().call("/login", {"username": "ada", "password": password})
    gateway.auth().try_refresh(pair.refresh)
    gateway.ask("GET", "/public/last")
    collector.wait_for(lambda span: span.attributes.get("url.path") == "/public/last")
    gateway.stop()
    for secret in secrets:
        assert secret.encode() not in collector.bytes
    # Nor a part of one, which could be tried: signatures are what stands behind the second dot.
    assert pair.access.split(".")[2].encode() not in collector.bytes


def test_a_sandboxed_gateway_finds_its_collector_by_name(start_gateway, backend, collector):
    gateway = start_gateway(backend, sandbox="required", tracing=tracing(collector.url.replace("127.0.0.1", "localhost")))
    gateway.ask("GET", "/public/x", [SAMPLED])
    collector.trace(TRACE, 3)


@pytest.mark.parametrize("redact", ["mask", "drop"])
def test_people_are_told_of_as_the_log_may(start_gateway, backend, collector, redact):
    gateway = start_gateway(backend, tracing=tracing(collector), log={"redact": {"client": redact, "user_id": redact}})
    pair = gateway.auth().register("ada")
    gateway.ask("GET", "/items", pair.bearer)
    server, = collector.wait_for(lambda span: span.attributes.get("http.route") == "/**" and span.kind == "server")
    assert "enduser.id" not in server.attributes
    assert server.attributes.get("client.address") == ("127.0.0.0" if redact == "mask" else None)
    assert pair.user_id.encode() not in collector.bytes


@pytest.mark.parametrize("answer", [None, (500, {}, b""), (429, {"Retry-After": "3600"}, b""), (302, {"Location": "/v1/traces"}, b"")],
                         ids=["never", "500", "429", "a redirect"])
def test_no_request_waits_for_a_collector(start_gateway, backend, answer):
    with Collector(lambda: answer) as collector:
        gateway = start_gateway(backend, tracing=tracing(collector, queue=64, flush="0s"))
        with gateway.connect() as client:
            for _ in range(400):
                assert client.exchange("GET", "/public/x").status == 200
            wait_until(lambda: collector.asked > 0, "the collector to be asked")
            assert client.exchange("GET", "/public/x").status == 200
        wait_until(lambda: outcome(gateway, "rejected" if answer and answer[0] in (500, 302) else "queue_full") > 0, "spans to be lost")
        assert collector.spans == []
        gateway.stop()


def test_a_collector_that_comes_back_gets_what_follows(start_gateway, backend):
    port = free_port()
    gateway = start_gateway(backend, tracing=tracing(f"http://127.0.0.1:{port}", timeout="1s"))
    gateway.ask("GET", "/public/x")
    wait_until(lambda: lines_of(gateway, "traces_lost"), "the log to say so", 60)
    line = lines_of(gateway, "traces_lost")[0]
    assert line["level"] == "warn" and line["lost"] >= 1 and "127.0.0.1" in line["reason"]
    wait_until(lambda: outcome(gateway, "not_sent") >= 3, "the counter")


@pytest.mark.parametrize("trusted", [True, False], ids=["trusted", "a stranger's"])
def test_a_collector_has_to_prove_who_it_is(start_gateway, backend, tmp_path, trusted):
    authority = Authority(tmp_path)
    with Collector(certificate=authority.issue("collector")) as collector:
        shown = {"ca_file": str(authority.certificate)} if trusted else {}
        gateway = start_gateway(backend, tracing=tracing(collector, flush="0s", **shown))
        gateway.ask("GET", "/public/x", [SAMPLED])
        if trusted:
            collector.trace(TRACE, 3)
        else:
            wait_until(lambda: lines_of(gateway, "traces_lost"), "the log to say so", 60)
            assert "certificate" in lines_of(gateway, "traces_lost")[0]["reason"]
            assert collector.asked == 0


def test_what_a_collector_leaves_out_is_told_once(start_gateway, backend):
    body = json.dumps({"partialSuccess": {"rejectedSpans": "1", "errorMessage": "too old"}}).encode()
    with Collector(lambda: (200, {}, body)) as collector:
        gateway = start_gateway(backend, tracing=tracing(collector))
        for number in range(3):
            gateway.ask("GET", f"/public/{number}")
            collector.wait_for(lambda span, number=number: span.attributes.get("url.path") == f"/public/{number}")
        wait_until(lambda: outcome(gateway, "rejected") >= 3, "the counter")
        line, = wait_until(lambda: lines_of(gateway, "traces_rejected"), "the line that says so")
        assert line["reason"] == "too old"


def answering_once(exchange):
    """And then it closes, having read a second request."""
    exchange.read_request()
    exchange.respond()
    exchange.read_request()


def test_a_retry_is_a_span_of_its_own(start_gateway, backend, collector):
    gateway = start_gateway(backend, tracing=tracing(collector), workers=1)
    backend.behaviour = in_turn(answering_once, answering())
    gateway.ask("GET", "/public/warm")
    assert gateway.ask("GET", "/public/x", [SAMPLED]).status == 200
    spans = [span for span in collector.trace(TRACE, 4) if span.kind == "client"]
    first, second = sorted(spans, key=lambda span: span.began)
    assert first.attributes["error.type"] == "upstream_reset"
    assert first.attributes["gatehouse.upstream.connection"] == "reused"
    assert second.attributes["http.request.resend_count"] == 1
    assert second.attributes["gatehouse.upstream.connection"] == "new"
    assert told(backend)[1] == second.id


def test_a_reload_switches_it_on_and_off(start_gateway, backend, collector):
    gateway = start_gateway(backend)
    gateway.ask("GET", "/public/x", [SAMPLED])
    assert backend.requests[-1].all("traceparent") == [SAMPLED[1]]
    for generation, settings, expected in [(2, tracing(collector), True), (3, {}, False)]:
        gateway.settings["tracing"] = settings
        gateway.write_config()
        wait_until(lambda generation=generation: gateway.metric("gatehouse_config_generation") == generation, "the reload", 30)
        gateway.ask("GET", "/public/y", [SAMPLED])
        assert (backend.requests[-1].all("traceparent") != [SAMPLED[1]]) == expected
    collector.trace(TRACE, 3)


def test_what_waits_is_sent_before_the_end(start_gateway, backend, collector):
    gateway = start_gateway(backend, tracing=tracing(collector, interval="1m", flush="30s"))
    gateway.ask("GET", "/public/x", [SAMPLED])
    assert collector.spans == []
    gateway.stop()
    assert len(collector.trace(TRACE, 3)) == 3


def test_the_collector_is_shown_what_the_operator_wrote(start_gateway, backend, collector, tmp_path):
    (tmp_path / "headers").write_text("X-Api-Key: to-look-for\n")
    gateway = start_gateway(backend, tracing=tracing(collector, headers_file=str(tmp_path / "headers")))
    gateway.ask("GET", "/public/x", [SAMPLED])
    collector.trace(TRACE, 3)
    assert collector.fields[0]["X-Api-Key"] == "to-look-for"
    assert "to-look-for" not in gateway.command("config", "show").stdout
    gateway.stop()
    assert "to-look-for" not in gateway.process.output()
