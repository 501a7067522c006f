"""A second factor as people have it: an app with codes that knows nothing of this gateway (oathtool)."""

import base64
import json
import subprocess
import time

from .auth_client import PASSWORD
from .waiting import wait_until

PERIOD = 30


class App:
    """What is on somebody's phone."""

    def __init__(self, secret):
        self.secret = secret
        self._shown = 0

    def code(self, step):
        told = subprocess.run(["oathtool", "--totp", "--base32", f"--now=@{step * PERIOD}", self.secret],
                              capture_output=True, text=True, check=True)
        return told.stdout.strip()

    def fresh(self):
        """A code that is good and was never shown. It waits for one, if need be."""
        wait_until(lambda: int(time.time()) // PERIOD + 1 > self._shown, "a new code", 2 * PERIOD)
        # Not the oldest one that is good, if it is about to be too old.
        self._shown = max(self._shown + 1, int(time.time() + 10) // PERIOD - 1)
        return self.code(self._shown)


def enrol(gateway, pair):
    """Sets it up; the app, and the recovery codes."""
    auth = gateway.auth()
    begun = auth.call("/totp/register", {"currentPassword": PASSWORD}, pair.bearer)
    assert begun.status == 200, begun.body
    app = App(begun.json()["secret"])
    confirmed = auth.call("/totp/register/verify", {"code": app.fresh()}, pair.bearer)
    assert confirmed.status == 200, confirmed.body
    return app, confirmed.json()["recoveryCodes"]


def half(gateway, name="ada", password=PASSWORD):
    """The first half of a login."""
    answer = gateway.auth().call("/login", {"username": name, "password": password})
    assert (answer.status, answer.error_code()) == (403, "second_factor_required")
    return answer.json()["error"]


def go_on(gateway, token, code, **more):
    return gateway.auth().call("/login/second-factor", {"loginToken": token, "code": code, **more})


def amr_of(token):
    part = token.split(".")[1]
    return json.loads(base64.urlsafe_b64decode(part + "=" * (-len(part) % 4)))["amr"]
