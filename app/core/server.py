"""How the service is served: uvicorn, told everything it would otherwise guess."""

import logging
import os
import signal
import socket
import sys
import tempfile
from functools import partial
from types import FrameType

from starlette.types import ASGIApp
from uvicorn import Config, Server
from uvicorn.supervisors import Multiprocess

from app.core.config import Settings
from app.core.garbage import keep_what_is_loaded, loading
from app.core.logging import log_config
from app.core.metrics import MULTIPROCESS_DIR
from app.core.shedding_protocol import SheddingProtocol

logger = logging.getLogger("app.server")
FACTORY = "app.main:create_app"
# Seconds an idle connection is kept: longer than load balancers keep theirs (60, mostly), so that they close
# first and never send a request into a connection that is just being closed.
KEEP_ALIVE = 75
# When the kernel asks whether a quiet client is still there, again, and how often until it is gone. It asks
# nobody who has yet to confirm what was sent; Linux has TCP_USER_TIMEOUT for them, others only these.
KEEPALIVE = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3}  # seconds, seconds, times
MAX_CONNECTIONS = 10_000  # a backstop; idle connections count too, so it is far above any real load


class PortTaken(OSError):
    """Something else listens there."""


def listen(host: str, port: int) -> socket.socket:
    """Take the port before anything else is started.

    Raises:
        PortTaken: the address cannot be bound.
    """
    family = socket.AF_INET6 if ":" in host else socket.AF_INET
    listener = socket.socket(family)
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
    try:
        listener.bind((host, port))
        listener.listen()
    except OSError as error:
        listener.close()
        raise PortTaken(f"cannot listen on {host}:{port}: {error.strerror or error}") from error
    listener.set_inheritable(True)
    return listener


def miss_the_vanished(listener: socket.socket, seconds: float) -> None:
    """Cut off, of all who will connect, those who vanish, or read nothing for so long."""
    listener.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in (KEEPALIVE | {"TCP_USER_TIMEOUT": int(seconds * 1000)}).items():
        if option := getattr(socket, name, None):  # what a platform lets one say
            listener.setsockopt(socket.IPPROTO_TCP, option, value)


class ServiceConfig(Config):
    """Uvicorn's configuration; the app is loaded once, here and in every worker, and never collected."""

    def load(self) -> None:
        """Load the app."""
        with loading():
            super().load()
        keep_what_is_loaded()


def server_config(settings: Settings, app: ASGIApp | str, workers: int = 1) -> Config:
    """Uvicorn's configuration. Its access log is off: ours has the route, the user and the request id."""
    proxies = list(settings.http.trusted_proxies)
    return ServiceConfig(
        app,
        http=partial(SheddingProtocol, patience=settings.http.send_timeout),  # type: ignore[arg-type]
        factory=isinstance(app, str),
        workers=workers,
        log_config=log_config(settings.log),
        access_log=False,
        server_header=False,
        ws="none",
        lifespan="on",
        proxy_headers=bool(proxies),
        forwarded_allow_ips=proxies,
        reset_contextvars=True,  # a request sent before its turn is none of the last one's
        limit_concurrency=MAX_CONNECTIONS,
        timeout_keep_alive=KEEP_ALIVE,
        timeout_graceful_shutdown=settings.http.shutdown_timeout,
    )


def leave(_signal: int, _frame: FrameType | None) -> None:
    """End the process the way that runs every `finally`; to be told to stop is no failure."""
    sys.exit(0)


def serve(settings: Settings, listener: socket.socket, workers: int = 1) -> None:
    """Serve until SIGTERM or SIGINT, then finish what is in flight."""
    for number in (signal.SIGTERM, signal.SIGINT):
        signal.signal(number, leave)  # uvicorn raises the signal once more when it has finished
    config = server_config(settings, FACTORY, workers)
    miss_the_vanished(listener, 2 * settings.http.read_timeout)  # streams have cut off theirs by then
    host, port = listener.getsockname()[:2]
    logger.info("listening", extra={"host": host, "port": port, "workers": workers})
    if workers == 1:
        Server(config).run(sockets=[listener])
        return
    with tempfile.TemporaryDirectory(prefix="metrics-") as folder:
        # Set before the workers start: the metrics library chooses its storage when it is imported.
        os.environ.setdefault(MULTIPROCESS_DIR, folder)
        Multiprocess(config, sockets=[listener]).run()
