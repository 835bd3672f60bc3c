"""``python -m aegis.testing script.yml --port 8123``: the fake server, by hand."""

from __future__ import annotations

import argparse
import shlex
import sys
import time

from aegis.errors import AegisError
from aegis.testing.server import FakeModelServer


def main(words: list[str] | None = None) -> int:
    """Serve until interrupted; returns the exit code."""
    parser = argparse.ArgumentParser(
        prog="python -m aegis.testing",
        description="A model server on this machine that answers as a script says.",
    )
    parser.add_argument("script", help="a YAML file of replies")
    parser.add_argument("--port", type=int, default=0, help="where to listen (default: a free port)")
    given = parser.parse_args(words)
    try:
        server = FakeModelServer(given.script, port=given.port)
    except AegisError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    with server:
        print(f"# listening at {server.url}; stop with Ctrl-C. For a shell that shall be answered from here:")
        for name, value in server.environment().items():
            print(f"export {name}={shlex.quote(value)}")
        sys.stdout.flush()
        _report(server)
    return 0


def _report(server: FakeModelServer) -> None:
    """A line for each request, until interrupted."""
    told = 0
    try:
        while True:
            time.sleep(0.1)
            for request in server.requests[told:]:
                told += 1
                print(f"{request.number}  {request.wire}  {request.model}  {request.prompt[:60]!r}", flush=True)
    except KeyboardInterrupt:
        print(f"# {told} requests, {len(server.unscripted)} that no reply was for")


if __name__ == "__main__":
    sys.exit(main())
