"""The account pages and the mails that lead to them: real Chromium, a real mail server."""

import http.server
import json
import re
import threading
import urllib.parse

import pytest

from harness import Gateway
from harness.gateway import NO_THROTTLE
from harness.mail_sink import MailSink, mail_settings
from portal_test import needs_chromium, tell

pytestmark = needs_chromium


class MailedGateway(Gateway):
    """Its mails lead to its own pages, by the name that the browser has for it."""

    def write_config(self):
        self.settings["mail"]["public_url"] = self.url.replace("127.0.0.1", "localhost")
        super().write_config()


class Mailbox(http.server.ThreadingHTTPServer):
    """Lets a story read mails: the link in the latest of `count` mails about something, as soon as there are so many."""

    def __init__(self, sink):
        super().__init__(("127.0.0.1", 0), Reading)
        self.sink = sink
        self.url = f"http://127.0.0.1:{self.server_address[1]}/"
        threading.Thread(target=self.serve_forever, daemon=True).start()

    def read(self, to, about, count):
        mails = self.sink.wait_for(count, lambda mail: mail.receivers == [to] and about in mail.subject, about)
        return {"link": next(iter(re.findall(r"^http\S+$", mails[-1].text, re.MULTILINE)), None),
                "there are": len(mails)}


class Reading(http.server.BaseHTTPRequestHandler):
    def do_GET(self):
        asked = dict(urllib.parse.parse_qsl(urllib.parse.urlsplit(self.path).query))
        told = json.dumps(self.server.read(asked["to"], asked["about"], int(asked["count"]))).encode()
        self.send_response(200)
        self.send_header("Content-Length", str(len(told)))
        self.end_headers()
        self.wfile.write(told)

    def log_message(self, *_):
        pass


@pytest.fixture
def live(tmp_path, backend, workers):
    """A function that has a story lived through with mails; the steps it came to."""
    with MailSink() as sink:
        mailbox = Mailbox(sink)

        def run(story, **settings):
            throttle = {**NO_THROTTLE, "mails_per_address_per_hour": 0, "mails_per_account_per_hour": 0}
            gateway = MailedGateway(tmp_path / "gateway", backend, workers=workers, portal={"name": "Orders"},
                                    mail=mail_settings(sink), throttle=throttle, **settings)
            try:
                return tell(story, gateway, mailbox.url)
            finally:
                gateway.stop()
                assert not [mail.token for mail in sink.mails if "token=" in mail.text
                            and mail.token in gateway.process.output()]
        yield run
        mailbox.shutdown()
        mailbox.server_close()


def test_an_address_is_shown_to_be_ones_own_before_the_first_sign_in(live):
    assert len(live("verify", require_verified_email=True)) == 4


def test_a_forgotten_password_is_replaced(live):
    assert len(live("forgot")) == 5


def test_a_keyboard_is_enough_for_what_comes_by_mail(live):
    assert len(live("mail-keyboard")) == 4
