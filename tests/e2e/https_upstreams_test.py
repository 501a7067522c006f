"""Upstreams behind https://: who is believed, what happens to everybody else, and what a stream
over TLS promises."""

import json
import os
import pathlib
import shutil
import ssl

import pytest

from harness import RawBackend, wait_until
from harness.certificates import Authority
from harness.over_tls import goodbye, over_tls, saying_goodbye, server
from harness.ports import free_port
from harness.raw_backend import answering, sending

BODY = os.urandom(5 * 1024 * 1024)


@pytest.fixture
def authority(tmp_path):
    return Authority(tmp_path)


@pytest.fixture
def start_backend():
    """A function that starts a backend; it is stopped after the test."""
    started = []

    def start(behaviour):
        started.append(RawBackend(behaviour))
        return started[-1]

    yield start
    for backend in started:
        backend.stop()


def https(backend, host="localhost"):
    return f"https://{host}:{backend.port}"


def to(url, **tls):
    """Settings with one upstream that everybody may ask."""
    return {"upstreams": {"web": {"endpoints": [url], "tls": {name: str(value) if isinstance(value, pathlib.Path) else value
                                                              for name, value in tls.items()}}},
            "routes": [{"match": "/**", "auth": "none", "to": "web"}]}


def refused(gateway, reason):
    """The gateway answers for the upstream, and its log says why."""
    response = gateway.ask("GET", "/a")
    assert (response.status, response.error_code()) == (502, "upstream_unreachable")
    assert b"certificate" not in response.body and b"TLS" not in response.body
    line, *_ = gateway.wait_for_access(lambda record: record.get("status") == 502)
    assert reason in line["reason"], line
    return line["reason"]


def told_of(gateway, event):
    """The first line of the log about it, once it is there."""
    def found():
        lines = [json.loads(line) for line in gateway.process.whole_lines() if line.startswith("{")]
        return next((line for line in lines if line.get("event") == event), None)
    return wait_until(found, f"a line of {event}")


def test_an_upstream_is_asked_by_its_name_and_believed_for_its_authority(start_gateway, authority, start_backend):
    backend = start_backend(over_tls(server(*authority.issue("web")), answering(b"over TLS")))
    gateway = start_gateway(**to(https(backend), ca=authority.certificate))
    response = gateway.ask("GET", "/a?b=c", [("X-Forwarded-Proto", "https")])
    assert (response.status, response.body) == (200, b"over TLS")
    seen = backend.wait_for_requests(1)[0]
    assert seen.line == "GET /a?b=c HTTP/1.1"
    assert seen.all("X-Forwarded-Proto") == ["http"]  # the client's, and not ours
    assert backend.exchanges[0].asked_for == "localhost"
    assert backend.exchanges[0].socket.version() == "TLSv1.3"


def test_the_system_is_asked_where_no_authority_is_named(start_gateway, authority, start_backend):
    backend = start_backend(over_tls(server(*authority.issue("web")), answering(b"over TLS")))
    url = https(backend)
    settings = {"routes": [{"match": "/**", "auth": "none", "to": url}]}
    knows = start_gateway(environment={"SSL_CERT_FILE": str(authority.certificate)}, **settings)
    assert knows.ask("GET", "/a").body == b"over TLS"
    refused(start_gateway(**settings), "certificate verify failed for localhost: ")


@pytest.mark.parametrize("names, host, tls, works", [
    ("IP:127.0.0.1", "127.0.0.1", {}, ""),
    ("DNS:localhost", "127.0.0.1", {}, "certificate verify failed for 127.0.0.1: IP address mismatch"),
    ("DNS:elsewhere.test", "localhost", {}, "certificate verify failed for localhost: hostname mismatch"),
    ("DNS:elsewhere.test", "localhost", {"server_name": "elsewhere.test"}, ""),
    ("DNS:localhost", "localhost", {"server_name": "elsewhere.test"}, "for elsewhere.test: hostname mismatch"),
    ("DNS:*.web.test", "localhost", {"server_name": "a.web.test"}, ""),
], ids=["address", "no address", "other name", "told name", "told other", "wildcard"])
def test_the_certificate_is_for_whom_was_asked(start_gateway, authority, start_backend, names, host, tls, works):
    backend = start_backend(over_tls(server(*authority.issue("web", names)), answering(b"it is me")))
    gateway = start_gateway(**to(https(backend, host), ca=authority.certificate, **tls))
    if works:
        refused(gateway, works)
        assert not backend.requests
    else:
        assert gateway.ask("GET", "/a").body == b"it is me"
        assert backend.exchanges[0].asked_for == (tls.get("server_name", host) if host != "127.0.0.1" else None)


def in_plain(exchange):
    """A server that understands no word of a handshake."""
    exchange.socket.recv(65536)
    exchange.send(b"HTTP/1.1 400 Bad Request\r\nContent-Length: 0\r\n\r\n")


