"""Where things are kept that are only quicker to have than to make anew."""

from __future__ import annotations

import os
from collections.abc import Mapping
from pathlib import Path


def cache_folder(of: str, environment: Mapping[str, str] | None = None) -> Path | None:
    """``$XDG_CACHE_HOME/aegis/<of>`` or ``~/.cache/aegis/<of>``; ``None`` where there is no home."""
    env = os.environ if environment is None else environment
    given = env.get("XDG_CACHE_HOME")
    try:
        return (Path(given) if given else Path.home() / ".cache") / "aegis" / of
    except RuntimeError:
        return None
