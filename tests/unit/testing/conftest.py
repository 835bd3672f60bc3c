"""The services' SDKs, which take seconds to import, once."""

from __future__ import annotations

from typing import Any

import pytest


@pytest.fixture(scope="session")
def anthropic() -> Any:
    import anthropic

    return anthropic


@pytest.fixture(scope="session")
def openai() -> Any:
    import openai

    return openai
