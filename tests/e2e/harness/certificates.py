"""Certificates that are good for a day, for servers a test starts."""

import shutil
import subprocess

DAYS = "1"
KEY = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"]


class Authority:
    """A certification authority in a folder. What it signed is trusted through `certificate`."""

    def __init__(self, folder, name="authority"):
        self.folder = folder
        self.certificate, self._key = self._paths(name)
        self._make("-keyout", self._key, "-out", self.certificate, "-subj", f"/CN=Gatehouse test {name}",
                   "-addext", "keyUsage=critical,keyCertSign,cRLSign")

    def issue(self, name, alternatives="IP:127.0.0.1,DNS:localhost"):
        """Certificate and key of a server that is called `alternatives`."""
        certificate, key = self._paths(name)
        self._make("-CA", self.certificate, "-CAkey", self._key, "-keyout", key, "-out", certificate,
                   "-subj", f"/CN={name}", "-addext", f"subjectAltName={alternatives}",
                   "-addext", "basicConstraints=critical,CA:FALSE")
        key.chmod(0o600)
        return certificate, key

    def _paths(self, name):
        return self.folder / f"{name}.crt", self.folder / f"{name}.key"

    @staticmethod
    def _make(*words):
        done = subprocess.run(["openssl", "req", "-x509", "-days", DAYS, *KEY, *map(str, words)],
                              capture_output=True, text=True, timeout=30)
        assert done.returncode == 0, done.stderr


def trusted_by_the_system(certificate, folder):
    """A command prefix: for the process that is started with it, the system trusts this authority and no other."""
    folder.mkdir()
    shutil.copy(certificate, folder / "authority.crt")
    subprocess.run(["openssl", "rehash", folder], check=True, timeout=30)
    shutil.copy(certificate, folder / "ca-certificates.crt")
    return ["unshare", "--map-root-user", "--mount", "sh", "-c",
            'mount --bind "$1" /etc/ssl/certs && shift && exec "$@"', "sh", str(folder)]
