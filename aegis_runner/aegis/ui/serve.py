"""The pages on a port of loopback, until they are stopped."""

from __future__ import annotations

import socket
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from aegis.errors import AegisError, ConfigError, UsageError

if TYPE_CHECKING:
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp
    from uvicorn import Server

HOST = "127.0.0.1"


def serve(trail: Path, port: int, ready: Callable[[str], None]) -> None:
    """Serve the pages until Ctrl-C; ``ready`` is told their address.

    Args:
        port: 0 takes a free one.

    Raises:
        ConfigError: What the pages need is not installed.
        UsageError: The port is in use, or may not be used.
        AuditError: There is no trail, or it cannot be read.
    """
    _installed()
    from aegis.audit.reader import Reader
    from aegis.ui.pages import WAIT

    Reader.open_to_read(trail, timeout=WAIT).close()
    with listening(port) as listener:
        taken = listener.getsockname()[1]
        served = server(trail, taken)
        ready(f"http://{HOST}:{taken}/")
        try:
            served.run(sockets=[listener])
        except KeyboardInterrupt:
            return  # uvicorn has ended what was open; to be stopped is how this ends


def _installed() -> None:
    missing = [name for name in ("starlette", "uvicorn") if find_spec(name) is None]
    if missing:
        raise ConfigError(
            f"the pages need {' and '.join(missing)}, which {'is' if len(missing) == 1 else 'are'} not installed",
            hint="pip install 'aegis-dbt[ui]'",
        )


def listening(port: int) -> socket.socket:
    """A socket of loopback, and of nothing else.

    Raises:
        UsageError: The port is in use, or may not be used.
    """
    made = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
    try:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        made.bind((HOST, port))
        made.listen()
    except (OSError, OverflowError) as error:
        made.close()
        why = getattr(error, "strerror", None) or error
        raise UsageError(f"port {port} cannot be used: {why}", hint="Take another with --port, or 0 for a free one.") \
            from error  # fmt: skip
    return made


def server(trail: Path, port: int) -> Server:
    """What serves the pages once it is given a socket. No header of a request says whose it is."""
    import uvicorn

    config = uvicorn.Config(
        application(trail, port), lifespan="off", ws="none", proxy_headers=False, server_header=False,
        access_log=False, log_level="warning",
    )  # fmt: skip
    return uvicorn.Server(config)


def application(trail: Path, port: int) -> ASGIApp:
    """The pages of a trail, behind their guard."""
    from starlette.applications import Starlette
    from starlette.exceptions import HTTPException
    from starlette.routing import Route

    from aegis.ui import pages, rules
    from aegis.ui.guard import Guard

    made = Starlette(
        routes=[
            Route("/", pages.runs),
            Route("/runs/{run:path}", pages.run),
            Route("/rules", rules.rules),
            Route("/rules/{rule:path}", rules.rule),
            Route("/decisions", pages.decisions),
            Route("/decisions/{number}", pages.decision),
            Route("/compare", pages.compare),
            Route("/search", pages.search),
            Route("/static/{name}", _static),
        ],
        exception_handlers={AegisError: _cannot, HTTPException: _absent, Exception: _bug},
    )
    made.state.trail = trail
    return Guard(made, port)


def _static(request: Request) -> Response:
    """A file that every page has. The trail has no say in it."""
    from starlette.responses import Response

    from aegis.ui.assets import ASSETS, asset

    name = request.path_params["name"]
    if name not in ASSETS:
        return _absent(request, Exception(name))
    return Response(asset(name), media_type=ASSETS[name])


def _cannot(request: Request, error: Exception) -> Response:
    """The trail is gone, locked or damaged since."""
    from aegis.ui.pages import problem

    assert isinstance(error, AegisError)
    return problem(request, 503, error, "The audit trail cannot be read")


def _absent(request: Request, error: Exception) -> Response:
    from aegis.ui.pages import problem

    nothing = UsageError("there is no page at this address", hint="The pages are listed above.")
    return problem(request, 404, nothing, "There is no such page")


def _bug(request: Request, error: Exception) -> Response:
    """The traceback goes to where `aegis ui` runs, and not into a page."""
    from aegis.ui.pages import problem

    told = UsageError("this is a bug in Aegis", hint="Please report it with what `aegis ui` printed.")
    return problem(request, 500, told)
