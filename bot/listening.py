"""The socket Steward listens on, bound before anything else so that its address is known."""

import errno
import os
import socket
from ipaddress import ip_address
from urllib.parse import urlsplit

from bot.config import CannotStart

BACKLOG = 1024
_WORDS = {
    errno.EADDRINUSE: "STEWARD_PORT: something listens on port {port} already. Stop it, or set another port.",
    errno.EACCES: "STEWARD_PORT: this account may not listen on port {port}. Set one above 1023.",
    errno.EADDRNOTAVAIL: "STEWARD_HOST: {host} is no address of this machine.",
}


def listen(host: str, port: int) -> socket.socket:
    """Return a listening socket; port 0 picks a free one.

    Raises:
        CannotStart: the address is taken, or not to be had.
    """
    try:
        family, kind, protocol, _, address = socket.getaddrinfo(
            host, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
        )[0]
    except socket.gaierror as error:
        raise CannotStart([f"STEWARD_HOST: {host} is not known to this machine."]) from error
    listening = socket.socket(family, kind, protocol)
    listening.setblocking(False)
    listening.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listening.bind(address)
        listening.listen(BACKLOG)
    except OSError as error:
        listening.close()
        words = _WORDS.get(error.errno or 0, "STEWARD_HOST: cannot listen on {host}, port {port}: {error}.")
        raise CannotStart([words.format(host=host, port=port, error=error.strerror)]) from error
    return listening


def own_url(host: str, listening: socket.socket) -> str:
    """Return the address for a browser on this machine."""
    port = listening.getsockname()[1]
    try:
        address = ip_address(host)
    except ValueError:
        return f"http://{host}:{port}"
    if address.is_unspecified:
        return f"http://localhost:{port}"
    return f"http://[{host}]:{port}" if address.version == 6 else f"http://{host}:{port}"


def reach_without_proxy(url: str) -> None:
    """Forget the proxies of the environment where `url` is on this machine: slack_sdk would use them."""
    host = urlsplit(url).hostname or ""
    try:
        here = ip_address(host).is_loopback
    except ValueError:
        here = host == "localhost"
    if here:
        for name in ("HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"):
            os.environ.pop(name, None)
