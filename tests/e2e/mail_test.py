"""A forgotten password and a proven address, by mails as a real server gets them."""

import json
import signal
import threading

import pytest

from harness import wait_until
from harness.auth_client import PASSWORD
from harness.certificates import Authority
from harness.gateway import NO_THROTTLE
from harness.mail_sink import PASSWORD as MAIL_PASSWORD
from harness.mail_sink import USER, MailSink, mail_settings
from harness.ports import free_port
from harness.postgres import Postgres
from harness.replicas import replicas

ADDRESS = "ada@example.com"
OTHER = "another horse battery"


@pytest.fixture
def sink():
    with MailSink() as running:
        yield running


def start(start_gateway, backend, sink, mail=None, **more):
    throttle = {**NO_THROTTLE, "mails_per_address_per_hour": 0, "mails_per_account_per_hour": 0, **more.pop("throttle", {})}
    return start_gateway(backend, mail=mail_settings(sink, **(mail or {})), throttle=throttle, **more)


def join(gateway, username="ada", address=ADDRESS):
    return gateway.auth().register(username, email=address)


def forgot(gateway, address=ADDRESS):
    return gateway.auth().call("/password/forgot", {"email": address})


def wait_until_removed(gateway, sink):
    """What the server has taken waits in the store a moment longer, and asking for one that waits brings no second one."""
    wait_until(lambda: (gateway.metric("gatehouse_mails_total", outcome="sent") or 0) >= len(sink.mails), "what was sent to be removed")


def reset(gateway, token, password=OTHER, **more):
    return gateway.auth().call("/password/reset", {"token": token, "newPassword": password}, **more)


def code(response):
    return response.status, response.json()["error"]["code"]


def lines_of(gateway, event):
    lines = [json.loads(line) for line in gateway.process.lines() if line.startswith("{")]
    return [line for line in lines if line.get("event") == event]


def shape(response):
    """All that could tell one answer from another."""
    return response.status, response.body, sorted(name.lower() for name, _ in response.fields
                                                  if name.lower() not in ("date", "x-request-id"))


def test_a_forgotten_password_is_replaced_by_the_link_in_the_mail(start_gateway, backend, tmp_path):
    authority = Authority(tmp_path)
    with MailSink(authority.issue("mail"), auth=True) as sink:
        gateway = start(start_gateway, backend, sink, {
            "starttls": "required", "user": USER, "ca_file": str(authority.certificate), "from_name": "Grüße, Example"},
            environment={"SMTP_PASSWORD": MAIL_PASSWORD})
        pair = join(gateway)
        answer = forgot(gateway)
        assert (answer.status, answer.body) == (202, b"{}")
        mail = sink.wait_for_one("reset password")
        assert (mail.sender, mail.receivers) == ("no-reply@example.com", [ADDRESS])
        assert mail.was_encrypted and mail.user == USER
        assert mail.message["To"].addresses[0].addr_spec == ADDRESS
        assert mail.message["From"].addresses[0].display_name == "Grüße, Example"
        assert mail.message["Auto-Submitted"] == "auto-generated"
        assert mail.text.splitlines()[2] == f"https://app.example.com/auth/portal/reset#token={mail.token}"

        assert code(reset(gateway, mail.token, "short")) == (422, "invalid_fields")
        done = reset(gateway, mail.token, fields={"Cookie": "gatehouse_refresh=x"})
        assert done.status == 204
        assert code(reset(gateway, mail.token)) == (403, "link_invalid")
        assert gateway.ask("GET", "/x", pair.bearer.items()).status == 401
        assert code(gateway.auth().try_refresh(pair.refresh)) == (403, "refresh_token_revoked")
        assert code(gateway.auth().call("/login", {"username": "ada", "password": PASSWORD})) == (401, "invalid_credentials")
        again = gateway.auth().login("ada", OTHER)
        assert gateway.auth().me(again)["emailVerified"] is True
        assert sink.wait_for_one("password changed").receivers == [ADDRESS]
        wait_until(lambda: gateway.metric("gatehouse_mails_total", outcome="sent") >= 3, "the counter")
        assert mail.token not in gateway.process.output()
        assert MAIL_PASSWORD not in gateway.process.output()
        wait_until(lambda: "password_reset_request" in gateway.command("audit").stdout, "the record of the request")
        assert "password_reset  " in gateway.command("audit").stdout


def test_an_unknown_address_gets_the_same_answer_and_no_mail(start_gateway, backend, sink):
    gateway = start(start_gateway, backend, sink)
    join(gateway)
    join(gateway, "eve", "eve@example.com")
    gateway.command("user", "block", "eve")
    answers = [shape(forgot(gateway, address)) for address in (ADDRESS, "nobody@example.com", "eve@example.com")]
    assert answers[0] == answers[1] == answers[2]
    sink.wait_for_one("reset password")
    wait_until_removed(gateway, sink)
    # What was asked for later is sent later: nothing else is on its way.
    forgot(gateway, "ADA@example.com")
    sink.wait_for(2, lambda mail: "reset" in mail.subject)
    assert {receiver for mail in sink.mails if "reset" in mail.subject for receiver in mail.receivers} == {ADDRESS}
    assert code(forgot(gateway, "no address")) == (422, "invalid_fields")


