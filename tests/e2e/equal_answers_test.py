"""Whether somebody has an account is not to be learnt from how a login is refused.  R54

The time is looked at by tests/bench/equal_answers: a test does not measure."""

import json
import re

import pytest

PASSWORD = "correct horse battery"
HOUR = 3600

# What is refused is a wrong password for a name somebody has, and the same for one nobody has.
PAIRS = {
    "a username": ({"username": "ada"}, {"username": "eva"}),
    "in capitals": ({"username": "ADA"}, {"username": "EVA"}),
    "an address": ({"email": "ada@example.com"}, {"email": "eva@example.com"}),
    "an address as username": ({"username": "ada@example.com"}, {"username": "eva@example.com"}),
    "both names": ({"username": "ada", "email": "ada@example.com"}, {"username": "eva", "email": "eva@example.com"}),
    "names of two people": ({"username": "ada", "email": "bob@example.com"}, {"username": "eva", "email": "eve@example.com"}),
    "one name of two": ({"username": "ada", "email": "eva@example.com"}, {"username": "eva", "email": "ada@example.com"}),
    "a blocked person": ({"username": "blocked"}, {"username": "unblock"}),
    "an imported person": ({"username": "import"}, {"username": "export"}),
    "no name at all": ({"username": "ada"}, {"username": "no\nbody"}),
    "a name too long to be one": ({"username": "ada"}, {"username": "e" * 5000}),
}
PASSWORDS = ["wrong password", "x", "w" * 5000, "\u00e4\u0000\U0001f98a", PASSWORD + " "]
BCRYPT = "$2b$04$CCCCCCCCCCCCCCCCCCCCC.VGOzA784oUp/Z0DY336zx7pLYAy0lwK"


def looks(response):
    """Everything a client gets to see, but for what differs from answer to answer."""
    head = re.sub(rb"(?im)^(date): [^\r]*", rb"\1: -", response.raw_head)
    body = re.sub(rb'"requestId":"[0-9a-f]+"', b'"requestId":"-"', response.body)
    return head, body


def start(start_gateway, backend, tmp_path, **settings):
    gateway = start_gateway(backend, **settings)
    auth = gateway.auth()
    for name in ("ada", "bob", "blocked"):
        auth.register(name, email=f"{name}@example.com")
    gateway.command("user", "block", "blocked")
    line = tmp_path / "old.json"
    line.write_text(json.dumps({"_id": "1", "username": "import", "password": BCRYPT}) + "\n")
    gateway.command("user", "import", str(line))
    return gateway


@pytest.mark.parametrize("delivery", [{}, {"delivery": "cookie"}], ids=["body", "cookie"])
def test_a_wrong_password_and_an_unknown_name_are_refused_alike(start_gateway, backend, tmp_path, delivery):
    auth = start(start_gateway, backend, tmp_path).auth()
    for what, (known, unknown) in PAIRS.items():
        for password in PASSWORDS:
            one, other = (auth.call("/login", {**name, "password": password, **delivery}) for name in (known, unknown))
            assert (one.status, one.error_code()) == (401, "invalid_credentials"), what
            assert looks(one) == looks(other), (what, password)


def test_the_same_holds_for_those_who_were_throttled(start_gateway, backend, tmp_path):
    """Each attempt is made for both names, one after the other, until long after the first refusal."""
    slow = {"pair_free": 5, "pair_first_wait": "1h", "pair_longest_wait": "1h"}
    auth = start(start_gateway, backend, tmp_path, throttle=slow).auth()
    for known, unknown in ({"username": "ada"}, {"username": "eva"}), ({"email": "bob@example.com"}, {"email": "eve@example.com"}), \
            ({"username": "blocked"}, {"username": "unblock"}), ({"username": "import"}, {"username": "export"}):
        seen = []
        for _ in range(9):
            pair = [auth.call("/login", {**name, "password": "wrong password"}) for name in (known, unknown)]
            waits = [response.get("Retry-After") for response in pair]
            assert all(wait is None or 0 < HOUR - int(wait) + 1 < 60 for wait in waits), waits
            one, other = ([re.sub(rb"(?i)(retry-after): \d+", rb"\1: -", part) for part in looks(response)]
                          for response in pair)
            assert one == other, known
            seen.append(pair[0].status)
        assert seen == [401] * 5 + [429] * 4
        right = auth.call("/login", {**known, "password": PASSWORD})
        assert right.status == 429, "the right password looks no different either"


def test_a_password_change_and_a_deletion_tell_a_wrong_password_from_nothing_else(start_gateway, backend, tmp_path):
    auth = start(start_gateway, backend, tmp_path).auth()
    ada = auth.login("ada")
    for call, members in ("POST", {"newPassword": "battery staple horse"}), ("PATCH", {"username": "BOB"}), \
            ("PATCH", {"username": "nobody"}), ("DELETE", {}):
        path = "/password/change" if call == "POST" else "/me"
        refused = auth.call(path, {**members, "currentPassword": "wrong password"}, ada.bearer, method=call)
        assert (refused.status, refused.error_code()) == (403, "invalid_credentials"), (call, members)
