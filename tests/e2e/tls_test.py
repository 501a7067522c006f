"""Clients come over TLS: the gateway serves as it does in the clear, and says so upstream."""

import json
import os
import select
import shutil
import ssl
import subprocess
import time

import pytest

from harness import RawClient, wait_until
from harness.certificates import Authority
from harness.ports import free_port
from harness.tls_client import TlsClient, trusting

MiB = 1024 * 1024
PATIENCE = 30.0


@pytest.fixture
def authority(tmp_path):
    folder = tmp_path / "certificates"
    folder.mkdir()
    return Authority(folder)


def tls_of(certificate, key, **more):
    return {"certificate": str(certificate), "key": str(key), **more}


@pytest.fixture
def secure(start_gateway, backend, authority):
    """A function that starts a gateway with a listener for TLS, and one without at `plain`."""
    def start(tls=None, plain=None, **settings):
        tls = tls or tls_of(*authority.issue("server"))
        port = free_port()
        listen = [{"address": f"127.0.0.1:{port}", "tls": tls}]
        if plain is not None:
            listen.append({"address": f"127.0.0.1:{free_port()}", **plain})
        gateway = start_gateway(backend, listen=listen, **settings)
        gateway.port = port
        gateway.plain_port = int(listen[-1]["address"].rsplit(":")[-1])
        return gateway
    return start


def client_of(gateway, authority, **how):
    options = {key: how.pop(key) for key in ("session", "name", "receive_buffer") if key in how}
    return TlsClient(gateway.port, trusting(authority.certificate, **how), **options)


@pytest.mark.parametrize("version", [ssl.TLSVersion.TLSv1_2, ssl.TLSVersion.TLSv1_3], ids=["1.2", "1.3"])
def test_serves_as_in_the_clear_and_says_so_upstream(secure, backend, authority, version):
    gateway = secure()
    body = os.urandom(3 * MiB)
    backend.behaviour = lambda exchange: [exchange.respond(exchange.read_request().body) for _ in range(3)]
    with client_of(gateway, authority, oldest=version, newest=version) as client:
        assert client.socket.selected_alpn_protocol() == "http/1.1"
        for sent in (b"small", body, b""):
            answer = client.exchange("POST", "/public/echo", body=sent)
            assert (answer.status, answer.body) == (200, sent)
        assert client.socket.version() == {ssl.TLSVersion.TLSv1_2: "TLSv1.2"}.get(version, "TLSv1.3")
    assert backend.requests[0].all("X-Forwarded-Proto") == ["https"]
    gateway.wait_for_metric(1, "gatehouse_tls_handshakes_total", result="full",
                            version="1.2" if version == ssl.TLSVersion.TLSv1_2 else "1.3")


