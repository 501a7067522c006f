"""A second factor as people have it: an authenticator app that reads the QR code, codes, recovery codes.

The app is oathtool, and the QR code is read by zbarimg: neither knows anything of this gateway."""

import base64
import json
import re
import subprocess
import urllib.parse
from concurrent.futures import ThreadPoolExecutor

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD, Pair
from harness.mail_sink import MailSink, mail_settings
from harness.postgres import Postgres
from harness.replicas import replicas
from harness.second_factor import App, amr_of, enrol, go_on, half


@pytest.fixture
def backend_gateway(start_gateway, backend):
    return start_gateway(routes=[
        {"match": "/plain", "to": backend.url},
        {"match": "/vault", "auth": {"require": ["totp"]}, "to": backend.url},
        {"match": "/fresh", "auth": {"require": ["totp"]}, "max_auth_age": "1s", "to": backend.url},
    ], trusted_proxies=["127.0.0.0/8"])


def picture_of(svg, side=8):
    """The picture as pixels (PGM), each module so many wide; it is made of horizontal runs only."""
    size = int(re.search(r'viewBox="0 0 (\d+) \1"', svg)[1])
    rows = [bytearray(b"\xff" * size) for _ in range(size)]
    path = re.search(r'<path fill="#000" d="([^"]+)"/>', svg)[1]
    runs = re.findall(r"M(\d+) (\d+)h(\d+)v1h-(\d+)z", path)
    assert "".join(f"M{x} {y}h{n}v1h-{m}z" for x, y, n, m in runs) == path
    for x, y, n, _ in runs:
        rows[int(y)][int(x):int(x) + int(n)] = b"\0" * int(n)
    wide = [b"".join(bytes([pixel]) * side for pixel in row) for row in rows]
    return b"P5 %d %d 255\n" % (size * side, size * side) + b"".join(row * side for row in wide)


def read_qr(svg, folder):
    picture = folder / "qr.pgm"
    picture.write_bytes(picture_of(svg))
    told = subprocess.run(["zbarimg", "--quiet", "--raw", "-Sdisable", "-Sqrcode.enable", picture],
                          capture_output=True, text=True, check=True)
    return told.stdout.strip()


def test_an_app_reads_the_picture_and_its_codes_open_the_door(backend_gateway, tmp_path):
    gateway, auth = backend_gateway, backend_gateway.auth()
    pair = auth.register("ada & co?")
    begun = auth.call("/totp/register", {"currentPassword": PASSWORD}, pair.bearer).json()
    assert read_qr(begun["qr"], tmp_path) == begun["uri"]
    uri = urllib.parse.urlsplit(begun["uri"])
    told = dict(urllib.parse.parse_qsl(uri.query))
    assert (uri.scheme, uri.netloc) == ("otpauth", "totp")
    assert urllib.parse.unquote(uri.path) == "/gatehouse:ada & co?"
    assert told == {"secret": begun["secret"], "issuer": "gatehouse", "algorithm": "SHA1", "digits": "6", "period": "30"}

    app = App(told["secret"])
    assert auth.call("/second-factor", method="GET", fields=pair.bearer).json() == {"totp": False, "recoveryCodesLeft": 0}
    codes = auth.call("/totp/register/verify", {"code": app.fresh()}, pair.bearer).json()["recoveryCodes"]
    assert len(set(codes)) == 10 and all(re.fullmatch(r"([0-9A-HJKMNP-TV-Z]{4}-){3}[0-9A-HJKMNP-TV-Z]{4}", code) for code in codes)
    asked = half(gateway, "ada & co?")
    assert asked["methods"] == ["totp", "recovery_code"] and asked["expiresIn"] == 300
    answer = go_on(gateway, asked["loginToken"], app.fresh(), delivery="cookie")
    assert answer.status == 200 and "refreshToken" not in answer.json()
    assert any(value.startswith("refresh_token=") for value in answer.all("Set-Cookie"))
    assert amr_of(answer.json()["accessToken"]) == ["pwd", "otp", "mfa"]


