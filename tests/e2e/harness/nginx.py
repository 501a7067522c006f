"""A real nginx with the server blocks of a page."""

from .process import Process
from .services import answers
from .waiting import wait_until


class Nginx:
    """`blocks` stand in its `http`; `replaced` are addresses and files of the page and what stands for them here, among
    them the address that it listens on. `outside` stands before it."""

    def __init__(self, folder, blocks, port, replaced, outside=""):
        for theirs, ours in replaced.items():
            assert theirs in blocks, f"{theirs} is not on the page"
            blocks = blocks.replace(theirs, str(ours))
        self.port = port
        config = folder / f"nginx-{port}.conf"
        config.write_text(f"{outside}\ndaemon off; pid {folder}/nginx-{port}.pid; error_log stderr; events {{}}\n"
                          f"http {{ access_log off; {temporary(folder)} {blocks} }}\n")
        self.process = Process(["nginx", "-p", folder, "-c", config], "nginx")

        def up():
            assert self.process.running(), f"nginx ended at once:\n{self.process.output()}"
            return answers(port)
        wait_until(up, "nginx to listen", 30)

    def stop(self):
        self.process.stop()


def temporary(folder):
    """Where it may write: otherwise one place of the machine that belongs to root."""
    return " ".join(f"{name}_temp_path {folder}/{name};" for name in ("client_body", "proxy", "fastcgi", "uwsgi", "scgi"))
