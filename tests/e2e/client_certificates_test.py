"""Certificates that clients show: what backends and policies learn of them, and for how long."""

import ssl
import subprocess

import pytest

from harness import RawClient, wait_until
from harness.certificates import Authority
from harness.ports import free_port
from harness.raw_backend import answering
from harness.tls_client import TlsClient, trusting

PATIENCE = 30.0
TOLD_IN = {"subject": "X-Cert-Subject", "issuer": "X-Cert-Issuer", "fingerprint": "X-Cert-Print",
           "serial": "X-Cert-Serial", "dns": "X-Cert-Dns", "uri": "X-Cert-Uri", "email": "X-Cert-Email"}
ALICE = "DNS:alice.test,URI:spiffe://test/alice,email:alice@test"


class Front:
    """A gateway that takes certificates at one address, and is plain at another."""

    def __init__(self, folder, start_gateway, backend, **settings):
        self.sites = Authority(self._made(folder / "sites"))
        self.people = Authority(self._made(folder / "people"), "people")
        self.others = Authority(self._made(folder / "others"), "others")
        self.ca = folder / "ca.crt"
        self.trust(self.people)
        certificate, key = self.sites.issue("server")
        self.port, self.plain_port = free_port(), free_port()
        to = backend.url
        taken = {"ca": str(self.ca), "mode": settings.pop("mode", "optional"), "headers": TOLD_IN}
        self.gateway = start_gateway(
            listen=[{"address": f"127.0.0.1:{self.port}",
                     "tls": {"certificate": str(certificate), "key": str(key), "client_certificates": taken}},
                    {"address": f"127.0.0.1:{self.plain_port}"}],
            routes=[{"match": "/public/**", "auth": "none", "to": to},
                    {"match": "/alice/**", "auth": {"certificate": {"dns": ["alice.test"]}, "token": "none"}, "to": to},
                    {"match": "/both/**", "auth": {"certificate": {"subject": ["CN=alice"]}}, "to": to},
                    *({"auth": "none", "to": to} | route for route in settings.pop("routes", []))],
            **settings)

    @staticmethod
    def _made(folder):
        folder.mkdir()
        return folder

    def trust(self, *authorities):
        new = self.ca.with_suffix(".new")
        new.write_text("".join(each.certificate.read_text() for each in authorities))
        new.rename(self.ca)

    def context(self, own=None, **how):
        return trusting(self.sites.certificate, own=own, **how)

    def connect(self, own=None, session=None, context=None):
        return TlsClient(self.port, context or self.context(own), session=session)


@pytest.fixture
def front(tmp_path, start_gateway, backend):
    def start(**settings):
        return Front(tmp_path, start_gateway, backend, **settings)
    return start


def shown_by(certificate, *what):
    done = subprocess.run(["openssl", "x509", "-noout", "-nameopt", "RFC2253", "-in", certificate, *what],
                          capture_output=True, text=True, timeout=30, check=True)
    return done.stdout.strip().partition("=")[2]


def test_backends_learn_what_was_verified_and_nothing_that_a_client_says(front, backend):
    at = front()
    alice = at.people.issue("alice", ALICE)
    forged = [("X-Cert-Subject", "CN=root"), ("x_cert_subject", "CN=root"), ("X.Cert.Dns", "root.test")]
    with at.connect(alice) as client:
        assert client.exchange("GET", "/public/x", forged).status == 200
    seen = backend.last
    assert seen.all("X-Cert-Subject") == ["CN=alice"] == [shown_by(alice[0], "-subject")]
    assert seen.all("X-Cert-Issuer") == [shown_by(alice[0], "-issuer")]
    assert seen.all("X-Cert-Serial") == [shown_by(alice[0], "-serial")]
    assert seen.all("X-Cert-Print") == [shown_by(alice[0], "-fingerprint", "-sha256").replace(":", "").lower()]
    assert [seen.all(f"X-Cert-{name}") for name in ("Dns", "Uri", "Email")] == [
        ["alice.test"], ["spiffe://test/alice"], ["alice@test"]]
    assert "root" not in str(seen.names()) and "x_cert_subject" not in seen.names()

    for client in (at.connect(), RawClient(at.plain_port)):  # who has shown none, and who cannot
        with client:
            assert client.exchange("GET", "/public/x", forged).status == 200
        assert not [name for name in backend.last.names() if "cert" in name.lower()]


