"""nginx in front of PHP."""

from harness.nginx import temporary
from harness.services import answers
from harness.ports import free_port
from harness.waiting import wait_until

from .real_server import PRIVATE, RealServer


class Nginx(RealServer):
    name = "nginx"
    program = "seen.php"

    def prepare(self):
        super().prepare()
        self.php_port = free_port()
        told = "".join(f"fastcgi_param {name} {value}; " for name, value in {
            "SCRIPT_FILENAME": self.program_file, "REQUEST_METHOD": "$request_method", "REQUEST_URI": "$request_uri",
            "DOCUMENT_URI": "$uri", "QUERY_STRING": "$query_string", "CONTENT_TYPE": "$content_type",
            "CONTENT_LENGTH": "$content_length", "SEEN": self.log, "REDIRECT_STATUS": 200}.items())
        self.configuration = self.write("nginx.conf", f"""
            daemon off; pid {self.folder}/pid; error_log stderr; worker_processes 1; events {{ }}
            http {{
                access_log off; {temporary(self.folder)}
                client_max_body_size 0; keepalive_requests 100000; keepalive_timeout 60s; fastcgi_buffer_size 64k;
                fastcgi_buffers 8 64k;
                server {{
                    listen 127.0.0.1:{self.port};
                    location / {{ {told} fastcgi_param AREA open; fastcgi_pass 127.0.0.1:{self.php_port}; }}
                    location ~ {PRIVATE} {{ {told} fastcgi_param AREA private; fastcgi_pass 127.0.0.1:{self.php_port}; }}
                }}
            }}
            """)

    def start_helpers(self):
        self.helpers.append(self.launch(["php-cgi", "-b", f"127.0.0.1:{self.php_port}", "-d", "post_max_size=0",
                                         "-d", "enable_post_data_reading=0"]))
        wait_until(lambda: answers(self.php_port), "php-cgi to listen", 30)

    def environment(self):
        return {"PHP_FCGI_MAX_REQUESTS": "0"}

    def command(self):
        return ["nginx", "-p", self.folder, "-c", self.configuration]
