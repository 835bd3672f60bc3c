"""The command line: parse, call one function of app/, render. It has no logic of its own."""

from aegis.cli.command_line import hide_passwords

hide_passwords()  # before anything that takes time to import

from aegis.cli.main import command, main  # noqa: E402  (see above)

__all__ = ["command", "main"]
