"""Accounts and sessions as clients meet them: DESIGN 2 and 3, through the built binary."""

import base64
import json
import time
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import wait_until

PASSWORD = "correct horse battery"
OTHER_PASSWORD = "another horse battery"


def answer(response):
    """What a table compares: the status, and the code of a refusal."""
    return response.status if response.status < 400 else (response.status, response.error_code())


def claims(token):
    """What a token says, unchecked."""
    payload = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))


def get(gateway, pair, path="/"):
    return answer(gateway.ask("GET", path, pair.bearer))


def cookie_of(response):
    """The Set-Cookie field as (name=value, attributes)."""
    value, *attributes = [part.strip() for part in response["Set-Cookie"].split(";")]
    return value, attributes


# ---- names and passwords ----


def test_one_account_per_name_however_it_is_written(gateway):  # R57
    auth = gateway.auth()
    auth.register("Straße", email="Ada@Example.org")
    table = [({"username": "STRASSE"}, (409, "name_taken")),
             ({"username": "Ｓtrasse"}, (409, "name_taken")),
             ({"email": "ADA@example.ORG"}, (409, "name_taken")),
             ({"username": "ada", "email": "ada@example.org"}, (409, "name_taken")),
             ({"username": "strasse\u200b"}, (422, "invalid_fields")),
             ({"username": "stra\u202esse"}, (422, "invalid_fields")),
             ({"username": "a@b"}, (422, "invalid_fields")),
             ({"username": "a\uff20b"}, (422, "invalid_fields")),
             ({"email": "nobody"}, (422, "invalid_fields")),
             ({}, (422, "invalid_fields"))]
    for names, expected in table:
        assert answer(auth.call("/register", {**names, "password": PASSWORD})) == expected, names
    for name in ({"username": "strasse"}, {"email": "ada@EXAMPLE.org"}):
        assert answer(auth.call("/login", {**name, "password": PASSWORD})) == 200, name


def test_a_refused_registration_names_every_wrong_field(gateway):
    response = gateway.auth().call("/register", {"username": "a@b", "email": "nobody", "password": "short"})
    told = response.json()["error"]
    assert (response.status, told["code"]) == (422, "invalid_fields")
    assert [field["name"] for field in told["fields"]] == ["username", "email", "password"]
    assert all(field["message"] for field in told["fields"])


def test_passwords_count_characters_and_are_never_cut(gateway):  # R50
    auth = gateway.auth()
    table = [("ä" * 7, (422, "invalid_fields")), ("ä" * 8, 201), ("x" * 256, 201), ("x" * 257, (422, "invalid_fields")),
             ("abcdefg\0h", (422, "invalid_fields"))]
    for number, (password, expected) in enumerate(table):
        assert answer(auth.call("/register", {"username": f"user{number}", "password": password})) == expected, password
    assert answer(auth.call("/login", {"username": "user2", "password": "x" * 255})) == (401, "invalid_credentials")
    assert answer(auth.call("/login", {"username": "user1", "password": "a\u0308" * 8})) == 200, "NFC"


def test_bcrypt_takes_72_bytes_and_no_more(start_gateway, backend):  # R50
    auth = start_gateway(backend, passwords={"hash": "bcrypt", "bcrypt_cost": 10}).auth()
    assert answer(auth.call("/register", {"username": "ada", "password": "x" * 73})) == (422, "invalid_fields")
    auth.register("ada", "x" * 72)
    assert answer(auth.call("/login", {"username": "ada", "password": "x" * 72})) == 200
    assert answer(auth.call("/login", {"username": "ada", "password": "x" * 73})) == (401, "invalid_credentials")


def test_members_that_are_not_asked_for_change_nothing(gateway):  # R59
    pair = gateway.auth().register("ada", id="root", roles=["admin"], exp=1, blocked=False)
    me = gateway.auth().me(pair)
    assert (me["username"], pair.user_id != "root") == ("ada", True)
    assert not me.get("roles") and "roles" not in claims(pair.access)


def test_an_unknown_name_and_a_wrong_password_get_the_same_answer(gateway):  # R54
    auth = gateway.auth()
    auth.register("ada")

    def refused(username):
        response = auth.call("/login", {"username": username, "password": "wrong password"})
        told = response.json()["error"]
        del told["requestId"]
        names = sorted(name.lower() for name, _ in response.fields)
        return response.status, told, names

    assert refused("ada") == refused("nobody") == refused("no\nbody")
    assert refused("ada")[1]["code"] == "invalid_credentials"


# ---- who may register ----


def test_registration_closed(start_gateway, backend):
    gateway = start_gateway(backend, registration="closed")
    refused = gateway.auth().call("/register", {"username": "ada", "password": PASSWORD})
    assert answer(refused) == (403, "registration_closed")
    gateway.command("user", "add", "ada", "--password-stdin", stdin=PASSWORD + "\n")
    assert gateway.auth().login("ada").user_id


