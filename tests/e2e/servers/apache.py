"""Apache 2.4 in front of a CGI program."""

from .real_server import PRIVATE, RealServer

MODULES = ["mpm_prefork", "authz_core", "alias", "cgi", "env", "setenvif"]


class Apache(RealServer):
    name = "apache2"
    program = "seen.pl"
    tells_lengths = False  # now and then, whatever the program says

    def prepare(self):
        super().prepare()
        self.program_file.chmod(0o700)
        loaded = "".join(f"LoadModule {name}_module /usr/lib/apache2/modules/mod_{name}.so\n" for name in MODULES)
        self.configuration = self.write("apache2.conf", f"""
            {loaded}
            ServerName localhost
            ServerRoot {self.folder}
            PidFile {self.folder}/pid
            DefaultRuntimeDir {self.folder}
            Mutex file:{self.folder}
            Listen 127.0.0.1:{self.port}
            ErrorLog {self.folder}/error.log
            MaxKeepAliveRequests 0
            StartServers 2
            MinSpareServers 1
            AllowEncodedSlashes NoDecode
            PassEnv SEEN
            SetEnvIf Request_URI ".*" AREA=open
            <LocationMatch "{PRIVATE}">
                SetEnv AREA private
            </LocationMatch>
            ScriptAlias "/" "{self.program_file}/"
            """)

    def command(self):
        return ["apache2", "-D", "FOREGROUND", "-f", self.configuration]
