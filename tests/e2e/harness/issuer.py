"""An issuer of tokens that is not Gatehouse: it publishes keys over HTTP(S), rotates them, goes down, hangs and lies."""

import base64
import http.server
import json
import ssl
import threading
import time

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa, utils


def base64url(raw):
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def number(value, size=None):
    return base64url(value.to_bytes(size or (value.bit_length() + 7) // 8, "big"))


class SigningKey:
    """One key pair and the algorithm it is for: RS256, PS256 or ES256."""

    def __init__(self, kid, algorithm="ES256"):
        self.kid, self.algorithm = kid, algorithm
        self._private = ec.generate_private_key(ec.SECP256R1()) if algorithm == "ES256" \
            else rsa.generate_private_key(65537, 2048)

    def jwk(self, **more):
        public = self._private.public_key().public_numbers()
        members = {"kty": "EC", "crv": "P-256", "x": number(public.x, 32), "y": number(public.y, 32)} \
            if self.algorithm == "ES256" else {"kty": "RSA", "n": number(public.n), "e": number(public.e)}
        return {"kid": self.kid, "use": "sig", "alg": self.algorithm, **members, **more}

    def sign(self, message):
        if self.algorithm == "ES256":
            r, s = utils.decode_dss_signature(self._private.sign(message, ec.ECDSA(hashes.SHA256())))
            return r.to_bytes(32, "big") + s.to_bytes(32, "big")
        scheme = padding.PKCS1v15() if self.algorithm == "RS256" \
            else padding.PSS(padding.MGF1(hashes.SHA256()), hashes.SHA256().digest_size)
        return self._private.sign(message, scheme, hashes.SHA256())


def signed(key, header, payload):
    text = ".".join(base64url(json.dumps(part).encode()) for part in (header, payload))
    return f"{text}.{base64url(key.sign(text.encode()))}"


class Issuer:
    """Serves its keys at `/keys` and says so at `/.well-known/openid-configuration`. `behave` chooses what becomes of a
    request: "well", "down" (500), "hang", "garbage", "huge", "redirect", "empty" (a set without keys)."""

    def __init__(self, authority=None, port=0):
        self.key = SigningKey("first")
        self.published = [self.key]
        self.behave, self.max_age = "well", None
        self.asked = []  # the paths
        self._released = threading.Event()
        self._server = http.server.ThreadingHTTPServer(("127.0.0.1", port), self._handler())
        self._server.daemon_threads = True
        scheme = "http"
        if authority:
            scheme = "https"
            context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
            context.load_cert_chain(*map(str, authority.issue("issuer")))
            self._server.socket = context.wrap_socket(self._server.socket, server_side=True)
        self.url = f"{scheme}://127.0.0.1:{self._server.server_port}"
        self.name = self.url
        threading.Thread(target=self._server.serve_forever, args=[0.01], daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self._released.set()
        self._server.shutdown()
        self._server.server_close()

    def settings(self, **more):
        """As a gateway names it."""
        jwks = {"cooldown": "1s", **more.pop("jwks", {})}
        return {"issuer": self.name, "audience": ["orders"], "jwks": jwks, **more}

    def rotate(self, kid, algorithm="ES256"):
        """Signs with another key from now on, and publishes it alone."""
        self.key = SigningKey(kid, algorithm)
        self.published = [self.key]

    def token(self, subject="anna", key=None, header=None, **claims):
        key = key or self.key
        now = int(time.time())
        payload = {"iss": self.name, "sub": subject, "aud": "orders", "iat": now, "exp": now + 600, **claims}
        head = {"alg": key.algorithm, "typ": "JWT", "kid": key.kid, **(header or {})}
        return signed(key, head, {name: value for name, value in payload.items() if value is not None})

    def bearer(self, *words, **more):
        return {"Authorization": f"Bearer {self.token(*words, **more)}"}

    def keys(self):
        return {"keys": [key.jwk() for key in self.published]}

    def _handler(issuer):  # noqa: N805: the handler has a self of its own
        class Handler(http.server.BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_GET(self):
                issuer.asked.append(self.path)
                if issuer.behave == "hang":
                    issuer._released.wait(60)
                    self.close_connection = True
                    return
                body, status, more = issuer._answer(self.path)
                self.send_response(status)
                for name, value in more.items():
                    self.send_header(name, value)
                if issuer.max_age is not None:
                    self.send_header("Cache-Control", f"max-age={issuer.max_age}")
                self.send_header("Content-Length", str(len(body)))
                self.end_headers()
                try:
                    self.wfile.write(body)
                except OSError:
                    self.close_connection = True  # nobody wanted so much

            def log_message(self, *_):
                pass

        return Handler

    def _answer(self, path):
        keys = json.dumps(self.keys()).encode()
        if self.behave == "down":
            return b"{}", 500, {}
        if self.behave == "garbage":
            return b"<html>" + keys, 200, {}
        if self.behave == "huge":
            return keys[:-1] + b" " * (300 * 1024) + b"}", 200, {}
        if self.behave == "redirect" and path != "/elsewhere":
            return b"", 302, {"Location": "/elsewhere"}
        if self.behave == "empty":
            return b'{"keys":[]}', 200, {}
        if path == "/.well-known/openid-configuration":
            return json.dumps({"issuer": self.name, "jwks_uri": self.url + "/keys"}).encode(), 200, {}
        return keys, 200, {}