def test_an_invite_lets_one_person_in(start_gateway, backend):
    gateway = start_gateway(backend, registration="invite")
    code = gateway.command("user", "invite").stdout.split()[0]

    def join(username, **more):
        return answer(gateway.auth().call("/register", {"username": username, "password": PASSWORD, **more}))

    assert join("ada") == (403, "registration_closed")
    assert join("ada", invite="A" * 22) == (403, "registration_closed")
    assert join("ada", invite=code) == 201
    assert join("bob", invite=code) == (403, "registration_closed")


# ---- refreshing ----


def test_a_replayed_token_ends_its_session_and_no_other(start_gateway, backend):  # R40
    gateway = start_gateway(backend, refresh={"straggler_window": "0s"})
    auth = gateway.auth()
    stolen, other = auth.register("ada"), auth.login("ada")
    current = auth.refresh(stolen)
    assert answer(auth.try_refresh(stolen.refresh)) == (403, "refresh_token_reused")
    assert answer(auth.try_refresh(current.refresh)) == (403, "refresh_token_revoked")
    assert get(gateway, current) == (401, "token_revoked")
    assert get(gateway, other) == 200
    assert auth.refresh(other).user_id == other.user_id


def test_a_token_from_before_those_remembered_counts_as_stolen_however_soon_it_comes(start_gateway, backend):
    gateway = start_gateway(backend, refresh={"straggler_window": "5m", "kept_generations": 2})
    auth = gateway.auth()
    pairs = [auth.register("ada")]
    for _ in range(3):
        pairs.append(auth.refresh(pairs[-1]))
    for late in pairs[1:3]:
        assert answer(auth.try_refresh(late.refresh)) == (403, "refresh_token_reused")
    assert get(gateway, pairs[-1]) == 200, "stragglers harm nobody"
    assert answer(auth.try_refresh(pairs[0].refresh)) == (403, "refresh_token_reused")
    assert get(gateway, pairs[-1]) == (401, "token_revoked")


def test_a_replayed_token_ends_all_sessions_where_told_so(start_gateway, backend):
    gateway = start_gateway(backend, refresh={"straggler_window": "0s", "on_reuse": "end_all"})
    auth = gateway.auth()
    stolen, other, bob = auth.register("ada"), auth.login("ada"), auth.register("bob")
    auth.refresh(stolen)
    assert answer(auth.try_refresh(stolen.refresh)) == (403, "refresh_token_reused")
    assert get(gateway, other) == (401, "token_revoked")
    assert get(gateway, bob) == 200


@pytest.mark.parametrize("delivery", ["body", "cookie"])
@pytest.mark.parametrize("on_straggler", ["refuse", "repeat", None])
def test_stragglers(start_gateway, backend, delivery, on_straggler):
    told = {} if on_straggler is None else {"on_straggler": on_straggler}
    gateway = start_gateway(backend, refresh={"straggler_window": "5m", **told}, auth={"delivery": delivery})
    auth = gateway.auth()
    repeats = (on_straggler or {"body": "refuse", "cookie": "repeat"}[delivery]) == "repeat"

    def refresh(carried):
        if delivery == "body":
            return auth.try_refresh(carried)
        return auth.call("/refresh-token", fields={"Cookie": carried})

    def carried_by(response):
        return response.json()["refreshToken"] if delivery == "body" else cookie_of(response)[0]

    first = carried_by(auth.call("/register", {"username": "ada", "password": PASSWORD}))
    second = carried_by(refresh(first))
    late = refresh(first)
    assert answer(late) == (200 if repeats else (403, "refresh_token_reused"))
    if repeats:
        assert carried_by(late) == second
    else:
        assert late.all("Set-Cookie") == [], "the other tab still needs its cookie"
    assert answer(refresh(second)) == 200, "the session lives"


def test_32_parallel_refreshes_make_one_generation(gateway):  # R41
    auth = gateway.auth()
    pair = auth.register("ada")
    with ThreadPoolExecutor(32) as pool:
        answers = list(pool.map(lambda _: auth.try_refresh(pair.refresh), range(32)))
    tokens = {each.json()["refreshToken"] for each in answers if each.status == 200}
    assert len(tokens) == 1
    assert claims(tokens.pop())["gen"] == claims(pair.refresh)["gen"] + 1
    assert {answer(each) for each in answers} <= {200, (403, "refresh_token_reused")}


