"""Who the client is, behind real proxies: what they say is believed, what clients say is not."""

import json
import shlex

import pytest

from harness import RawClient
from harness.haproxy import Haproxy
from harness.nginx import Nginx
from harness.pages import snippet
from harness.ports import free_port
from harness.waiting import wait_until

LOOPBACK = ["127.0.0.0/8"]
# What a client would say to be somebody else.
LIES = [("X-Forwarded-For", "198.51.100.1"), ("X-Forwarded-Proto", "https"), ("X-Forwarded-Host", "evil.test"),
        ("Forwarded", "for=198.51.100.1;proto=https;host=evil.test"), ("X-Real-IP", "198.51.100.1")]


@pytest.fixture
def front(tmp_path):
    """A function that starts a proxy, which ends with the test."""
    started = []

    def start(kind, text, *more):
        started.append(kind(tmp_path, text, *more))
        return started[-1]
    yield start
    for proxy in started:
        proxy.stop()


def behind_tcp(start_gateway, backend, **settings):
    """A gateway that hears from TCP proxies whom they connect for."""
    port = free_port()
    gateway = start_gateway(backend, listen=[{"address": f"127.0.0.1:{port}", "proxy_protocol": "required"}],
                            trusted_proxies=LOOPBACK, **settings)
    gateway.port = port
    return gateway


def ask_from(source, port, path="/public/a", fields=()):
    with RawClient(port, source=source) as client:
        return client.exchange("GET", path, list(fields))


def logged(gateway, path):
    """The access line of the only request for a path."""
    def found():
        lines = [json.loads(line) for line in gateway.process.whole_lines() if f'"path":"{path}"' in line]
        return lines[0] if lines else None
    return wait_until(found, f"a line about {path}")


def told_once(gateway, event):
    """The only line of an event; what comes behind it in the log shows that there is no second one."""
    def lines(name):
        return [line for line in gateway.process.whole_lines() if f'"event":"{name}"' in line]
    before = len(lines("reload_unchanged"))
    gateway.command("reload")
    wait_until(lambda: len(lines("reload_unchanged")) > before, "a line behind all others")
    assert len(lines(event)) == 1, lines(event)
    return lines(event)[0]


# ---- the PROXY protocol ----


@pytest.mark.parametrize("version", ["send-proxy", "send-proxy-v2", "send-proxy-v2 proxy-v2-options crc32c,unique-id"])
def test_haproxy_says_whom_it_connects_for(start_gateway, backend, front, version):
    gateway = behind_tcp(start_gateway, backend)
    port = free_port()
    front(Haproxy, f"""
listen front
    mode tcp
    bind 127.0.0.1:{port}
    unique-id-format %{{+X}}o%ci:%cp
    server gateway 127.0.0.1:{gateway.port} {version}
""", port)
    assert ask_from("127.0.0.9", port).status == 200
    assert backend.last.all("X-Forwarded-For") == ["127.0.0.9"]
    assert logged(gateway, "/public/a")["client"] == "127.0.0.9"


def test_nginx_says_whom_it_connects_for(start_gateway, backend, tmp_path):
    gateway = behind_tcp(start_gateway, backend)
    port = free_port()
    nginx = Nginx(tmp_path, "", port, {}, outside=f"""load_module /usr/lib/nginx/modules/ngx_stream_module.so;
stream {{ server {{ listen 127.0.0.1:{port}; proxy_pass 127.0.0.1:{gateway.port}; proxy_protocol on; }} }}""")
    try:
        with RawClient(port, source="127.0.0.7") as client:
            for _ in range(3):  # one header, many requests
                assert client.exchange("GET", "/public/a", LIES[:1]).status == 200
                assert backend.last.all("X-Forwarded-For")[0].endswith("127.0.0.7")
    finally:
        nginx.stop()


def test_whoever_begins_otherwise_is_closed_and_counted(start_gateway, backend):
    gateway = behind_tcp(start_gateway, backend)
    for _ in range(3):
        with gateway.connect() as client:
            client.send("GET /public/a HTTP/1.1\r\nHost: a\r\n\r\n")
            assert client.read_to_end() == b""
    gateway.wait_for_metric(3, "gatehouse_proxy_protocol_refused_total", reason="missing")
    assert '"reason":"missing"' in told_once(gateway, "proxy_refused")
    assert backend.requests == []


def test_a_reload_begins_and_ends_it(start_gateway, backend):
    gateway = start_gateway(backend, trusted_proxies=LOOPBACK)
    address = gateway.settings["listen"][0]["address"]
    gateway.settings["listen"] = [{"address": address, "proxy_protocol": "required"}]
    gateway.write_config()
    assert gateway.command("reload").returncode == 0
    with gateway.connect() as client:
        client.send("PROXY TCP4 203.0.113.5 127.0.0.1 4711 80\r\n")
        assert client.exchange("GET", "/public/a").status == 200
        assert backend.last.all("X-Forwarded-For") == ["203.0.113.5"]
        gateway.settings["listen"] = [{"address": address}]
        gateway.write_config()
        assert gateway.command("reload").returncode == 0
        assert client.exchange("GET", "/public/a").status == 200, "who is there already stays who it is"
        assert backend.last.all("X-Forwarded-For") == ["203.0.113.5"]
    assert gateway.ask("GET", "/public/a").status == 200


