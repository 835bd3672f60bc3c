"""What names of tables and columns suggest, as people of the field give them."""

from __future__ import annotations

import re

_LAYER = re.compile(r"(stg|staging|raw|src|source|base|int|intermediate|dim|fct|fact|mart|rpt)_+(?=.)")
_KEY = re.compile(r"(?:(.+)_)?(id|key|uuid|guid|sk|pk|hk|fk)")
_PART = re.compile(r"[a-z]+|[0-9]+")


def entity(label: str) -> str:
    """What a table is about: ``payment`` of ``stg_stripe__payments``, ``raw.payments`` and ``payments.v2``."""
    name = _LAYER.sub("", _bare(label), count=1)
    return singular(name.rpartition("__")[2] or name)


def layer(label: str) -> str:
    """The prefix that says which layer of a project a table is of; "" where it has none."""
    found = _LAYER.match(_bare(label))
    return found[1] if found else ""


def _bare(label: str) -> str:
    """A table's own name, without source, package and version."""
    return re.sub(r"\.v[0-9]+$", "", label.lower()).rpartition(".")[2]


def singular(word: str) -> str:
    """``categories`` is about a ``category``, ``addresses`` about an ``address``, ``orders`` about an ``order``."""
    for ending, other in (("ies", "y"), ("sses", "ss"), ("xes", "x"), ("ches", "ch"), ("shes", "sh")):
        if word.endswith(ending):
            return word[: -len(ending)] + other
    return word[:-1] if word.endswith("s") and not word.endswith("ss") else word


def key_stem(column: str) -> str | None:
    """What a key is of: ``customer`` of ``customer_id``, "" of ``id``; None for a column that is not named so."""
    found = _KEY.fullmatch(column.lower())
    return None if found is None else found[1] or ""


def words(column: str) -> frozenset[str]:
    """The words of a name."""
    return frozenset(_PART.findall(column.lower()))