def test_an_address_is_verified_and_another_one_is_not(start_gateway, backend, sink):
    gateway = start(start_gateway, backend, sink)
    auth = gateway.auth()
    pair = join(gateway)
    assert auth.me(pair)["emailVerified"] is False
    first = sink.wait_for_one("verify")
    wait_until_removed(gateway, sink)
    assert auth.call("/email/send-verification", fields=pair.bearer).status == 202
    second = sink.wait_for(2, lambda mail: "verify" in mail.subject)[-1]
    assert code(auth.call("/email/verify", {"token": first.token})) == (403, "link_invalid"), "a new link voids the old"
    assert code(reset(gateway, second.token)) == (403, "link_invalid"), "it is for another purpose"
    assert auth.call("/email/verify", {"token": second.token}).status == 204
    assert code(auth.call("/email/verify", {"token": second.token})) == (403, "link_invalid")
    assert auth.me(pair)["emailVerified"] is True

    body = {"email": "countess@example.com", "currentPassword": PASSWORD}
    told = auth.call("/me", body, pair.bearer, "PATCH").json()
    assert (told["email"], told["emailVerified"]) == ("countess@example.com", False)
    assert sink.wait_for_one("address changed").receivers == [ADDRESS]
    mail = sink.wait_for(3, lambda mail: "verify" in mail.subject)[-1]
    assert mail.receivers == ["countess@example.com"]
    assert auth.call("/email/verify", {"token": mail.token}).status == 204
    told = auth.call("/me", {"email": None, "currentPassword": PASSWORD}, pair.bearer, "PATCH").json()
    assert told["emailVerified"] is None


def test_who_is_not_verified_does_not_sign_in_where_that_is_asked(start_gateway, backend, sink):
    gateway = start(start_gateway, backend, sink, require_verified_email=True)
    auth = gateway.auth()
    assert code(auth.call("/register", {"username": "bob", "password": PASSWORD})) == (422, "invalid_fields")
    made = auth.call("/register", {"username": "ada", "email": ADDRESS, "password": PASSWORD})
    assert code(made) == (403, "email_unverified")
    sink.wait_for_one("verify")
    wait_until_removed(gateway, sink)
    assert code(auth.call("/login", {"username": "ada", "password": "wrong password"})) == (401, "invalid_credentials")
    assert code(auth.call("/login", {"username": "ada", "password": PASSWORD})) == (403, "email_unverified")
    mail = sink.wait_for(2, lambda mail: "verify" in mail.subject)[-1]
    assert auth.call("/email/verify", {"token": mail.token}).status == 204
    pair = auth.login("ada")
    body = {"email": None, "currentPassword": PASSWORD}
    assert code(auth.call("/me", body, pair.bearer, "PATCH")) == (422, "invalid_fields")