def test_a_code_and_a_recovery_code_are_good_once(backend_gateway):
    gateway = backend_gateway
    app, codes = enrol(gateway, gateway.auth().register("ada"))
    code = app.fresh()
    assert go_on(gateway, half(gateway)["loginToken"], code).status == 200
    assert go_on(gateway, half(gateway)["loginToken"], code).error_code() == "invalid_code"
    assert go_on(gateway, half(gateway)["loginToken"], codes[0].lower().replace("-", " ")).status == 200
    assert go_on(gateway, half(gateway)["loginToken"], codes[0]).error_code() == "invalid_code"
    token = half(gateway)["loginToken"]
    assert go_on(gateway, token, codes[1]).status == 200
    assert go_on(gateway, token, codes[2]).error_code() == "login_token_invalid"


def test_a_session_steps_up_for_the_route_that_asks(backend_gateway):
    gateway, auth = backend_gateway, backend_gateway.auth()
    pair = auth.register("ada")
    refused = gateway.ask("GET", "/vault", pair.bearer)
    assert (refused.status, refused.error_code()) == (401, "insufficient_user_authentication")
    assert refused["WWW-Authenticate"] == 'Bearer error="insufficient_user_authentication", acr_values="totp"'
    original = {**pair.bearer, "X-Forwarded-Uri": "/vault", "X-Forwarded-Method": "GET"}
    assert auth.call("/verify", method="GET", fields=original).status == 401
    explained = gateway.command("explain", "GET /vault", "--token", pair.access, check=False)
    assert "not shown: totp" in explained.stdout + explained.stderr

    app, codes = enrol(gateway, pair)
    assert auth.call("/step-up", {"code": "000000"}, pair.bearer).error_code() == "invalid_code"
    better = auth.call("/step-up", {"code": app.fresh()}, pair.bearer).json()
    assert better["tokenType"] == "Bearer" and "refreshToken" not in better
    bearer = {"Authorization": f"Bearer {better['accessToken']}"}
    assert gateway.ask("GET", "/vault", bearer).status == 200
    assert gateway.ask("GET", "/vault", pair.bearer).status == 401, "the token from before"
    assert gateway.ask("GET", "/vault", auth.refresh(pair).bearer).status == 200, "refreshes keep it"
    wait_until(lambda: gateway.ask("GET", "/fresh", bearer).status == 401, "the login to be too old")
    assert 'max_age="1"' in gateway.ask("GET", "/fresh", bearer)["WWW-Authenticate"]
    assert auth.call("/step-up", {"code": codes[0]}, pair.bearer).status == 200
    assert gateway.ask("GET", "/fresh", bearer).status == 401, "a step-up is no login"

    gateway.command("user", "set-roles", "ada", "admin")
    key = gateway.command("apikey", "create", "--user", "ada").stdout.split()[-1]
    by_key = {"Authorization": f"Bearer {key}"}
    wait_until(lambda: gateway.ask("GET", "/plain", by_key).status == 200, "the key to be known")
    assert gateway.ask("GET", "/vault", by_key).status == 401


def test_it_goes_with_password_and_code_or_by_an_operator(backend_gateway):
    gateway, auth = backend_gateway, backend_gateway.auth()
    pair = auth.register("ada")
    app, codes = enrol(gateway, pair)
    for members in ({"currentPassword": PASSWORD}, {"code": codes[0]}):
        assert auth.call("/totp", members, pair.bearer, method="DELETE").status == 422
    wrong = auth.call("/totp", {"currentPassword": "a guess", "code": codes[0]}, pair.bearer, method="DELETE")
    assert (wrong.status, wrong.error_code()) == (403, "invalid_credentials")
    fresh = auth.call("/recovery-codes", {"currentPassword": PASSWORD, "code": codes[0]}, pair.bearer)
    assert fresh.status == 200 and not set(fresh.json()["recoveryCodes"]) & set(codes)
    exported = auth.call("/me/export", method="GET", fields=pair.bearer)
    assert exported.json()["secondFactor"] == {"totp": True, "recoveryCodesLeft": 10}
    assert app.secret not in exported.body.decode()
    gone = auth.call("/totp", {"currentPassword": PASSWORD, "code": app.fresh()}, pair.bearer, method="DELETE")
    assert gone.status == 204
    assert auth.login("ada").access

    enrol(gateway, pair)
    gateway.command("user", "set-password", "ada", "--password-stdin", stdin=f"{PASSWORD}\n")
    assert half(gateway), "another password does not take it away"
    gateway.command("user", "remove-second-factor", "ada")
    assert auth.login("ada").access
    for event, times in (("second_factor_add", 2), ("second_factor_remove", 2), ("recovery_codes_renew", 1)):
        told = gateway.command("audit", "--user", "ada", "--event", event).stdout.splitlines()
        assert len([line for line in told if " ok " in line]) == times, event


