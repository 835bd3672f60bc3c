"""Where Chromium is, for the tests that look at pages. ``python -m tools.browser`` installs Debian's where root may."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from pathlib import Path

NAMES = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")


def executable() -> Path | None:
    """The browser that ``AEGIS_TEST_BROWSER`` or the PATH has."""
    given = os.environ.get("AEGIS_TEST_BROWSER")
    found = given or next((path for name in NAMES if (path := shutil.which(name))), None)
    return Path(found) if found else None


def main() -> int:
    if executable() is None:
        apt = shutil.which("apt-get")
        if apt is None or os.geteuid() != 0:
            print("browser: install Chromium, or name one with AEGIS_TEST_BROWSER", file=sys.stderr)
            return 3
        quiet = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
        for arguments in (["update", "-qq"], ["install", "-qq", "-y", "--no-install-recommends", "chromium"]):
            if subprocess.run([apt, *arguments], env=quiet, stdout=subprocess.DEVNULL, check=False).returncode:
                print(f"browser: `apt-get {arguments[0]}` failed", file=sys.stderr)
                return 3
    print(f"browser: {executable()}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
