"""No language's view of the fields shows an identity that was not proved."""

import pytest

from corpus.identity import SPELLINGS
from harness.ports import free_port

from .real_server import bare

# Ways to send one name, with `{}` for it.
FORMS = {
    "once": ["{}: root"],
    "twice": ["{}: root", "{}: root2"],
    "as a list": ["{}: root, root2"],
    "around others": ["Accept: */*", "{}: root", "Cookie: a=1", "{}:root2"],
    "nominated": ["Connection: {}", "{}: root"],
    "nominated, with the host": ["Connection: close, {}, host", "{}: root"],
    "empty and full": ["{}:", "{}: root"],
    "in the first place": ["{}: root", "X-Other: 1"],
}

# Lines that some readers take for such a field.
BROKEN = [
    ["X-A: 1", " X-Remote-User: root"], ["X-A: 1", "\tX-Remote-User: root"], ["X-Remote-User:", " root"],
    ["X-Remote-User : root"], ["X-A: 1\rX-Remote-User: root"], ["X-A: 1\nX-Remote-User: root"],
    ["X-A: 1\0\nX-Remote-User: root"], [" X-Remote-User: root"], ["X-Remote-User\0: root"], ["X-Remote-User\t: root"],
    ["\xa0X-Remote-User: root"], ["X-R\xc3\xa9mote-User: root"],
]


def ask(gateway, target, lines, body=None):
    head = "\r\n".join([f"{'POST' if body else 'GET'} {target} HTTP/1.1", "Host: x", *lines])
    with gateway.connect() as client:
        return client.send(head.encode("latin-1") + b"\r\n\r\n" + (body or b"")).read_response()


@pytest.fixture
def telling(start_gateway, server):
    """All that is told of a user, under one name of our own and the usual ones."""
    return start_gateway(server, identity={"header": "X-Remote-User", "session_header": True, "roles_header": True})


def admin(gateway):
    """The tokens of a user who got a role before they were issued."""
    auth = gateway.auth()
    auth.register("ada")
    gateway.command("user", "set-roles", "ada", "admin")
    return auth.login("ada")


def identities(server):
    [seen] = server.seen()
    assert "root" not in str(seen.fields) + str(seen.looked_at), seen
    server.forget()
    return seen.identities()


def test_no_form_of_a_field_is_an_identity(telling, server):  # R20, R21
    pair = admin(telling)
    bearer = f"Authorization: Bearer {pair.access}"
    rows = [(form, lines, SPELLINGS[number::len(FORMS)] + ["X-Remote-User", "x_remote_user", "X_User_Id"])
            for number, (form, lines) in enumerate(FORMS.items())]
    for form, lines, spellings in rows:
        for spelling in spellings:
            forged = [line.format(spelling) for line in lines]
            for target in ("/public/a", "/optional/a"):
                assert ask(telling, target, forged).status == 200, (form, spelling)
                assert identities(server) == [], (form, spelling)
            for target in ("/private/a", "/optional/a"):
                assert ask(telling, target, [*forged, bearer]).status == 200, (form, spelling)
                found = identities(server)
                assert found[0] == ("x-remote-user", pair.user_id), (form, spelling)
                assert [name for name, _ in found[1:]] == ["x-session-id", "x-user-roles"], (form, spelling)
            assert ask(telling, "/private/a", forged).status == 401
    assert server.seen() == []


def test_no_trailer_is_an_identity(telling, server):  # R5
    pair = telling.auth().register("ada")
    for spelling in SPELLINGS:
        body = f"5\r\nhello\r\n0\r\n{spelling}: root\r\nX-Sum: 7\r\n{spelling}: root2\r\n\r\n".encode()
        fields = ["Transfer-Encoding: chunked", f"Trailer: {spelling}, X-Sum"]
        assert ask(telling, "/public/a", fields, body).status == 200
        [seen] = server.seen()
        assert seen.body == server.facts_of(b"hello")
        assert "root" not in str([value for _, value in seen.fields]), spelling
        assert seen.identities() == [], spelling
        server.forget()
        assert ask(telling, "/private/a", [*fields, f"Authorization: Bearer {pair.access}"], body).status == 200
        assert identities(server)[0] == ("x-remote-user", pair.user_id), spelling


def test_no_broken_line_is_an_identity(telling, server):  # R6
    for lines in BROKEN:
        assert ask(telling, "/public/a", lines).status == 400, lines
    assert server.seen() == []


def test_one_connection_carries_one_identity_after_the_other(telling, server):  # R13
    ada, bob = (telling.auth().register(name) for name in ("ada", "bob"))
    turns = [(ada, "/private/a"), (None, "/public/a"), (bob, "/optional/a"), (None, "/optional/a"), (ada, "/public/a")] * 3
    sent = b"".join("\r\n".join([f"GET {target} HTTP/1.1", "Host: x", "X_Remote_User: root",
                                 *([f"Authorization: Bearer {who.access}"] if who else []), "\r\n"]).encode()
                    for who, target in turns)
    with telling.connect() as client:
        client.send(sent)
        assert [client.read_response().status for _ in turns] == [200] * len(turns)
    expected = [[who.user_id] if who and target != "/public/a" else [] for who, target in turns]
    assert [seen.all("X-Remote-User") for seen in server.seen()] == expected


def handshake(client_fields):
    return ["Connection: Upgrade", "Upgrade: websocket", "Sec-WebSocket-Version: 13",
            "Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==", *client_fields]


def test_a_handshake_brings_no_identity_either(telling, server):  # R10, R20
    pair = admin(telling)
    for spelling in SPELLINGS:
        forged = handshake([f"{spelling}: root", f"Sec-WebSocket-Protocol: bearer, {pair.access}, chat"])
        assert ask(telling, "/public/a", forged).status == 200, spelling  # none of them speaks WebSocket
        assert identities(server) == [], spelling
        assert ask(telling, "/private/a", forged).status == 200, spelling
        assert identities(server)[0] == ("x-remote-user", pair.user_id), spelling
        assert ask(telling, "/private/a", handshake([f"{spelling}: root"])).status == 401
    assert server.seen() == []


def test_who_speaks_for_a_client_speaks_for_no_user(start_gateway, server):  # R20, R24
    port = free_port()
    gateway = start_gateway(server, listen=[{"address": f"127.0.0.1:{port}", "proxy_protocol": "required"}],
                            trusted_proxies=["127.0.0.0/8"], identity={"header": "X-Remote-User", "session_header": True})
    gateway.port = port
    lines = [f"{name}: 6.6.6.6" for name in ("X_Forwarded_For", "x.forwarded.for", "Forwarded_", "X_Real_IP", "X.Real.IP")]
    lines += [f"{spelling}: root" for spelling in SPELLINGS]
    head = "\r\n".join(["GET /public/a HTTP/1.1", "Host: x", *lines]).encode() + b"\r\n\r\n"
    with gateway.connect() as client:
        for _ in range(2):  # the client of the connection stays the same
            opening = b"PROXY TCP4 203.0.113.9 127.0.0.1 4711 80\r\n" if not server.seen() else b""
            assert client.send(opening + head).read_response().status == 200
    for seen in server.seen():
        assert "root" not in str(seen.fields)
        assert seen.identities() == []
        assert [each.split(",")[0] for each in seen.all("X-Forwarded-For")] == ["203.0.113.9"]
        assert "6.6.6.6" not in str([field for field in seen.fields if bare(field[0]) != "forwarded-"])