def test_a_route_tells_of_it_in_words_of_its_own(front, backend):  # R20
    at = front(trusted_proxies=["127.0.0.1/32"], routes=[
        {"match": "/told/**",
         "request_headers": {"set": {"X-Who": "{certificate.subject} ({certificate.dns})", "X-Print": "{certificate.fingerprint}",
                                     "X-All": "{certificate.issuer};{certificate.serial};{certificate.uri};{certificate.email}"}},
         "response_headers": {"set": {"X-You": "{certificate.subject}"}}}])
    alice = at.people.issue("alice", ALICE)
    forged = [("X-Who", "CN=root (root.test)"), ("x_print", "00ff"), ("X-Cert-Subject", "CN=root"), ("X.All", "root"),
              ("X-Forwarded-Client-Cert", 'Subject="CN=root"')]
    context, session = at.context(alice), None
    for turn in range(2):  # the second time by a ticket
        with at.connect(context=context, session=session) as client:
            for _ in range(2):
                assert client.exchange("GET", "/told/x", forged).all("X-You") == ["CN=alice"]
                seen = backend.last
                assert seen.all("X-Who") == ["CN=alice (alice.test)"]
                assert seen.all("X-Print") == [shown_by(alice[0], "-fingerprint", "-sha256").replace(":", "").lower()]
                assert seen.all("X-All") == [
                    f"{shown_by(alice[0], '-issuer')};{shown_by(alice[0], '-serial')};spiffe://test/alice;alice@test"]
                assert not {"x_print", "x.all"} & set(seen.names()) and "root.test" not in str(seen.fields)
            assert client.socket.session_reused == (turn > 0)
            session = client.socket.session
    bob = at.people.issue("bob", "email:bob@test")  # for no host
    for client, you in ((at.connect(bob), ["CN=bob"]), (at.connect(), []), (RawClient(at.plain_port), [])):
        with client:
            assert client.exchange("GET", "/told/x", forged).all("X-You") == you
        assert not {"x-who", "x-all", "x_print", "x.all"} & set(backend.last.names())
        assert ("x-print" in backend.last.names()) == bool(you)
    told = at.gateway.command("explain", "/told/x", "--certificate", str(alice[0])).stdout
    assert "X-Who: CN=alice (alice.test)" in told


def test_an_answer_made_for_one_certificate_is_not_kept_for_another(front, backend):  # cache.written_fields
    backend.behaviour = answering(b"page", fields=[("Cache-Control", "max-age=60")])
    at = front(cache={"memory": "1MiB"}, routes=[
        {"match": "/kept/**", "cache": {}, "request_headers": {"set": {"User-Agent": "{certificate.subject}"}}}])
    people = {name: at.people.issue(name) for name in ("alice", "bob")}
    for turn in range(2):
        for own in (*people.values(), None):
            with at.connect(own) as client:
                assert client.exchange("GET", "/kept/x").status == 200
        assert [seen.all("User-Agent") for seen in backend.requests] == [["CN=alice"], ["CN=bob"], []]


def test_a_route_asks_for_a_certificate_of_this_very_connection(front, backend):
    at = front(trusted_proxies=["127.0.0.1/32"])
    alice, bob = at.people.issue("alice", ALICE), at.people.issue("bob", "DNS:bob.test")
    told = [("X-Cert-Subject", "CN=alice"), ("X-Cert-Dns", "alice.test"), ("X-Forwarded-Client-Cert", "By=x")]
    with at.connect(alice) as client:
        assert [client.exchange("GET", "/alice/x").status for _ in range(2)] == [200, 200]
        assert client.exchange("GET", "/both/x").status == 401  # the token is missing
    for stranger in (at.connect(bob), at.connect(), RawClient(at.plain_port)):
        with stranger:
            answer = stranger.exchange("GET", "/alice/x", told)
            assert (answer.status, answer.json()["error"]["code"]) == (403, "forbidden")
    # A service asks us over a connection with a certificate of its own: that is not its client's.
    asked = [("X-Forwarded-Method", "GET"), ("X-Forwarded-Uri", "/alice/x")]
    with at.connect(alice) as proxy:
        assert proxy.exchange("GET", "/auth/verify", asked + told).status == 403
    assert len(backend.requests) == 2


