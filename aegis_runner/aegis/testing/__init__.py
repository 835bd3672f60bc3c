"""For tests of what talks to language models: a server on the own machine that answers as a script says.

    from aegis.testing import Fault, FakeModelServer, Reply

    with FakeModelServer([Reply(fault=Fault.RATE_LIMITED), Reply(json={"cause": "a late load"})]) as server:
        ...  # point a client of Anthropic, OpenAI, Ollama or Bedrock at server.url
        assert len(server.requests) == 2

`load_script` reads the same from a YAML file, and ``python -m aegis.testing script.yml`` serves it by hand.
"""

from __future__ import annotations

from aegis.llm.script import Fault, NothingScripted, Reply, Request, Script, When
from aegis.testing.saying import Received
from aegis.testing.scripts import load_script
from aegis.testing.server import FakeModelServer

__all__ = [
    "FakeModelServer",
    "Fault",
    "NothingScripted",
    "Received",
    "Reply",
    "Request",
    "Script",
    "When",
    "load_script",
]
