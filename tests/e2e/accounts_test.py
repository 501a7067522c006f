"""The life of an account: which passwords it may have, its names, its end."""

import json
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import wait_until

PASSWORD = "correct horse battery"


def answer(response):
    return response.status if response.status < 300 else (response.status, response.error_code())


def complaints(response):
    return {field["name"]: field["message"] for field in response.json()["error"]["fields"]}


@pytest.fixture
def gateway(start_gateway, backend):
    return start_gateway(backend)


# ---- passwords ----

GUESSABLE = [
    ("password1", "too common"), ("QwertyUiop", "too common"), ("11111111", "too common"),
    ("Grace.Hopper", "own name"), ("hopper.g12", "own name"), ("HOPPER.G@navy.example", "own name"),
]


@pytest.mark.parametrize("password, why", GUESSABLE)
def test_a_password_that_guessers_try_first_is_refused_wherever_one_is_set(gateway, password, why):  # R51
    auth = gateway.auth()
    names = {"username": "grace.hopper", "email": "hopper.g@navy.example"}

    def register(chosen):
        return auth.call("/register", {**names, "password": chosen})

    refused = register(password)
    assert answer(refused) == (422, "invalid_fields")
    assert why in complaints(refused)["password"]
    command = ["user", "add", names["username"], "--email", names["email"], "--password-stdin"]
    added = gateway.command(*command, stdin=password + "\n", check=False)
    assert added.returncode == 2 and why in added.stderr

    grace = register(PASSWORD)
    assert answer(grace) == 201
    bearer = {"Authorization": f"Bearer {grace.json()['accessToken']}"}
    change = {"currentPassword": PASSWORD, "newPassword": password}
    refused = auth.call("/password/change", change, bearer)
    assert answer(refused) == (422, "invalid_fields")
    assert why in complaints(refused)["newPassword"]
    command = ["user", "set-password", names["username"], "--password-stdin"]
    changed = gateway.command(*command, stdin=password + "\n", check=False)
    assert changed.returncode == 2 and why in changed.stderr
    assert answer(auth.call("/login", {**names, "password": PASSWORD})) == 200, "nothing was changed"


def test_the_settings_can_ask_for_a_strength(start_gateway, backend):
    auth = start_gateway(backend, passwords={"min_strength": 3}).auth()
    refused = auth.call("/register", {"username": "ada", "password": "Summer2024!"})
    assert answer(refused) == (422, "invalid_fields")
    assert "easy to guess" in complaints(refused)["password"]
    assert answer(auth.call("/register", {"username": "ada", "password": PASSWORD})) == 201


def test_passwords_set_under_milder_rules_still_log_in(start_gateway, backend):
    gateway = start_gateway(backend)
    gateway.auth().register("ada", "Summer2024!")
    gateway.stop()
    gateway.settings["passwords"] = {**gateway.settings["passwords"], "min_strength": 4, "min_length": 15}
    gateway.start()
    gateway.auth().login("ada", "Summer2024!")


# ---- other names ----

def rename(gateway, pair, **members):
    return gateway.auth().call("/me", members, pair.bearer, method="PATCH")


def test_a_person_changes_names_and_logs_in_by_the_new_ones(gateway):
    auth = gateway.auth()
    ada = auth.register("ada", email="ada@example.com")
    auth.register("eve")

    changed = rename(gateway, ada, username="Grace", currentPassword=PASSWORD)
    assert answer(changed) == 200
    assert (changed.json()["username"], changed.json()["email"]) == ("Grace", "ada@example.com")
    assert changed["Cache-Control"] == "no-store"
    assert auth.me(ada) == changed.json(), "the session goes on"
    assert auth.login("grace").user_id == ada.user_id
    assert answer(auth.call("/login", {"username": "ada", "password": PASSWORD})) == (401, "invalid_credentials")
    auth.register("ada")

    for taken in ({"username": "EVE"}, {"email": "eve@example.com", "username": "ada"}):
        assert answer(rename(gateway, ada, **taken, currentPassword=PASSWORD)) == (409, "name_taken")
    assert auth.me(ada) == changed.json(), "one taken name changes neither"

    without = rename(gateway, ada, username=None, currentPassword=PASSWORD)
    assert answer(without) == 200 and without.json()["username"] is None
    last = rename(gateway, ada, email=None, currentPassword=PASSWORD)
    assert answer(last) == (422, "invalid_fields")
    assert "last name" in complaints(last)["email"]
    both = rename(gateway, ada, email=None, username="grace", currentPassword=PASSWORD)
    assert answer(both) == 200 and (both.json()["username"], both.json()["email"]) == ("grace", None)


