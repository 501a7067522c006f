"""The auth API as a person's program would use it."""

import base64
import json
from dataclasses import dataclass

PASSWORD = "correct horse battery"


@dataclass
class Pair:
    """What register, login and refresh answer."""
    access: str
    refresh: str | None
    user_id: str
    expires_in: int

    @property
    def bearer(self):
        return {"Authorization": f"Bearer {self.access}"}

    @property
    def session_id(self):
        payload = self.access.split(".")[1]
        return json.loads(base64.urlsafe_b64decode(payload + "=" * (-len(payload) % 4)))["sid"]

    @classmethod
    def of(cls, response):
        told = response.json()
        return cls(told["accessToken"], told.get("refreshToken"), told["user"]["id"], told["expiresIn"])


class AuthClient:
    """Calls that must succeed return a Pair; `call` returns whatever came."""

    def __init__(self, gateway, prefix="/auth"):
        self._gateway = gateway
        self._prefix = prefix

    def call(self, path, members=None, fields=(), method="POST"):
        """One call; `members` becomes the JSON body."""
        pairs = list(fields.items() if isinstance(fields, dict) else fields)
        body = None
        if members is not None:
            body = json.dumps(members).encode()
            pairs.append(("Content-Type", "application/json"))
        elif method not in ("GET", "DELETE", "HEAD"):
            body = b""
        return self._gateway.ask(method, self._prefix + path, pairs, body)

    def _expect(self, status, response):
        assert response.status == status, f"{response.status} {response.body!r}"
        return response

    def register(self, username, password=PASSWORD, **more):
        response = self.call("/register", {"username": username, "password": password, **more})
        return Pair.of(self._expect(201, response))

    def login(self, username, password=PASSWORD, **more):
        response = self.call("/login", {"username": username, "password": password, **more})
        return Pair.of(self._expect(200, response))

    def try_refresh(self, refresh_token):
        return self.call("/refresh-token", {"refreshToken": refresh_token})

    def refresh(self, pair):
        return Pair.of(self._expect(200, self.try_refresh(pair.refresh)))

    def logout(self, pair):
        return self._expect(204, self.call("/logout", {"refreshToken": pair.refresh}))

    def me(self, pair):
        return self._expect(200, self.call("/me", method="GET", fields=pair.bearer)).json()