def test_nobody_else_is_believed_and_nothing_is_sent_in_plain(start_gateway, authority, start_backend, tmp_path):
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    good = authority.issue("web")
    cases = [
        ("another authority", over_tls(server(*other.issue("web")), answering()), "unable to get local issuer"),
        ("self-signed", over_tls(server(other.certificate, other._key), answering()), "self-signed certificate"),
        ("TLS 1.0", over_tls(server(*good, newest=ssl.TLSVersion.TLSv1), answering()), "protocol"),
        ("no TLS", in_plain, "no TLS is spoken there"),
        ("an end", lambda exchange: exchange.socket.recv(65536), "the connection ended"),
    ]
    for name, behaviour, reason in cases:
        backend = start_backend(behaviour)
        gateway = start_gateway(**to(https(backend), ca=authority.certificate))
        assert refused(gateway, reason), name
        assert not backend.requests, name
        assert reason in told_of(gateway, "upstream_untrusted")["reason"], name


def test_an_upstream_that_is_down_is_unreachable(start_gateway, authority):
    gateway = start_gateway(**to(f"https://localhost:{free_port()}", ca=authority.certificate))
    response = gateway.ask("GET", "/a")
    assert (response.status, response.error_code()) == (502, "upstream_unreachable")


def test_a_handshake_that_hangs_ends_with_the_deadline(start_gateway, authority, start_backend):
    backend = start_backend(lambda exchange: exchange.hang())
    gateway = start_gateway(deadlines={"connect": "300ms"}, **to(https(backend), ca=authority.certificate))
    response = gateway.ask("GET", "/a")
    assert (response.status, response.error_code()) == (504, "upstream_timeout")
    gateway.wait_for_access(lambda record: "takes too long" in record.get("reason", ""))


def test_a_client_certificate_is_shown_to_whoever_asks(start_gateway, authority, start_backend):
    context = server(*authority.issue("web"), clients_by=authority.certificate)
    backend = start_backend(over_tls(context, answering(b"welcome")))
    certificate, key = authority.issue("gateway", "DNS:gateway.test")
    gateway = start_gateway(**to(https(backend), ca=authority.certificate, certificate=certificate, key=key))
    assert gateway.ask("GET", "/a").body == b"welcome"
    shown = backend.exchanges[-1].socket.getpeercert()
    assert ((("commonName", "gateway"),)) in shown["subject"]
    text = gateway.process.output() + gateway.admin("/metrics")[1]
    assert not any(line in text for line in key.read_text().splitlines()[1:-1])

    without = start_gateway(**to(https(backend), ca=authority.certificate))
    assert without.ask("GET", "/a").status == 502
    assert len(backend.requests) == 1


def test_a_connection_serves_many_requests_and_its_tickets_end_it_not(start_gateway, authority, start_backend):
    backend = start_backend(over_tls(server(*authority.issue("web")), answering(b"again")))
    gateway = start_gateway(**to(https(backend), ca=authority.certificate))
    with gateway.connect() as client:
        for _ in range(50):
            assert client.exchange("GET", "/a").body == b"again"
    assert len(backend.exchanges) == 1


@pytest.mark.parametrize("newest", [None, ssl.TLSVersion.TLSv1_2], ids=["TLS 1.3", "TLS 1.2"])
def test_conversations_go_on_from_earlier_ones(start_gateway, authority, start_backend, workers, newest):
    resumed = []

    def once(exchange):
        resumed.append(exchange.socket.session_reused)
        exchange.read_request()
        exchange.respond(b"once", fields={"Connection": "close"})
        goodbye(exchange)

    context = server(*authority.issue("web"))
    if newest is not None:
        context.maximum_version = newest
    backend = start_backend(over_tls(context, once))
    gateway = start_gateway(**to(https(backend), ca=authority.certificate))
    for _ in range(20):
        assert gateway.ask("GET", "/a").body == b"once"
    assert resumed.count(False) <= workers and resumed.count(True) >= 20 - workers


def test_a_body_that_ends_without_close_notify_is_cut_off(start_gateway, authority, start_backend):
    until_close = b"HTTP/1.1 200 OK\r\n\r\nthe first half"
    context = server(*authority.issue("web"))
    whole = start_backend(over_tls(context, saying_goodbye(sending(until_close))))
    cut = start_backend(over_tls(context, sending(until_close)))
    gateway = start_gateway(**to(https(whole), ca=authority.certificate))
    response = gateway.ask("GET", "/a")
    assert response.body == b"the first half" and response.complete
    gateway = start_gateway(**to(https(cut), ca=authority.certificate))
    response = gateway.ask("GET", "/a")
    assert response.body == b"the first half" and not response.complete