def test_what_is_kept_is_sealed_and_nothing_of_it_is_logged(backend_gateway):
    gateway = backend_gateway
    app, codes = enrol(gateway, gateway.auth().register("ada"))
    token = half(gateway)["loginToken"]
    code = app.fresh()
    assert go_on(gateway, token, code).status == 200
    secret = base64.b32decode(app.secret + "=" * (-len(app.secret) % 8))
    key = gateway.folder / "gatehouse.db.totp.key"
    assert key.stat().st_mode & 0o777 == 0o600
    kept = b"".join(path.read_bytes() for path in gateway.folder.glob("gatehouse.db*") if path != key)
    written = gateway.process.output().encode()
    for private in (secret, app.secret.encode(), codes[0].encode(), codes[0].replace("-", "").encode()):
        assert private not in kept and private not in written
    assert token.encode() not in written and code.encode() not in written


def test_without_the_secret_they_are_sealed_under_no_code_is_good_and_the_log_says_why(backend_gateway):
    gateway = backend_gateway
    pair = gateway.auth().register("ada")
    app, codes = enrol(gateway, pair)
    gateway.stop()
    (gateway.folder / "gatehouse.db.totp.key").unlink()
    gateway.start()
    refused = go_on(gateway, half(gateway)["loginToken"], app.fresh())
    assert (refused.status, refused.error_code()) == (503, "store_unavailable")
    reason = (f"the second factor of user {pair.user_id} cannot be opened: "
              "there is nothing to seal second factors under")
    wait_until(lambda: reason in gateway.process.output(), "the reason in the log")
    assert go_on(gateway, half(gateway)["loginToken"], codes[0]).status == 200


@pytest.mark.parametrize("verified", [True, False])
def test_a_reset_by_mail_does_not_stand_for_a_code(start_gateway, backend, verified):
    fresh = "another horse battery"
    with MailSink() as sink:
        gateway = start_gateway(backend, mail=mail_settings(sink))
        auth = gateway.auth()
        pair = auth.register("ada", email="ada@example.com")
        app, codes = enrol(gateway, pair)
        begun = half(gateway)["loginToken"]
        if verified:
            assert auth.call("/email/verify", {"token": sink.wait_for_one("verify").token}).status == 204
        assert auth.call("/password/forgot", {"email": "ada@example.com"}).status == 202
        link = {"token": sink.wait_for_one("reset password").token, "newPassword": fresh}
        assert auth.call("/password/reset", link).status == 204
        assert go_on(gateway, begun, codes[0]).error_code() == "login_token_invalid", "begun with the old password"
        if not verified:
            # Whoever set it up never showed that the address is theirs; whoever got the mail did.
            assert amr_of(auth.login("ada", fresh).access) == ["pwd"]
            return
        token = half(gateway, password=fresh)["loginToken"]
        assert gateway.ask("GET", "/x", {"Authorization": f"Bearer {token}"}).status == 401, "it opens nothing"
        assert go_on(gateway, token, "000000").error_code() == "invalid_code"
        assert amr_of(go_on(gateway, token, app.fresh()).json()["accessToken"]) == ["pwd", "otp", "mfa"]
        again = Pair.of(go_on(gateway, half(gateway, password=fresh)["loginToken"], codes[0]))
        told = auth.call("/second-factor", method="GET", fields=again.bearer).json()
        assert told == {"totp": True, "recoveryCodesLeft": 9}


