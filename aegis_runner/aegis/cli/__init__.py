"""The command line: parse, call one function of app/, render. It has no logic of its own."""

from aegis.cli.main import command, main

__all__ = ["command", "main"]
