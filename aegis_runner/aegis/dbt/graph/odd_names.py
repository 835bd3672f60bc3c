"""Names of tables and schemas, which may hold anything, in files that dbt reads.

dbt renders the YAML that sources are declared in, YAML breaks lines at signs that JSON does not escape, and dbt 2 folds
what is no plain letter in a name into its ids, so that two tables become one. A source therefore goes by a plain name,
and its real one stands where dbt only quotes it.
"""

from __future__ import annotations

import json
import re
from hashlib import sha256
from typing import Any

from aegis.dbt.jinja_text import jinja_literal

_PLAIN = re.compile(r"[A-Za-z_][A-Za-z0-9_]{0,99}")
_JINJA = re.compile(r"\{[{%#]|[}%#]\}")
# What PyYAML takes for the end of a line, or does not take at all.
_NOT_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")


def plain_name(name: str) -> str:
    """The name itself where every dbt takes it as it is, else one made of its hash."""
    return name if _PLAIN.fullmatch(name) else f"t_{sha256(name.encode('utf-8', 'surrogatepass')).hexdigest()[:12]}"


_STAND_IN = re.compile(r"t_[0-9a-f]{12}")


def is_stand_in(name: str | None) -> bool:
    """Whether a source goes by a name that `plain_name` made."""
    return name is not None and _STAND_IN.fullmatch(name) is not None


def yaml_text(text: str) -> str:
    """A text as a value in a YAML file of dbt's: as it is, or as the Jinja that gives it."""
    return f"{{{{ {jinja_literal(text)} }}}}" if _JINJA.search(text) else text


def json_as_yaml(value: Any) -> str:
    """JSON that is YAML too, and needs no writer of its own."""
    text = json.dumps(value, ensure_ascii=False)
    return _NOT_YAML.sub(lambda found: f"\\u{ord(found.group()):04x}", text)


def unfit(*names: str | None) -> str | None:
    """Why no rule can be about a table of these names (schema and table), in words that follow its name; else None."""
    if any(name and ("\r" in name or name != name.strip("\n")) for name in names):
        return "has a line break in its name that dbt does not keep; make a view of it under another name"
    return None