def test_ends_a_body_without_a_length_in_order_and_cuts_a_broken_one(secure, backend, authority):
    gateway = secure()

    def until_close(exchange):
        whole = "whole" in exchange.read_request().target
        exchange.send(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n" + b"x" * 100_000)
        exchange.close() if whole else exchange.reset()

    backend.behaviour = until_close
    with client_of(gateway, authority) as client:
        client.request("GET", "/public/whole", version="HTTP/1.0")
        assert client.read_to_end().endswith(b"x" * 1000)
    with client_of(gateway, authority) as client:
        client.request("GET", "/public/cut", version="HTTP/1.0")
        with pytest.raises((ssl.SSLError, ConnectionError)):
            while client.socket.recv(65536):
                pass
            raise AssertionError("it looked whole")


def test_shows_the_certificate_for_the_name(secure, authority):
    one = authority.issue("one", "DNS:localhost,DNS:one.test")
    two = authority.issue("two", "DNS:*.two.test")
    pairs = [{"certificate": str(c), "key": str(k)} for c, k in (one, two)]
    gateway = secure(tls={"certificates": pairs})
    for asked, shown in (("localhost", "localhost"), ("one.test", "localhost"), ("a.two.test", "*.two.test")):
        with client_of(gateway, authority, name=asked) as client:
            assert client.shown[0] == shown


def test_refuses_other_protocols_and_old_versions(secure, authority):
    gateway = secure(tls=tls_of(*authority.issue("server"), min_version="1.3"))
    with pytest.raises(ssl.SSLError, match="(?i)no.application.protocol"):
        client_of(gateway, authority, alpn=("h2",))
    with pytest.raises(ssl.SSLError, match="(?i)protocol.version"):
        client_of(gateway, authority, newest=ssl.TLSVersion.TLSv1_2)
    wait_until(lambda: gateway.metric("gatehouse_tls_handshakes_total", result="refused") == 2, "both counted")


def test_tells_plain_http_where_it_belongs(secure):
    gateway = secure()
    with RawClient(gateway.port) as client:
        answer = client.exchange("GET", "/public/x")
    assert answer.status == 400 and b"https://" in answer.body
    wait_until(lambda: gateway.metric("gatehouse_tls_handshakes_total", result="plain_http") == 1, "it counted")


def test_waits_for_no_handshake_for_ever(secure, authority):
    gateway = secure(deadlines={"head": "300ms"})
    with RawClient(gateway.port) as client:
        client.send(b"\x16\x03\x01\x02\x00\x01")
        assert client.is_closed_by_peer()
    wait_until(lambda: gateway.metric("gatehouse_tls_handshakes_total", result="late") == 1, "it counted")
    with client_of(gateway, authority) as client:
        assert client.exchange("GET", "/public/x").status == 200


@pytest.mark.parametrize("asks_before", [False, True], ids=["fresh", "kept"])
def test_waits_for_no_record_for_ever(secure, authority, asks_before):
    gateway = secure(deadlines={"keep_alive": "2s", "head": "2s"})
    with client_of(gateway, authority) as client:
        if asks_before:
            assert client.exchange("GET", "/public/x").status == 200
        wire = client.socket.fileno()
        os.write(wire, b"\x17\x03\x03\x40\x00")  # 16 KiB will follow, a byte at a time
        until = time.monotonic() + PATIENCE
        try:
            while time.monotonic() < until:
                os.write(wire, b"x")
                if select.select([wire], [], [], 0.1)[0] and not os.read(wire, 65536):
                    return
        except ConnectionError:
            return
    pytest.fail("it is still open")


def test_says_in_an_alert_that_there_are_too_many(secure, authority):
    gateway = secure(limits={"connections": 1})
    with client_of(gateway, authority) as first:
        assert first.exchange("GET", "/public/x").status == 200
        with pytest.raises(ssl.SSLError, match="(?i)alert.internal.error"):
            client_of(gateway, authority)
        gateway.wait_for_metric(1, "gatehouse_tls_handshakes_total", result="overloaded")
        assert first.exchange("GET", "/public/x").status == 200

    def is_served():
        try:
            with client_of(gateway, authority) as again:
                return again.exchange("GET", "/public/x").status == 200
        except ssl.SSLError:
            return False

    wait_until(is_served, "the first one's place")


def test_knows_who_comes_back_on_any_worker_and_after_a_reload(secure, authority):
    gateway = secure()
    context = trusting(authority.certificate)
    session = None
    for turn in range(9):
        with TlsClient(gateway.port, context, session=session) as client:
            assert client.exchange("GET", "/public/x").status == 200
            assert client.socket.session_reused == (turn > 0)
            session = client.socket.session
        if turn == 4:
            gateway.settings["limits"] = {"head": "16KiB"}
            gateway.write_config()
            wait_until(lambda: gateway.metric("gatehouse_config_generation") == 2, "the reload", PATIENCE)
    gateway.wait_for_metric(8, "gatehouse_tls_handshakes_total", result="resumed", version="1.3")


def names_shown(gateway, authority):
    with client_of(gateway, authority) as client:
        return client.shown


def test_takes_a_new_certificate_and_keeps_the_old_one_when_it_is_bad(secure, authority, tmp_path):
    mounted = tmp_path / "mounted"
    for version, names in (("v1", "DNS:localhost,DNS:old.test"), ("v2", "DNS:localhost,DNS:new.test")):
        (mounted / version).mkdir(parents=True)
        certificate, key = authority.issue(version, names)
        shutil.copy(certificate, mounted / version / "tls.crt")
        shutil.copy(key, mounted / version / "tls.key")
    os.symlink("v1", mounted / "..data")  # as Kubernetes mounts a secret
    for name in ("tls.crt", "tls.key"):
        os.symlink(f"..data/{name}", mounted / name)
    gateway = secure(tls=tls_of(mounted / "tls.crt", mounted / "tls.key"))
    first = client_of(gateway, authority)
    assert "old.test" in first.shown

    os.symlink("v2", mounted / "..new")
    os.replace(mounted / "..new", mounted / "..data")
    wait_until(lambda: "new.test" in names_shown(gateway, authority), "the new certificate", PATIENCE)
    assert first.exchange("GET", "/public/x").status == 200  # and goes on
    first.close()
    assert 0 < gateway.metric("gatehouse_tls_certificate_expiry_seconds") <= 86400

    shutil.copy(mounted / "v1" / "tls.key", mounted / "v2" / "tls.key")  # of another certificate
    wait_until(lambda: gateway.metric("gatehouse_config_last_reload_successful") == 0, "the refusal", PATIENCE)
    assert "new.test" in names_shown(gateway, authority)
    line = gateway.process.wait_for_line(lambda line: '"reload_failed"' in line, "why it was refused")
    assert "the key does not belong to the certificate" in json.loads(line)["message"]


def test_lets_in_with_a_certificate_only(secure, authority, tmp_path):
    folder = tmp_path / "people"
    folder.mkdir()
    people = Authority(folder, "people")
    gateway = secure(tls=tls_of(*authority.issue("server"),
                                client_certificates={"ca": str(people.certificate), "mode": "required"}))
    with client_of(gateway, authority, own=people.issue("alice")) as client:
        assert client.exchange("GET", "/public/x").status == 200
    for own in (None, authority.issue("stranger")):
        with pytest.raises((ssl.SSLError, ConnectionError)):
            with client_of(gateway, authority, own=own) as client:
                client.exchange("GET", "/public/x")


def test_sends_plain_clients_to_https_by_its_own_names_only(secure, backend):
    gateway = secure(plain={"redirect_to_https": True}, hsts={"max_age": "365d", "include_subdomains": True})
    with RawClient(gateway.plain_port) as client:
        answer = client.exchange("GET", "/public/x?y=1", host=f"localhost:{gateway.plain_port}")
        assert (answer.status, answer["Location"]) == (308, f"https://localhost:{gateway.port}/public/x?y=1")
        assert not answer.all("Strict-Transport-Security")  # RFC 6797, 7.2
        assert client.exchange("GET", "/auth/me", host="localhost").status == 308
        refused = client.exchange("GET", "/public/x", host="evil.test")
        assert refused.status == 400 and not refused.all("Location")
    assert not backend.requests


def test_sends_plain_clients_to_the_port_that_the_world_sees(secure):
    gateway = secure(plain={"redirect_to_https": {"port": 443}})
    with RawClient(gateway.plain_port) as client:
        answer = client.exchange("GET", "/public/x", host=f"localhost:{gateway.plain_port}")
        assert (answer.status, answer["Location"]) == (308, "https://localhost/public/x")


def test_tells_browsers_to_stay(secure, backend, authority):
    gateway = secure(hsts={"max_age": "365d", "include_subdomains": True})
    backend.behaviour = lambda exchange: exchange.read_request() and exchange.send(
        b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nStrict-Transport-Security: max-age=0\r\n\r\n")
    for target, status in (("/public/x", 200), ("/secret", 401), ("/auth/me", 401), ("/.well-known/jwks.json", 200)):
        with client_of(gateway, authority) as client:
            answer = client.exchange("GET", target)
        assert (answer.status, answer["Strict-Transport-Security"]) == (status, "max-age=31536000; includeSubDomains")


def test_cookies_are_secure(secure, authority):
    gateway = secure(auth={"delivery": "cookie"})
    with client_of(gateway, authority) as client:
        answer = client.exchange("POST", "/auth/register", {"Content-Type": "application/json"},
                                 b'{"username":"alice","password":"correct horse battery staple"}')
    assert answer.status == 201, answer.body
    assert all("Secure" in cookie for cookie in answer.all("Set-Cookie"))


def test_talks_to_the_usual_tools(secure, authority):
    gateway = secure()
    got = subprocess.run(["curl", "-sS", "--cacert", authority.certificate, "-o", "/dev/null", "-w", "%{http_code}",
                          f"https://localhost:{gateway.port}/public/x"], capture_output=True, text=True, timeout=30)
    assert got.stdout == "200", got.stderr
    seen = subprocess.run(["openssl", "s_client", "-connect", f"localhost:{gateway.port}", "-CAfile",
                           authority.certificate, "-verify_return_error", "-alpn", "h2,http/1.1"],
                          input="", capture_output=True, text=True, timeout=30)
    assert "Verification: OK" in seen.stdout and "ALPN protocol: http/1.1" in seen.stdout
    assert "TLS_AES_128_GCM_SHA256" in seen.stdout


def test_check_says_what_is_served_and_what_is_wrong(secure, authority):
    certificate, key = authority.issue("server")
    gateway = secure(tls=tls_of(certificate, key))
    key.chmod(0o644)
    checked = gateway.command("check")
    assert "TLS for 127.0.0.1, localhost (ECDSA 256, until " in checked.stdout
    assert "may be read by every user" in checked.stderr and "expires on" in checked.stderr
    other = authority.issue("other")
    gateway.settings["listen"][0]["tls"]["key"] = str(other[1])
    gateway.write_config()
    refused = gateway.command("check", check=False)
    assert refused.returncode != 0 and "the key does not belong to the certificate" in refused.stderr
    shutil.copy(certificate, gateway.folder / "x.crt")
    gateway.settings["listen"][0]["tls"]["key"] = "missing.key"
    gateway.write_config()
    assert "missing.key cannot be read" in gateway.command("check", check=False).stderr
    gateway.settings["listen"][0]["tls"]["key"] = str(key)
    gateway.write_config()


@pytest.mark.parametrize("workers", [1], ids=["1 worker"])
def test_has_no_finding_of_testssl_above_low(secure, tmp_path):
    gateway = secure(hsts={"max_age": "365d"})
    found = tmp_path / "found.json"
    # Versions, ciphers, forward secrecy, preferences, headers, known attacks; not the certificate,
    # which is the test's.
    done = subprocess.run(["testssl", "--quiet", "--color", "0", "--warnings", "batch", "--jsonfile", found,
                           "-p", "-s", "-f", "-P", "-h", "-U", "--ip", "127.0.0.1", f"localhost:{gateway.port}"],
                          capture_output=True, text=True, timeout=300)
    findings = json.loads(found.read_text())
    assert len(findings) > 40, done.stdout
    of_the_tool = {"engine_problem"}  # its openssl knows no GOST
    worse = [one for one in findings
             if one["severity"] not in ("OK", "INFO", "LOW") and one["id"] not in of_the_tool]
    assert not worse, json.dumps(worse, indent=2)