def test_a_name_is_changed_by_those_who_know_the_password(start_gateway, backend):
    gateway = start_gateway(backend, throttle={"pair_free": 3})
    ada = gateway.auth().register("ada")
    assert answer(rename(gateway, ada, username="ada")) == 200, "nothing changes"
    assert answer(rename(gateway, ada)) == 200
    missing = rename(gateway, ada, username="Ada")
    assert answer(missing) == (422, "invalid_fields") and list(complaints(missing)) == ["currentPassword"]
    bad = rename(gateway, ada, username="a@b", email="nobody")
    assert answer(bad) == (422, "invalid_fields") and list(complaints(bad)) == ["username", "email"]
    assert answer(rename(gateway, ada, username=7, currentPassword=PASSWORD)) == (400, "bad_request")
    for _ in range(3):
        wrong = rename(gateway, ada, username="eve", currentPassword="wrong password")
        assert answer(wrong) == (403, "invalid_credentials")
    throttled = rename(gateway, ada, username="eve", currentPassword=PASSWORD)
    assert answer(throttled) == (429, "too_many_attempts") and int(throttled["Retry-After"]) >= 1
    assert answer(gateway.auth().call("/me", {"username": "eve"}, method="PATCH")) == (401, "token_missing")


def test_a_change_that_was_under_way_undoes_no_password_of_an_operator(gateway):  # R43
    """Whoever has the old password and a session asks and asks, while an operator takes both away."""
    thief = gateway.auth().register("ada")
    members = {"currentPassword": PASSWORD, "newPassword": PASSWORD}

    def ask_until_refused(_):
        for _ in range(10_000):
            changed = gateway.auth().call("/password/change", members, thief.bearer)
            if changed.status == 401:
                return
            assert answer(changed) in (204, (403, "invalid_credentials"))
        raise AssertionError("never refused")

    with ThreadPoolExecutor(6) as threads:
        asking = [threads.submit(ask_until_refused, number) for number in range(6)]
        gateway.command("user", "set-password", "ada", "--password-stdin", stdin="operators horse battery\n")
        for each in asking:
            each.result()
    assert gateway.auth().login("ada", "operators horse battery").access


# ---- the end, and what one takes along ----

def test_a_person_deletes_the_own_account(start_gateway, backend):
    gateway = start_gateway(backend)
    auth = gateway.auth()
    ada, phone = auth.register("ada", email="ada@example.com"), auth.login("ada")
    tablet = auth.call("/login", {"username": "ada", "password": PASSWORD, "delivery": "cookie"})
    cookie = tablet["Set-Cookie"].split(";")[0]
    assert gateway.ask("GET", "/", ada.bearer).status == 200

    def delete(pair, fields=(), **members):
        return auth.call("/me", members, [*pair.bearer.items(), *fields], method="DELETE")

    assert answer(delete(ada)) == (422, "invalid_fields")
    assert answer(auth.call("/me", None, ada.bearer, method="DELETE")) == (422, "invalid_fields")
    assert answer(delete(ada, currentPassword="wrong password")) == (403, "invalid_credentials")
    assert gateway.ask("GET", "/", ada.bearer).status == 200

    gone = delete(ada, [("Cookie", cookie)], currentPassword=PASSWORD)
    assert answer(gone) == 204
    assert gone["Set-Cookie"].startswith("refresh_token=;") and "Max-Age=0" in gone["Set-Cookie"]
    for pair in (ada, phone):
        assert answer(gateway.ask("GET", "/", pair.bearer)) == (401, "token_revoked")
        assert answer(auth.try_refresh(pair.refresh)) == (403, "refresh_token_revoked")
    assert answer(delete(ada, currentPassword=PASSWORD)) == (401, "token_revoked")
    assert answer(auth.call("/login", {"username": "ada", "password": PASSWORD})) == (401, "invalid_credentials")
    assert auth.register("ada", email="ada@example.com").user_id != ada.user_id, "the names are free"

    records = [line for line in gateway.command("audit", "--json", "--user", ada.user_id).stdout.splitlines()]
    assert any('"user_delete"' in record and '"ok"' in record for record in records)
    for record in records:
        assert "127.0.0.1" not in record and "ada" not in record.replace(ada.user_id, ""), record


def test_a_person_takes_a_copy_of_everything_but_the_secrets(gateway):
    auth = gateway.auth()
    ada, eve = auth.register("ada", email="ada@example.com"), auth.register("eve")
    auth.call("/login", {"username": "ada", "password": "wrong password"})
    phone = auth.login("ada")

    def copied():
        response = auth.call("/me/export", method="GET", fields=ada.bearer)
        assert answer(response) == 200
        assert "account.json" in response["Content-Disposition"]
        return response.json() if len(response.json()["events"]) == 3 else None
    copy = wait_until(copied, "the refused login to be on record")

    assert copy["account"] == auth.me(ada)
    assert len(copy["sessions"]) == 2 and [s["current"] for s in copy["sessions"]].count(True) == 1
    assert {(event["event"], event["outcome"]) for event in copy["events"]} == {
        ("user_register", "ok"), ("login", "invalid_credentials"), ("login", "ok")}
    assert {event["address"] for event in copy["events"]} == {"127.0.0.1"} and copy["eventsComplete"]
    text = json.dumps(copy)
    for secret in ("argon2", PASSWORD, ada.access, ada.refresh, phone.refresh, eve.user_id):
        assert secret not in text
    assert answer(auth.call("/me/export", method="GET")) == (401, "token_missing")
