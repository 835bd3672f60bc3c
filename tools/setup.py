"""Make ``.venv`` from ``uv.lock``, with nothing on the machine but Python 3.11 or later and package registries.

Standard library only: it runs before anything is installed. A second run costs a tenth of a second, because a
stamp in the environment names the lock file it was made from. Two runs at once wait for each other.
"""

from __future__ import annotations

import contextlib
import fcntl
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator, Sequence
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
TOOLS = ROOT / ".tools"
VENV = ROOT / ".venv"
STAMP = ".made-from"
PYTHON = os.path.realpath(sys.executable)
"""Not the one of a virtual environment, which may be about to be made anew and has no pip."""

UV_VERSION = "0.13.8"
OLDEST_UV = (0, 8, 0)
"""What wrote ``uv.lock``, and the oldest that is trusted to read it."""

SYSTEM_CERTIFICATES = (
    "/etc/ssl/certs/ca-certificates.crt",  # Debian, Ubuntu, Alpine, Arch
    "/etc/pki/tls/certs/ca-bundle.crt",  # Fedora, Red Hat
    "/etc/ssl/ca-bundle.pem",  # SUSE
)
"""uv and Node.js bring certificates of their own and would not trust a company's proxy that the machine trusts."""


class SetupError(Exception):
    """A step of the set-up that failed, with what to do about it."""


def main() -> int:
    try:
        make_venv()
    except SetupError as error:
        print(f"setup: {error}", file=sys.stderr)
        return 3
    return 0


def make_venv() -> None:
    """Install the locked environment into ``.venv``, unless it is there already."""
    wanted = digest(ROOT / "uv.lock", ROOT / "pyproject.toml", ROOT / "tools" / "hatch_build.py")
    if is_made(VENV, wanted):
        return
    with one_at_a_time():
        if is_made(VENV, wanted):
            return
        uv = find_uv()
        say("installing the locked environment into .venv (the first time: a minute or two)")
        started = time.monotonic()
        run([uv, "sync", "--frozen", "--quiet", "--python", PYTHON, "--project", ROOT], env=uv_environment())
        (VENV / STAMP).write_text(wanted, encoding="utf-8")
        say(f"installed in {time.monotonic() - started:.0f} s")


def find_uv() -> Path:
    """The uv on PATH if it is young enough, else the one that is installed privately into ``.tools``."""
    private = TOOLS / "bin" / "uv"
    on_path = shutil.which("uv")
    for candidate in filter(None, (str(private), on_path)):
        if uv_version(candidate) >= OLDEST_UV:
            return Path(candidate)
    say(f"installing uv {UV_VERSION} into .tools")
    # `--target` needs neither ensurepip nor a virtual environment, both of which Debian packages apart.
    install: list[str | Path] = [python_with_pip(), "-m", "pip", "install", "--quiet", "--upgrade", "--target", TOOLS]
    quiet = ["--disable-pip-version-check", "--root-user-action=ignore"]
    run([*install, *quiet, f"uv=={UV_VERSION}"], hint="Install uv, then try again.")
    return private


def python_with_pip() -> str | Path:
    # Asked of the real Python: this one may be that of a virtual environment.
    if subprocess.run([PYTHON, "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0:
        return PYTHON
    beside = TOOLS / "pip"
    run([PYTHON, "-m", "venv", beside], hint="This Python has neither pip nor venv: install one of them, or uv.")
    return beside / "bin" / "python"


def unpack(requirement: str, target: Path) -> None:
    """Install one distribution, without what it depends on, into a folder: for the files that it carries."""
    install: list[str | Path] = [find_uv(), "pip", "install", "--quiet", "--no-deps", "--python", PYTHON]
    run([*install, "--target", target, requirement], env=uv_environment())


def uv_version(executable: str) -> tuple[int, ...]:
    """The version, or ``(0,)`` where it cannot be told."""
    try:
        answer = subprocess.run([executable, "--version"], capture_output=True, text=True, check=True)
    except (OSError, subprocess.CalledProcessError):
        return (0,)
    words = answer.stdout.split()
    return tuple(int(part) for part in words[1].split(".")[:3] if part.isdigit()) if len(words) > 1 else (0,)


def uv_environment() -> dict[str, str]:
    """The caller's environment, less an active virtual environment that uv would ask about."""
    environment = trusting_environment()
    environment.pop("VIRTUAL_ENV", None)
    environment["UV_PROJECT_ENVIRONMENT"] = str(VENV)
    environment.setdefault("UV_HTTP_TIMEOUT", "180")
    # A home that is not set or cannot be written has no place for a cache.
    if not os.access(environment.get("HOME") or "/nonexistent", os.W_OK):
        environment.setdefault("UV_CACHE_DIR", str(TOOLS / "uv-cache"))
    return environment


def trusting_environment() -> dict[str, str]:
    """The caller's environment, with the machine's certificates where the caller names none."""
    environment = dict(os.environ)
    store = next((place for place in SYSTEM_CERTIFICATES if Path(place).is_file()), None)
    if store and not environment.get("SSL_CERT_DIR"):
        environment.setdefault("SSL_CERT_FILE", store)
    if store:
        environment.setdefault("NODE_EXTRA_CA_CERTS", store)
    return environment


def run(command: Sequence[str | Path], *, env: dict[str, str] | None = None, hint: str = "", cwd: Path = ROOT) -> None:
    """Run a step. What it says on stderr is shown.

    Raises:
        SetupError: It could not start or failed.
    """
    words = [str(word) for word in command]
    try:
        silent = subprocess.DEVNULL
        code = subprocess.run(words, env=env, cwd=cwd, stdin=silent, stdout=silent, check=False).returncode
    except OSError as error:
        raise SetupError(f"cannot start {words[0]}: {error.strerror}. {hint}") from error
    if code:
        raise SetupError(f"`{' '.join(words)}` failed with exit code {code}. {hint}".rstrip())


def digest(*files: Path) -> str:
    """What an environment is made from: these files and this Python."""
    seen = hashlib.sha256(sys.version.encode())
    for file in files:
        seen.update(file.read_bytes())
    return seen.hexdigest()


def is_made(environment: Path, wanted: str) -> bool:
    stamp = environment / STAMP
    return stamp.is_file() and stamp.read_text(encoding="utf-8") == wanted


@contextlib.contextmanager
def one_at_a_time() -> Iterator[None]:
    TOOLS.mkdir(exist_ok=True)
    with (TOOLS / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def say(text: str) -> None:
    print(f"setup: {text}", file=sys.stderr, flush=True)


if __name__ == "__main__":
    sys.exit(main())
