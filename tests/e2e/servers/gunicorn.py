"""gunicorn in front of a WSGI program."""

from .real_server import RealServer


class Gunicorn(RealServer):
    name = "gunicorn"
    program = "seen_wsgi.py"

    def command(self):
        return ["/usr/bin/gunicorn", "--bind", f"127.0.0.1:{self.port}", "--worker-class", "gthread", "--threads", "4",
                "--keep-alive", "60", "--chdir", self.folder, "--worker-tmp-dir", self.folder, "seen_wsgi:application"]
