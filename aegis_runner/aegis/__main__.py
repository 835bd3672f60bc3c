"""``python -m aegis`` is the command ``aegis``."""

from aegis.cli import command

command()
