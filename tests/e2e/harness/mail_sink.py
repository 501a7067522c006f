"""A mail server that keeps what it is given (aiosmtpd, on a thread of its own)."""

import email
import email.policy
import re
import ssl

from aiosmtpd.controller import Controller
from aiosmtpd.smtp import SMTP, AuthResult

from .ports import free_port
from .waiting import wait_until

USER, PASSWORD = "gatehouse", "a mail password"


class Mail:
    """One mail as it came."""

    def __init__(self, envelope, session):
        self.sender, self.receivers = envelope.mail_from, envelope.rcpt_tos
        self.raw = envelope.original_content
        self.was_encrypted = session.ssl is not None
        self.user = getattr(session, "auth_data", None)
        message = email.message_from_bytes(self.raw, policy=email.policy.default)
        assert not message.defects, message.defects
        self.message = message
        self.subject = message["Subject"]
        self.text, self.html = self._body("plain"), self._body("html")

    def _body(self, kind):
        body = self.message.get_body((kind,))
        return body and body.get_content().replace("\r\n", "\n")

    @property
    def token(self):
        return re.search(r"token=([A-Za-z0-9_-]{43})\b", self.text)[1]


class MailSink:
    """`answers` are given instead of 250 to the next mails, one each."""

    def __init__(self, certificate=None, auth=False, port=None):
        self.mails, self.answers, self.attempts = [], [], 0
        self.port = port or free_port()
        self.url = f"smtp://127.0.0.1:{self.port}"
        context = None
        if certificate:
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*certificate)
        sink = self

        class Server(Controller):
            def factory(self):
                return SMTP(self.handler, tls_context=context, require_starttls=context is not None,
                            auth_required=auth, auth_require_tls=context is not None, authenticator=sink.authenticate)

        self._make = lambda: Server(self, hostname="127.0.0.1", port=self.port)
        self._server = None
        self.start()

    def start(self):
        self._server = self._make()
        self._server.start()

    def stop(self):
        if self._server:
            self._server.stop()
            self._server = None

    @staticmethod
    def authenticate(_server, _session, _envelope, _mechanism, data):
        known = (data.login, data.password) == (USER.encode(), PASSWORD.encode())
        return AuthResult(success=known, auth_data=data.login.decode())

    async def handle_DATA(self, _server, session, envelope):
        self.attempts += 1
        if self.answers:
            return self.answers.pop(0)
        self.mails.append(Mail(envelope, session))
        return "250 OK"

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.stop()

    def wait_for(self, count=1, matches=lambda mail: True, what="mails"):
        def found():
            mails = [mail for mail in self.mails if matches(mail)]
            return mails if len(mails) >= count else None
        return wait_until(found, what, 30)

    def wait_for_one(self, subject):
        return self.wait_for(1, lambda mail: subject in mail.subject, f"a mail about {subject}")[-1]


def mail_settings(sink, **more):
    return {"smtp": sink if isinstance(sink, str) else sink.url, "from": "no-reply@example.com",
            "public_url": "https://app.example.com", "retry": "1s", **more}