def test_large_bodies_go_through_in_both_directions(start_gateway, authority, start_backend):
    def echo(exchange):
        while True:
            exchange.respond(exchange.read_request().body)

    backend = start_backend(over_tls(server(*authority.issue("web")), echo))
    gateway = start_gateway(**to(https(backend), ca=authority.certificate))
    with gateway.connect(timeout=60) as client:
        for _ in range(2):
            response = client.exchange("POST", "/a", body=BODY)
            assert response.status == 200 and response.body == BODY


def changed(gateway, settings):
    gateway.settings.update(settings)
    new = gateway.folder / "new.yaml"
    new.write_text(json.dumps(gateway.settings))
    os.replace(new, gateway.config_file)


def reloads(gateway, result):
    return gateway.metric("gatehouse_config_reloads_total", result=result)


def test_new_terms_share_no_connection_with_the_old_ones(start_gateway, authority, start_backend, tmp_path):
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    backend = start_backend(over_tls(server(*authority.issue("web")), answering(b"trusted")))
    gateway = start_gateway(**to(https(backend), ca=authority.certificate))
    assert gateway.ask("GET", "/a").body == b"trusted"
    changed(gateway, to(https(backend), ca=other.certificate))
    wait_until(lambda: reloads(gateway, "ok") == 1, "a reload")
    refused(gateway, "unable to get local issuer")


def test_files_are_read_again_and_a_bad_one_changes_nothing(start_gateway, authority, start_backend, tmp_path):
    (tmp_path / "other").mkdir()
    other = Authority(tmp_path / "other")
    backend = start_backend(over_tls(server(*authority.issue("web")), answering(b"trusted")))
    trusted = tmp_path / "trusted.pem"
    shutil.copy(authority.certificate, trusted)
    gateway = start_gateway(**to(https(backend), ca=trusted))
    assert gateway.ask("GET", "/a").body == b"trusted"
    trusted.write_text("no certificate\n")
    wait_until(lambda: reloads(gateway, "failed") >= 1, "a reload that fails")
    told = told_of(gateway, "reload_failed")
    assert told["key"] == "upstreams.web.tls.ca" and ":" in told["place"]
    assert gateway.ask("GET", "/a").body == b"trusted"
    shutil.copy(other.certificate, trusted)
    wait_until(lambda: reloads(gateway, "ok") >= 1, "a reload")
    refused(gateway, "unable to get local issuer")


def test_check_judges_the_files_and_looks_at_the_server(start_gateway, authority, start_backend):
    backend = start_backend(over_tls(server(*authority.issue("web")), answering()))
    certificate, key = authority.issue("gateway", "DNS:gateway.test")
    _, others_key = authority.issue("somebody", "DNS:somebody.test")
    gateway = start_gateway(**to(https(backend), ca=authority.certificate))
    done = gateway.command("check", "--connect")
    assert f"ok      {https(backend)}" in done.stdout

    def checked(*words, **tls):
        gateway.config_file.write_text(json.dumps({**gateway.settings, **to(https(backend), **tls)}, indent=2))
        return gateway.command("check", *words, check=False)

    text = checked(ca=others_key)
    assert text.returncode == 2 and "upstreams.web.tls.ca: " in text.stderr
    assert "there is no certificate in it" in text.stderr
    place = text.stderr.split("gatehouse.yaml:", 1)[1].split(": ", 1)[0]
    line, column = map(int, place.split(":"))
    assert gateway.config_file.read_text().splitlines()[line - 1][column - 1:].startswith(f'"{others_key}"')
    assert "does not belong" in checked(ca=authority.certificate, certificate=certificate, key=others_key).stderr
    assert "No such file" in checked(ca="nowhere.pem").stderr
    assert "has no key" in checked(certificate=certificate).stderr
    assert "hostname mismatch" in checked("--connect", ca=authority.certificate, server_name="a.test").stdout
    unverified = checked("--connect", verify=False)
    assert unverified.returncode == 0 and "WHOEVER ANSWERS" in unverified.stderr


def test_who_is_not_verified_is_told_of_loudly(start_gateway, authority, start_backend):
    backend = start_backend(over_tls(server(*authority.issue("web", "DNS:nobody.test")), answering(b"anybody")))
    gateway = start_gateway(**to(https(backend), verify=False))
    assert gateway.ask("GET", "/a").body == b"anybody"
    told = told_of(gateway, "upstream_unverified")
    assert told["upstream"] == "web" and told["level"] == "warn"


def test_health_checks_speak_tls_too(start_gateway, authority, start_backend):
    backend = start_backend(over_tls(server(*authority.issue("web")), answering(b"well")))
    settings = to(https(backend), ca=authority.certificate)
    settings["upstreams"]["web"]["health"] = {"path": "/healthy", "interval": "1s", "timeout": "1s"}
    start_gateway(**settings)
    assert backend.wait_for_requests(1)[0].target == "/healthy"