def test_who_comes_back_by_a_ticket_is_still_who_it_was(front, backend):
    at = front()
    context, session = at.context(at.people.issue("alice", ALICE)), None
    for turn in range(4):
        with at.connect(context=context, session=session) as client:
            assert client.exchange("GET", "/alice/x").status == 200
            assert client.socket.session_reused == (turn > 0)
            session = client.socket.session
        assert backend.last.all("X-Cert-Subject") == ["CN=alice"]


def test_trust_that_is_withdrawn_ends_with_the_next_request_on_any_connection(front, backend):
    at = front()
    alice = at.people.issue("alice", ALICE)
    kept, context = at.connect(alice), at.context(alice)
    assert kept.exchange("GET", "/alice/x").status == 200
    with at.connect(context=context) as client:
        assert client.exchange("GET", "/alice/x").status == 200
        session = client.socket.session
    generation = at.gateway.metric("gatehouse_config_generation")

    at.trust(at.people, at.others)
    wait_until(lambda: at.gateway.metric("gatehouse_config_generation") == generation + 1, "the reload", PATIENCE)
    assert kept.exchange("GET", "/alice/x").status == 200  # one more authority takes nobody's trust
    assert backend.last.all("X-Cert-Subject") == ["CN=alice"]

    at.trust(at.others)
    wait_until(lambda: at.gateway.metric("gatehouse_config_generation") == generation + 2, "the reload", PATIENCE)
    before = len(backend.requests)
    assert kept.exchange("GET", "/alice/x").status == 403
    assert kept.is_closed_by_peer()
    with pytest.raises((ssl.SSLError, ConnectionError)):
        with at.connect(context=context, session=session) as client:
            client.exchange("GET", "/alice/x")
    assert len(backend.requests) == before


def test_the_log_says_how_a_client_came(front):
    at = front(log={"fields": ["path", "status", "tls", "tls_resumed", "certificate"]})
    context, session = at.context(at.people.issue("alice", ALICE)), None
    for path in ("/public/first", "/public/again"):
        with at.connect(context=context, session=session) as client:
            client.exchange("GET", path)
            session = client.socket.session
    with RawClient(at.plain_port) as client:
        client.exchange("GET", "/public/plain")
    by_path = {record["path"]: record for record in at.gateway.wait_for_access(
        lambda record: record["path"].startswith("/public/"), count=3)}
    common = {"tls": "1.3", "certificate": "CN=alice"}
    assert common.items() <= by_path["/public/first"].items() and "tls_resumed" not in by_path["/public/first"]
    assert (common | {"tls_resumed": True}).items() <= by_path["/public/again"].items()
    assert not {"tls", "tls_resumed", "certificate"} & set(by_path["/public/plain"])


def test_explain_says_what_becomes_of_a_certificate(front):
    at = front()
    alice, bob = at.people.issue("alice", ALICE), at.people.issue("bob")
    told = at.gateway.command("explain", "GET /alice/x", "--certificate", str(alice[0])).stdout
    assert "forwarded" in told and "X-Cert-Subject: CN=alice" in told and "X-Forwarded-Proto: https" in told
    assert ", with a certificate) ->" in told
    assert "not the certificate's dns" in at.gateway.command("explain", "/alice/x", "--certificate", str(bob[0])).stdout
    assert "no client certificate" in at.gateway.command("explain", "/alice/x").stdout
    assert "to:       http://127.0.0.1:" in told and "shown:    CN=alice at 127.0.0.1:" in told
    live = at.gateway.command("explain", "GET /alice/x", "--certificate", str(alice[0]), "--live").stdout
    assert "forwarded" in live and "X-Cert-Subject: CN=alice" in live and "shown:               CN=alice at" in live
    assert "to:                  http://127.0.0.1:" in live
    refused = at.gateway.command("explain", "/alice/x", "--certificate", str(bob[0]), "--live").stdout
    assert "403 forbidden" in refused and "not the certificate's dns" in refused
    for live in ([], ["--live"]):
        key = at.gateway.command("explain", "/alice/x", "--certificate", str(alice[1]), *live, check=False)
        assert key.returncode != 0 and "there is no certificate in it" in key.stderr, live
    missing = at.gateway.command("explain", "/alice/x", "--certificate", "missing.crt", check=False)
    assert missing.returncode != 0 and "missing.crt cannot be read" in missing.stderr
