"""libfido2's opinion of what an authenticator answered. It needs no device for that."""

import base64
import ctypes
import json

ALGORITHMS = {-7: "es256", -8: "eddsa", -257: "rs256"}


def decoded(text):
    return base64.urlsafe_b64decode(text + "=" * (-len(text) % 4))


def _head(data, at):
    """Major type and argument of the CBOR item at `at`, and where what follows begins."""
    major, short = data[at] >> 5, data[at] & 31
    if short < 24:
        return major, short, at + 1
    size = 1 << (short - 24)
    return major, int.from_bytes(data[at + 1:at + 1 + size], "big"), at + 1 + size


def _end(data, at):
    major, argument, at = _head(data, at)
    if major in (2, 3):
        return at + argument
    for _ in range({4: argument, 5: 2 * argument}.get(major, 0)):
        at = _end(data, at)
    return at


def attestation_parts(data):
    """The members of an attestation object: texts and byte strings as such, the statement as CBOR."""
    _, members, at = _head(data, 0)
    parts = {}
    for _ in range(members):
        _, size, at = _head(data, at)
        name, at = data[at:at + size].decode(), at + size
        end = _end(data, at)
        major, size, begin = _head(data, at)
        parts[name] = data[begin:end] if major in (2, 3) else data[at:end]
        at = end
    return parts


class Fido2:
    def __init__(self):
        self.library = ctypes.CDLL("libfido2.so.1")
        for name in ("fido_cred_new", "fido_assert_new", "es256_pk_new", "eddsa_pk_new", "rs256_pk_new",
                     "fido_cred_pubkey_ptr"):
            getattr(self.library, name).restype = ctypes.c_void_p
        self.library.fido_cred_pubkey_len.restype = ctypes.c_size_t
        self.library.fido_init(0)

    def _do(self, name, thing, *arguments):
        """One setter: byte strings go with their length. A new object for each verification, for a
        second value is refused and the first one stays."""
        code = self._call(name, thing, *arguments)
        assert code == 0, f"{name}: {code}"

    def _call(self, name, thing, *arguments):
        given = []
        for argument in arguments:
            if isinstance(argument, (bytes, bytearray)):
                given += [ctypes.c_char_p(bytes(argument)), ctypes.c_size_t(len(argument))]
            else:
                given.append(argument)
        return getattr(self.library, name)(ctypes.c_void_p(thing), *given)

    def credential(self, response, rp_id, algorithm):
        """The public key it made, once the attestation holds; None where it does not."""
        client_data = decoded(response["response"]["clientDataJSON"])
        parts = attestation_parts(decoded(response["response"]["attestationObject"]))
        made = self.library.fido_cred_new()
        self._do("fido_cred_set_type", made, algorithm)
        self._do("fido_cred_set_rp", made, ctypes.c_char_p(rp_id.encode()), None)
        self._do("fido_cred_set_clientdata", made, client_data)
        self._do("fido_cred_set_authdata_raw", made, parts["authData"])
        if parts["fmt"] != b"none":
            self._do("fido_cred_set_fmt", made, ctypes.c_char_p(parts["fmt"]))
            self._do("fido_cred_set_attstmt", made, parts["attStmt"])
            if self._call("fido_cred_verify", made) != 0:
                return None
        key = ctypes.string_at(self._pointer("fido_cred_pubkey_ptr", made),
                               self.library.fido_cred_pubkey_len(ctypes.c_void_p(made)))
        return key

    def _pointer(self, name, thing):
        return getattr(self.library, name)(ctypes.c_void_p(thing))

    def holds(self, response, rp_id, algorithm, key):
        kind = ALGORITHMS[algorithm]
        public = getattr(self.library, f"{kind}_pk_new")()
        self._do(f"{kind}_pk_from_ptr", public, key)
        used = self.library.fido_assert_new()
        self._do("fido_assert_set_count", used, ctypes.c_size_t(1))
        self._do("fido_assert_set_rp", used, ctypes.c_char_p(rp_id.encode()))
        self._do("fido_assert_set_clientdata", used, decoded(response["response"]["clientDataJSON"]))
        self._do("fido_assert_set_authdata_raw", used, ctypes.c_size_t(0),
                 decoded(response["response"]["authenticatorData"]))
        self._do("fido_assert_set_sig", used, ctypes.c_size_t(0), decoded(response["response"]["signature"]))
        return self._call("fido_assert_verify", used, ctypes.c_size_t(0), algorithm, ctypes.c_void_p(public)) == 0


def with_other_client_data(response):
    """The same answer to another challenge."""
    client_data = json.loads(decoded(response["response"]["clientDataJSON"]))
    client_data["challenge"] = "AAAA" + client_data["challenge"][4:]
    text = base64.urlsafe_b64encode(json.dumps(client_data).encode()).decode().rstrip("=")
    return {**response, "response": {**response["response"], "clientDataJSON": text}}