def test_an_address_of_ones_own_choice_does_not_stand_for_a_code(start_gateway, backend):
    """Whoever has a session and the password, and not the phone, has the reset mailed to themselves."""
    with MailSink() as sink:
        gateway = start_gateway(backend, mail=mail_settings(sink))
        auth = gateway.auth()
        pair = auth.register("ada", email="ada@example.com")
        assert auth.call("/email/verify", {"token": sink.wait_for_one("verify").token}).status == 204
        app, _ = enrol(gateway, pair)
        mine = {"email": "eve@example.com", "currentPassword": PASSWORD}

        def readdress(**more):
            return auth.call("/me", {**mine, **more}, pair.bearer, method="PATCH")

        bare = readdress()
        assert (bare.status, bare.error_code()) == (422, "invalid_fields")
        assert [field["name"] for field in bare.json()["error"]["fields"]] == ["code"]
        assert readdress(code="000000").error_code() == "invalid_code"
        assert auth.me(pair)["email"] == "ada@example.com"
        assert readdress(code=app.fresh()).status == 200


def test_of_guesses_at_once_few_are_judged(start_gateway):
    gateway = start_gateway(throttle={"pair_free": 5, "pair_first_wait": "1m"})
    _, codes = enrol(gateway, gateway.auth().register("ada"))
    token = half(gateway)["loginToken"]
    with ThreadPoolExecutor(16) as pool:
        said = list(pool.map(lambda n: go_on(gateway, token, f"{n:06}").error_code(), range(48)))
    assert set(said) == {"invalid_code", "too_many_attempts"}
    assert said.count("invalid_code") <= 5
    assert go_on(gateway, token, codes[0]).error_code() == "too_many_attempts"
    assert half(gateway), "the password is judged by itself"


@pytest.fixture
def gateways(tmp_path, backend):
    (tmp_path / "sealing").write_text("s" * 48)
    with Postgres() as server, replicas(tmp_path, server, backend, second_factor={
            "sealing_file": str(tmp_path / "sealing"), "issuer": "Example Ltd"}) as running:
        yield running


def test_of_many_who_show_one_code_one_gets_in_at_whichever_gateway(gateways):
    app, codes = enrol(gateways[0], gateways[1].auth().register("ada"))

    def race(code):
        tokens = [(gateway, half(gateway)["loginToken"]) for gateway in gateways for _ in range(2)]
        with ThreadPoolExecutor(len(tokens)) as pool:
            return sorted(answer.status for answer in pool.map(lambda each: go_on(*each, code), tokens))

    for code in (codes[0], codes[1], app.fresh()):
        assert race(code) == [200, 403, 403, 403, 403, 403]
    pair = Pair.of(go_on(gateways[2], half(gateways[0])["loginToken"], codes[2]))
    left = gateways[1].auth().call("/second-factor", method="GET", fields=pair.bearer).json()
    assert left == {"totp": True, "recoveryCodesLeft": 7}


def test_gateways_without_a_common_secret_set_none_up(tmp_path, backend):
    with Postgres() as server, replicas(tmp_path, server, backend, ports=(None,)) as (gateway,):
        pair = gateway.auth().register("ada")
        refused = gateway.auth().call("/totp/register", {"currentPassword": PASSWORD}, pair.bearer)
        assert (refused.status, refused.error_code()) == (501, "not_configured")


def test_a_page_whose_tokens_are_in_cookies_steps_up(start_gateway, backend):
    gateway = start_gateway(routes=[{"match": "/vault", "auth": {"require": ["totp"]}, "to": backend.url, "session_cookie": True}])
    registered = gateway.auth().call("/register", {"username": "ada", "password": PASSWORD, "delivery": "cookie"})
    _, codes = enrol(gateway, Pair.of(registered))
    kept = dict(value.partition(";")[0].split("=", 1) for value in registered.all("Set-Cookie"))

    def ask(method, path, origin, body=None):
        cookies = "; ".join(f"{name}={value}" for name, value in kept.items())
        fields = [("Host", "test"), ("Cookie", cookies), ("Origin", origin), ("Content-Type", "application/json")]
        return gateway.ask(method, path, fields, body and json.dumps(body).encode())

    assert ask("GET", "/vault", "http://test").error_code() == "insufficient_user_authentication"
    assert ask("POST", "/auth/step-up", "http://other", {"code": codes[0]}).error_code() == "origin_forbidden"
    better = ask("POST", "/auth/step-up", "http://test", {"code": codes[0]})
    assert better.status == 200
    [cookie] = better.all("Set-Cookie")
    assert cookie.startswith("access_token=") and "HttpOnly" in cookie
    kept.update([cookie.partition(";")[0].split("=", 1)])
    assert ask("GET", "/vault", "http://test").status == 200
