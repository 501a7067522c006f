"""Ten servers from Debian, each with a small program in a language of its own that tells what it saw."""

from .apache import Apache
from .go import Go
from .gunicorn import Gunicorn
from .haproxy import Haproxy
from .lighttpd import Lighttpd
from .nginx import Nginx
from .node import Node
from .puma import Puma
from .tomcat import Tomcat
from .uwsgi import Uwsgi

SERVERS = [Apache, Go, Gunicorn, Haproxy, Lighttpd, Nginx, Node, Puma, Tomcat, Uwsgi]
