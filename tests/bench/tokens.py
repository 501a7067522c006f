"""Tokens for peers that check them, and the keys to check them with."""

import json
import os
import secrets
import subprocess

from paths import TOKENS

ENVIRONMENT = {"ACCESS_TOKEN_SECRET": secrets.token_urlsafe(48), "REFRESH_TOKEN_SECRET": secrets.token_urlsafe(48)}


class TokenSet:
    """`count` access tokens of one algorithm, one a line of `path`, each of another user and session."""

    endless = True  # the first may follow the last

    def __init__(self, folder, algorithm, count):
        self.folder = folder
        self.algorithm = algorithm
        self.count = count
        self.keys_file = folder / f"{algorithm}.keys.json"
        self.path = self._issue("access", count)

    def refresh_tokens(self, count):
        """The same for refresh tokens, under the same keys: their file."""
        return self._issue("refresh", count)

    def _issue(self, kind, count):
        path = self.folder / f"{self.algorithm}.{count}.{kind}"
        if not path.exists():
            subprocess.run([TOKENS, kind, self.algorithm, self.keys_file, str(count), path], check=True,
                           env={**os.environ, **ENVIRONMENT})
        return path

    @property
    def first(self):
        with open(self.path) as lines:
            return lines.readline().strip()

    def public_key_file(self):
        """The active key's public half as PEM."""
        keys = json.loads(self.keys_file.read_text())["access"]
        private = next(key["private"] for key in keys if key["state"] == "active")
        target = self.keys_file.with_suffix(".pem")
        done = subprocess.run(["openssl", "pkey", "-pubout"], input=private, capture_output=True, text=True, check=True)
        target.write_text(done.stdout)
        target.chmod(0o644)
        return target