def test_a_refresh_token_ends_with_its_life_and_still_logs_out(start_gateway, backend):
    gateway = start_gateway(backend, tokens={"refresh_ttl": "1s"})
    auth = gateway.auth()
    pair = auth.register("ada")
    wait_until(lambda: time.time() >= claims(pair.refresh)["exp"], "the refresh token to expire")
    assert answer(auth.try_refresh(pair.refresh)) == (403, "refresh_token_expired")
    assert get(gateway, pair) == 200, "the access token lives on"
    auth.logout(pair)
    assert get(gateway, pair) == (401, "token_revoked")


def test_neither_token_opens_the_others_door(gateway):  # R35
    auth = gateway.auth()
    pair = auth.register("ada")
    assert answer(auth.try_refresh(pair.access)) == (403, "refresh_token_invalid")
    assert answer(gateway.ask("GET", "/", {"Authorization": f"Bearer {pair.refresh}"})) == (401, "token_invalid")


# ---- signing out ----


def test_logout_takes_a_refresh_token_of_any_age_and_then_ignores_the_bearer(gateway):
    auth = gateway.auth()
    first, other = auth.register("ada"), auth.login("ada")
    second = auth.refresh(first)

    def logout(refresh=None, fields=(), method="POST"):
        return answer(auth.call("/logout", refresh and {"refreshToken": refresh}, fields, method))

    assert logout() == (400, "bad_request")
    assert logout(fields={"Authorization": "Bearer nonsense"}) == (401, "token_invalid")
    assert logout("nonsense", other.bearer) == (403, "refresh_token_invalid")
    assert get(gateway, other) == 200, "the bearer was ignored"
    assert logout(first.refresh, other.bearer) == 204
    assert (get(gateway, second), get(gateway, other)) == ((401, "token_revoked"), 200)
    assert logout(second.refresh) == 204, "an ended session"
    assert logout(fields=other.bearer, method="DELETE") == 204
    assert get(gateway, other) == (401, "token_revoked")
    assert logout(fields=other.bearer) == (401, "token_revoked")


def test_logout_all_and_logout_others(gateway):
    auth = gateway.auth()
    one, two, three, bob = auth.register("ada"), auth.login("ada"), auth.login("ada"), auth.register("bob")
    assert answer(auth.call("/logout-others", fields=two.bearer)) == 204
    assert [get(gateway, pair) for pair in (one, two, three, bob)] == \
        [(401, "token_revoked"), 200, (401, "token_revoked"), 200]
    four = auth.login("ada")
    assert answer(auth.call("/logout-all", fields=four.bearer)) == 204
    assert [get(gateway, pair) for pair in (two, four, bob)] == [(401, "token_revoked"), (401, "token_revoked"), 200]
    assert answer(auth.try_refresh(four.refresh)) == (403, "refresh_token_revoked")


def test_a_user_sees_and_ends_only_own_sessions(gateway):  # R47
    auth = gateway.auth()
    ada, phone, bob = auth.register("ada"), auth.login("ada"), auth.register("bob")

    def sessions(pair):
        told = auth.call("/sessions", method="GET", fields=pair.bearer).json()
        return told["sessions"] if isinstance(told, dict) else told

    assert {session["id"] for session in sessions(ada)} == {claims(ada.access)["sid"], claims(phone.access)["sid"]}
    assert [session["id"] for session in sessions(ada) if session["current"]] == [claims(ada.access)["sid"]]
    assert all(session.keys() == {"id", "created", "lastUsed", "address", "userAgent", "current"}
               for session in sessions(ada)), "no token, nothing secret"

    def end(session_id):
        return answer(auth.call(f"/sessions/{session_id}", method="DELETE", fields=ada.bearer))

    assert end(claims(bob.access)["sid"]) == (404, "not_found")
    assert get(gateway, bob) == 200
    assert end("A" * 22) == (404, "not_found")
    assert end(claims(phone.access)["sid"]) == 204
    assert get(gateway, phone) == (401, "token_revoked")
    assert end(claims(phone.access)["sid"]) == (404, "not_found")


def test_a_new_password_ends_every_other_session(gateway):
    auth = gateway.auth()
    here, elsewhere = auth.register("ada"), auth.login("ada")

    def change(current, new, pair=here):
        return answer(auth.call("/password/change", {"currentPassword": current, "newPassword": new}, pair.bearer))

    assert change("wrong password", OTHER_PASSWORD) == (403, "invalid_credentials")
    assert change(PASSWORD, "short") == (422, "invalid_fields")
    assert change(PASSWORD, OTHER_PASSWORD) == 204
    assert (get(gateway, here), get(gateway, elsewhere)) == (200, (401, "token_revoked"))
    assert answer(auth.try_refresh(elsewhere.refresh)) == (403, "refresh_token_revoked")
    assert answer(auth.call("/login", {"username": "ada", "password": PASSWORD})) == (401, "invalid_credentials")
    assert auth.login("ada", OTHER_PASSWORD).user_id == here.user_id


