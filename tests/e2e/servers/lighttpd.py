"""lighttpd in front of a CGI program."""

from .real_server import PRIVATE, RealServer


class Lighttpd(RealServer):
    name = "lighttpd"
    program = "seen.pl"
    needs_a_length = True

    def prepare(self):
        super().prepare()
        self.configuration = self.write("lighttpd.conf", f"""
            server.modules = ("mod_alias", "mod_setenv", "mod_cgi")
            server.document-root = "{self.folder}"
            server.bind = "127.0.0.1"
            server.port = {self.port}
            server.max-keep-alive-requests = 100000
            server.upload-dirs = ("{self.folder}")
            server.http-parseopts = ("method-get-body" => "enable")
            alias.url = ("/" => "{self.program_file}/")
            cgi.assign = ("{self.program}" => "/usr/bin/perl")
            $HTTP["url"] =~ "{PRIVATE}" {{
                setenv.add-environment = ("AREA" => "private", "SEEN" => "{self.log}")
            }} else $HTTP["url"] =~ "" {{
                setenv.add-environment = ("AREA" => "open", "SEEN" => "{self.log}")
            }}
            """)

    def command(self):
        return ["lighttpd", "-D", "-f", self.configuration]