def test_of_many_resets_with_one_link_one_wins(start_gateway, backend, sink):
    gateway = start(start_gateway, backend, sink)
    join(gateway)
    forgot(gateway)
    token = sink.wait_for_one("reset password").token
    statuses = []
    threads = [threading.Thread(target=lambda n=n: statuses.append((reset(gateway, token, f"{OTHER} {n}").status, n))) for n in range(8)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    winner, = [n for status, n in statuses if status == 204]
    assert sorted(status for status, _ in statuses) == [204] + [403] * 7
    gateway.auth().login("ada", f"{OTHER} {winner}")


def test_a_server_with_a_wrong_certificate_gets_nothing(start_gateway, backend, tmp_path):
    authority, other = Authority(tmp_path), Authority(tmp_path, "stranger")
    with MailSink(other.issue("mail"), auth=True) as sink:
        gateway = start(start_gateway, backend, sink, {
            "starttls": "required", "user": USER, "ca_file": str(authority.certificate)},
            environment={"SMTP_PASSWORD": MAIL_PASSWORD})
        join(gateway)
        told = wait_until(lambda: lines_of(gateway, "mails_failing"), "the line")
        assert "certificate" in told[0]["reason"]
        assert (sink.mails, sink.attempts) == ([], 0)
    with MailSink() as plain:  # and one without TLS, where it is asked for, neither
        gateway = start(start_gateway, backend, plain, {"starttls": "required"})
        join(gateway)
        wait_until(lambda: gateway.metric("gatehouse_mails_total", outcome="retried") >= 1, "a try")
        assert plain.attempts == 0


def test_mails_wait_for_a_server_that_is_down_also_through_a_kill(start_gateway, backend):
    port = free_port()
    gateway = start(start_gateway, backend, f"smtp://127.0.0.1:{port}")
    join(gateway)
    forgot(gateway)
    wait_until(lambda: gateway.metric("gatehouse_mails_waiting") == 2, "both to wait")
    wait_until(lambda: gateway.metric("gatehouse_mails_total", outcome="retried") >= 2, "tries")
    gateway.signal(signal.SIGKILL)
    gateway.process.wait()
    with MailSink(port=port) as sink:
        gateway.start()
        token = sink.wait_for_one("reset password").token
        sink.wait_for_one("verify")
        assert reset(gateway, token).status == 204
        wait_until(lambda: gateway.metric("gatehouse_mails_waiting") == 0, "the end of the queue")


def test_what_a_server_refuses_for_good_is_given_up_and_told(start_gateway, backend, sink):
    gateway = start(start_gateway, backend, sink)
    sink.answers = ["451 later", "554 never"]
    join(gateway)
    wait_until(lambda: lines_of(gateway, "mail_refused"), "the line")
    assert sink.attempts == 2
    wait_until(lambda: gateway.metric("gatehouse_mails_waiting") == 0, "the end of the queue")
    gateway.wait_for_metric(1, "gatehouse_mails_total", outcome="refused")
    forgot(gateway)
    sink.wait_for_one("reset password")


def test_limits_are_by_address_and_by_account(start_gateway, backend, sink):
    gateway = start(start_gateway, backend, sink, throttle={"mails_per_address_per_hour": 6, "mails_per_account_per_hour": 2})
    join(gateway)
    answers = [forgot(gateway) for _ in range(3)]
    assert [answer.status for answer in answers] == [202] * 3
    wait_until(lambda: gateway.metric("gatehouse_mails_total", outcome="held_back") >= 1, "one held back")
    for _ in range(3):
        assert forgot(gateway, "nobody@example.com").status == 202
    for address in (ADDRESS, "nobody@example.com"):
        late = forgot(gateway, address)
        assert code(late) == (429, "too_many_attempts")
        assert late["Retry-After"]
    assert len([mail for mail in sink.mails if "reset" in mail.subject]) <= 2


def test_without_a_mail_server_the_calls_say_so(gateway):
    auth = gateway.auth()
    pair = join(gateway)
    assert code(forgot(gateway)) == (501, "not_configured")
    assert code(reset(gateway, "x" * 43)) == (501, "not_configured")
    assert code(auth.call("/email/verify", {"token": "x" * 43})) == (501, "not_configured")
    assert code(auth.call("/email/send-verification", fields=pair.bearer)) == (501, "not_configured")
    assert auth.me(pair)["emailVerified"] is False
    checked = gateway.command("check")
    assert "mail.smtp is not set" in checked.stdout


def test_templates_are_the_operators_and_a_reload_takes_them(start_gateway, backend, sink):
    gateway = start(start_gateway, backend, sink, {
        "reset_link": "https://www.example.com/neu?token={token}",
        "templates": {"reset_password": {
            "subject": "Neues Passwort für {{name}}", "text": "Grüße,\n\n{{link}}\n",
            "html": "<p title=\"{{name}}\"><a href=\"{{link}}\">{{minutes}}</a></p>"}}})
    gateway.auth().register("<b>ada", email=ADDRESS)
    forgot(gateway)
    mail = sink.wait_for_one("Neues Passwort")
    assert mail.subject == "Neues Passwort für <b>ada"
    assert mail.text == f"Grüße,\n\nhttps://www.example.com/neu?token={mail.token}\n"
    assert mail.html == f"<p title=\"&lt;b&gt;ada\"><a href=\"https://www.example.com/neu?token={mail.token}\">30</a></p>\n"
    gateway.settings["mail"]["templates"]["reset_password"]["subject"] = "Wieder hinein"
    gateway.write_config()
    gateway.signal(signal.SIGHUP)
    wait_until(lambda: gateway.metric("gatehouse_config_generation") == 2, "the reload")
    wait_until_removed(gateway, sink)
    forgot(gateway)
    assert sink.wait_for_one("Wieder hinein").token != mail.token


def test_two_replicas_send_each_mail_once(tmp_path, backend, sink):
    throttle = {**NO_THROTTLE, "mails_per_address_per_hour": 0, "mails_per_account_per_hour": 0}
    with Postgres() as server, replicas(
            tmp_path, server, backend, ports=(None, None), mail=mail_settings(sink), throttle=throttle) as gateways:
        for number in range(12):
            gateways[number % 2].auth().register(f"user{number}", email=f"user{number}@example.com")
        sink.wait_for(12)
        for gateway in gateways:
            wait_until(lambda: gateway.metric("gatehouse_mails_waiting") == 0, "the end of the queue")
        receivers = sorted(receiver for mail in sink.mails for receiver in mail.receivers)
        assert receivers == sorted(f"user{number}@example.com" for number in range(12))
        # A link that one of them mailed opens at the other.
        mail = next(mail for mail in sink.mails if mail.receivers == ["user0@example.com"])
        assert gateways[1].auth().call("/email/verify", {"token": mail.token}).status == 204
        assert code(gateways[0].auth().call("/email/verify", {"token": mail.token})) == (403, "link_invalid")