# ---- limits ----


def test_guessing_is_slowed_down_and_harms_nobody_else(start_gateway, backend):  # R53, R55
    gateway = start_gateway(backend, throttle={"pair_free": 5, "pair_first_wait": "1h", "pair_longest_wait": "1h"})
    auth = gateway.auth()
    victim = auth.register("ada")
    auth.register("bob")

    def guess(username, password="wrong password", **fields):
        return auth.call("/login", {"username": username, "password": password}, fields)

    with ThreadPoolExecutor(16) as pool:  # a burst gets no more through than a queue
        answers = [answer(each) for each in pool.map(lambda _: guess("ada"), range(16))]
    assert sorted(answers) == [(401, "invalid_credentials")] * 5 + [(429, "too_many_attempts")] * 11
    refused = guess("ada", PASSWORD, **{"X-Forwarded-For": "198.51.100.7"})
    assert answer(refused) == (429, "too_many_attempts"), "no header changes who asks"
    assert 1 <= int(refused["Retry-After"]) <= 3600
    assert [answer(guess("nobody")) for _ in range(6)][-1] == (429, "too_many_attempts"), "unknown names too"
    assert auth.login("bob").user_id
    assert get(gateway, victim) == 200
    assert auth.refresh(victim).user_id == victim.user_id


def test_registrations_are_limited_per_address(start_gateway, backend):
    gateway = start_gateway(backend, throttle={"registrations_per_minute": 1, "registration_burst": 3})
    auth = gateway.auth()
    for number in range(3):
        auth.register(f"user{number}")
    refused = auth.call("/register", {"username": "user3", "password": PASSWORD})
    assert answer(refused) == (429, "too_many_attempts")
    assert 1 <= int(refused["Retry-After"]) <= 60


def test_the_oldest_session_makes_room(start_gateway, backend):
    gateway = start_gateway(backend, sessions={"max_per_user": 2})
    auth = gateway.auth()
    pairs = [auth.register("ada"), auth.login("ada"), auth.login("ada")]
    lives = [get(gateway, pair) for pair in pairs]
    assert sorted(map(str, lives)) == sorted(map(str, [(401, "token_revoked"), 200, 200]))
    assert lives[2] == 200


def test_too_many_sessions_are_refused_where_told_so(start_gateway, backend):
    gateway = start_gateway(backend, sessions={"max_per_user": 1, "when_full": "refuse"})
    auth = gateway.auth()
    pair = auth.register("ada")
    login = {"username": "ada", "password": PASSWORD}
    assert answer(auth.call("/login", login)) == (403, "too_many_sessions")
    auth.logout(pair)
    assert answer(auth.call("/login", login)) == 200


# ---- cookies ----


def test_a_cookie_is_cleared_when_its_session_is_over(start_gateway, backend):
    gateway = start_gateway(backend, auth={"delivery": "cookie"}, refresh={"straggler_window": "0s"})
    auth = gateway.auth()
    value, attributes = cookie_of(auth.call("/register", {"username": "ada", "password": PASSWORD}))
    assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/auth"} <= set(attributes)
    auth.call("/refresh-token", fields={"Cookie": value})
    theft = auth.call("/refresh-token", fields={"Cookie": value})
    assert answer(theft) == (403, "refresh_token_reused")
    cleared, attributes = cookie_of(theft)
    assert cleared == "refresh_token="
    assert {"HttpOnly", "Secure", "SameSite=Strict", "Path=/auth", "Max-Age=0"} <= set(attributes)


# ---- secrets from the environment ----


def test_secrets_change_without_signing_anybody_out(start_gateway, backend):
    old = {"ACCESS_TOKEN_SECRET": "a" * 40, "REFRESH_TOKEN_SECRET": "r" * 40}
    gateway = start_gateway(backend, tokens={"algorithm": "HS256"}, environment=old)
    auth = gateway.auth()
    pair = auth.register("ada")
    gateway.stop()
    gateway.environment = {"ACCESS_TOKEN_SECRET": "A" * 40, "ACCESS_TOKEN_SECRET_PREVIOUS": "a" * 40,
                           "REFRESH_TOKEN_SECRET": "R" * 40, "REFRESH_TOKEN_SECRET_PREVIOUS": "r" * 40}
    gateway.start()
    assert get(gateway, pair) == 200
    fresh = auth.refresh(pair)
    gateway.stop()
    gateway.environment = {"ACCESS_TOKEN_SECRET": "A" * 40, "REFRESH_TOKEN_SECRET": "R" * 40}
    gateway.start()
    assert get(gateway, fresh) == 200
    assert get(gateway, pair) == (401, "token_invalid")
    assert auth.refresh(fresh).user_id == pair.user_id