def test_throttles_count_the_client_and_not_the_proxy(start_gateway, backend):
    gateway = behind_tcp(start_gateway, backend, throttle={"address_per_10_minutes": 2})

    def try_login(source):
        with gateway.connect() as client:
            client.send(f"PROXY TCP4 {source} 127.0.0.1 4711 80\r\n")
            return client.exchange("POST", "/auth/login", [("Content-Type", "application/json"), *LIES],
                                   b'{"username": "nobody", "password": "wrong password"}').status
    assert [try_login("203.0.113.5") for _ in range(3)] == [401, 401, 429]
    assert try_login("203.0.113.6") == 401


# ---- headers ----


def test_nginx_in_front_is_believed_and_its_client_is_not(start_gateway, backend, front):
    gateway = start_gateway(backend, trusted_proxies=["127.0.0.1/32"])
    port = free_port()
    front(Nginx, f"""server {{ listen 127.0.0.1:{port}; location / {{ proxy_pass {gateway.url};
        proxy_set_header Host $http_host;
        proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
        proxy_set_header X-Forwarded-Proto $scheme; proxy_set_header X-Forwarded-Host $http_host; }} }}""", port, {})
    assert ask_from("127.0.0.9", port, "/public/nginx", LIES).status == 200
    assert backend.last.all("X-Forwarded-For") == ["198.51.100.1, 127.0.0.9, 127.0.0.1"]
    assert backend.last.all("X-Forwarded-Proto") == ["http"]
    assert backend.last.all("X-Forwarded-Host") == ["gateway.test"]
    assert backend.last.all("Forwarded") == []
    assert logged(gateway, "/public/nginx")["client"] == "127.0.0.9"


def test_forwarded_is_believed_where_that_is_written(start_gateway, backend, front):
    gateway = start_gateway(backend, trusted_proxies=["127.0.0.1/32"], client_address="forwarded", send_forwarded=True)
    port = free_port()
    front(Haproxy, f"""
listen front
    mode http
    bind 127.0.0.1:{port}
    http-request add-header Forwarded for=%[src];proto=http;host=\\"%[req.hdr(host)]\\"
    server gateway 127.0.0.1:{gateway.port}
""", port)
    assert ask_from("127.0.0.9", port, "/public/haproxy", LIES).status == 200
    assert backend.last.all("X-Forwarded-For") == ["127.0.0.9, 127.0.0.1"]
    assert backend.last.all("X-Forwarded-Proto") == ["http"]
    assert backend.last.all("X-Forwarded-Host") == ["gateway.test"]
    assert backend.last.all("X-Real-IP") == []
    assert backend.last.all("Forwarded") == ['for=127.0.0.9;host="gateway.test";proto=http, for=127.0.0.1']
    assert logged(gateway, "/public/haproxy")["client"] == "127.0.0.9"


def test_a_proxy_that_was_forgotten_is_told_of_once(start_gateway, backend):
    gateway = start_gateway(backend)
    assert gateway.ask("GET", "/public/a").status == 200
    assert gateway.metric("gatehouse_untrusted_proxy_requests_total") == 0
    for path in ("/public/a", "/auth/me", "/public/b"):
        gateway.ask("GET", path, LIES[:1])
    gateway.ask("GET", "/public/a", LIES[3:4])
    gateway.wait_for_metric(4, "gatehouse_untrusted_proxy_requests_total")
    assert '"peer":"127.0.0.1"' in told_once(gateway, "proxy_not_trusted")
    assert backend.last.all("X-Forwarded-For") == ["127.0.0.1"]


def test_check_says_how_clients_are_known(start_gateway, backend):
    gateway = start_gateway(backend)
    assert "clients are known by the address they connect from: trusted_proxies is empty" in gateway.command("check").stdout
    gateway = start_gateway(backend, trusted_proxies=LOOPBACK, client_address="forwarded")
    assert "clients are known by Forwarded from trusted_proxies" in gateway.command("check").stdout


def test_the_page_shows_what_explain_says(start_gateway, backend):
    gateway = start_gateway(backend, trusted_proxies=["10.0.0.0/8"])
    command = shlex.split(snippet("docs/CLIENT-ADDRESS.md", "gatehouse explain"))
    assert snippet("docs/CLIENT-ADDRESS.md", "10.0.0.1, trusted") in gateway.command(*command[1:]).stdout


@pytest.mark.parametrize("live", [(), ("--live",)])
def test_explain_says_who_the_client_is(start_gateway, backend, live):
    gateway = start_gateway(backend, trusted_proxies=["10.0.0.0/8"])
    told = gateway.command("explain", "GET /public/a", "--peer", "10.0.0.1", "--header",
                           "X-Forwarded-For: 203.0.113.5", "--header", "X-Forwarded-Proto: https", *live).stdout
    assert "10.0.0.1, trusted" in told
    assert "203.0.113.5 by https: named in X-Forwarded-For" in told
    assert "X-Forwarded-For: 203.0.113.5, 10.0.0.1" in told
    told = gateway.command("explain", "GET /public/a", "--peer", "192.0.2.1", "--header",
                           "X-Forwarded-For: 203.0.113.5", *live).stdout
    assert "192.0.2.1, not trusted" in told and "does not count" in told
    assert "X-Forwarded-For: 192.0.2.1" in told
