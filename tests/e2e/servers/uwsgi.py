"""uWSGI, speaking HTTP itself, in front of a WSGI program."""

from .real_server import RealServer


class Uwsgi(RealServer):
    name = "uwsgi"
    program = "seen_wsgi.py"
    pieces = says_continue = False

    def command(self):
        return ["uwsgi-core", "--plugin", "python3", "--http11-socket", f"127.0.0.1:{self.port}", "--die-on-term",
                "--need-app", "--threads", "4", "--buffer-size", "65535", "--disable-logging",
                "--chdir", self.folder, "--module", "seen_wsgi:application"]
