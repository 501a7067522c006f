"""The life of an account: which passwords it may have, its names, its end."""

import pytest

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
    gateway.settings["passwords"]["min_strength"] = 4
    gateway.settings["passwords"]["min_length"] = 15
    gateway.start()
    gateway.auth().login("ada", "Summer2024!")
