"""Where a PostgreSQL database is: a ``postgresql://`` address, completed by libpq's own variables and files.

An address may hold a password. None of it is ever part of a message: what is wrong with it is said in our words.
"""

from __future__ import annotations

import os
import re
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from aegis.errors import UsageError, WarehouseError

if TYPE_CHECKING:
    from psycopg2.extensions import connection as Connection

SCHEMES = ("postgresql", "postgres")
PATIENCE = 15
"""Seconds that libpq waits for a server, unless ``connect_timeout`` or PGCONNECT_TIMEOUT says otherwise."""

# Where the server can (PostgreSQL 14 and later), it looks while a query runs whether somebody still waits for it.
_NOTICED = "select set_config(name, '5s', false) from pg_settings where name = 'client_connection_check_interval'"
_FORM = "An address is postgresql://USER@HOST:PORT/DATABASE, each part percent-encoded ('@' is %40, '/' is %2F)."


def driver() -> Any:
    """psycopg2.

    Raises:
        WarehouseError: It is not installed.
    """
    try:
        import psycopg2
    except ImportError as error:
        raise WarehouseError(
            "PostgreSQL's Python driver psycopg2 is not installed",
            hint="pip install 'aegis-dbt[postgres]', or beside dbt 2: pip install psycopg2-binary",
        ) from error
    return psycopg2


def settings_of(address: str) -> dict[str, str]:
    """What the address says, by libpq's names.

    Raises:
        UsageError: libpq cannot read it, or would read a part of a password as something else.
        WarehouseError: There is no driver.
    """
    scheme, _, rest = address.partition("://")
    if "@" in re.split(r"[/?#]", rest, maxsplit=1)[-1] or rest.partition("?")[0].count("@") > 1:
        raise UsageError("the address has an '@' where none may stand", where=f"{scheme}://…", hint=_FORM)
    psycopg2 = driver()
    try:
        found: dict[str, str] = psycopg2.extensions.parse_dsn(f"postgresql://{rest}")
    except (psycopg2.Error, UnicodeError, ValueError) as error:
        # libpq's message quotes what it could not read. The name of a setting is no secret.
        setting = re.search(r'URI query parameter: "(\w+)"', str(error))
        what = f"there is no setting '{setting[1]}'" if setting else "the address cannot be read"
        raise UsageError(what, where=f"{scheme}://…", hint=_FORM) from None
    if not all(port.isdecimal() for port in found.get("port", "").split(",") if port):
        raise UsageError("the address has a port that is not a number", where=f"{scheme}://…", hint=_FORM)
    return found


def shown(settings: Mapping[str, str]) -> str:
    """An address for people: without password and settings."""
    user = f"{settings['user']}@" if settings.get("user") else ""
    host = settings.get("host", "")
    host = f"[{host}]" if ":" in host and not host.startswith("/") else host
    port = f":{settings['port']}" if settings.get("port") else ""
    return f"postgresql://{user}{host}{port}/{settings.get('dbname', '')}"


def connected(settings: Mapping[str, str]) -> Connection:
    """A connection, with what the address leaves out from PGHOST, PGPASSWORD, PGSERVICE, ~/.pgpass and their like.

    Raises:
        WarehouseError: None can be made; the message is the server's, and no secret is in it.
    """
    psycopg2 = driver()
    usual = {"connect_timeout": ("PGCONNECT_TIMEOUT", str(PATIENCE)), "application_name": ("PGAPPNAME", "aegis")}
    added = {name: value for name, (variable, value) in usual.items() if not os.environ.get(variable)}
    try:
        opened: Connection = psycopg2.connect(**{**added, **settings, "client_encoding": "UTF8"})
        opened.set_session(readonly=True, autocommit=True)
        with opened.cursor() as cursor:
            cursor.execute(_NOTICED)
    except psycopg2.Error as error:
        raise refused(error, settings) from None
    except (UnicodeError, ValueError):
        raise UsageError("the address holds a character that libpq cannot take", where=shown(settings)) from None
    return opened


_HINTS = (
    (r"no password supplied|password authentication failed", "Set PGPASSWORD, or write the password to ~/.pgpass."),
    (r'database ".*" does not exist', "Check the name after the last '/' of the address; `psql -l` lists them."),
    (r'role ".*" does not exist', "Check the user name of the address."),
    (r"definition of service|service file", "Check PGSERVICE and PGSERVICEFILE (~/.pg_service.conf)."),
    (r"could not translate host name", "Check the host name of the address."),
    (r"timeout expired", "Is the host right? `?connect_timeout=60` waits longer."),
    (r"refused|No such file|is the server running", "Does the server run there? Check host and port."),
    (r"SSL|certificate", "Check ?sslmode= and the certificates that it needs."),
)  # fmt: skip


def refused(error: Exception, settings: Mapping[str, str]) -> WarehouseError:
    """Why there is no connection, in one message: libpq tells the same of each address of a host."""
    lines = [line.strip() for line in str(error).splitlines() if line.strip()]
    said = without_password("\n".join(dict.fromkeys(lines)) or "it did not say why", settings)
    hint = next((hint for pattern, hint in _HINTS if re.search(pattern, said)), None)
    return WarehouseError(f"cannot be reached: {said}", where=shown(settings), hint=hint)


def without_password(text: str, settings: Mapping[str, str]) -> str:
    """A message of the server's, should it repeat what it was given."""
    for name in ("password", "sslpassword"):
        if len(settings.get(name, "")) > 3:
            text = text.replace(settings[name], "********")
    return text
