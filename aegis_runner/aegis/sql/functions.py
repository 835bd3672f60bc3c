"""Which functions pass the gate.

Decided by name, default deny: a function passes if sqlglot knows what it computes (and it is not among those that
read files, call services, draw random numbers or have effects), or if it stands in the lists below. These are the
side-effect-free functions of DuckDB's and PostgreSQL's own catalogs (`duckdb_functions()` without side effects,
`pg_proc` not volatile), less those that read settings, catalogs, files or other queries, and the well-known ones of
other warehouses that sqlglot does not know. A function of the user's own passes when its name was allowed;
the names in `DANGEROUS` never do.
"""

from __future__ import annotations

import re
from functools import cache
from importlib.resources import files

# Never, not even by name, with the reason that the message gives.
_FILES = "reads or writes files"
_NETWORK = "talks to other systems"
_EFFECTS = "has side effects"
_QUERY = "runs a query given as text"
_SETTINGS = "reads settings or secrets"
_STOPS = "holds or stops the session"
_DANGEROUS_NAMES = {
    _FILES: """
        read_.* .*_scan sniff_.* glob parquet_(?!to).* st_read.* st_.*gdal.* load_file files? fileexists
        pg_(read|stat|ls|logdir|file)_.* lo_.* lo(read|write) copy_.* write_?.* input_file.* utl_.* xp_.*
        load_extension executable.*
        """,
    _NETWORK: """
        dblink.* (?!json_|url_extract_).*_query url remote.* s3.* gcs azureblob.* hdfs iceberg.* delta.* https?(_.*)?
        postgres_.* mysql(_.*)? sqlite_.* mongodb redis jdbc odbc openrowset opendatasource openquery ai_.* ml_.*
        (try_)?reflect java_method lambda_.*
        """,
    _EFFECTS: """
        nextval setval currval lastval setseed set_config pg_notify txid_.* pg_current_xact.* pg_logical.* pg_create.*
        pg_copy.* pg_drop.* pg_switch.* pg_reload.* pg_rotate.* pg_import.* pg_replication.* system\\$.* sys_.* dbms_.*
        duckdb_.* pragma_(?!table_info$).* force_.* checkpoint error raise.* assert.* benchmark
        """,
    _QUERY: """
        query query_table query_to_.* (table|schema|database|cursor)_to_xml.* json_.*_(sql|plan) xmltype eval
        (.*_)?execute.* sp_.* from_substrait.* ts_stat ts_rewrite crosstab.*
        """,
    _SETTINGS: """
        getenv env current_setting getvariable which_secret .*secret.* pg_show_.* pg_get_.*
        """,
    _STOPS: """
        sleep.* pg_sleep.* .*_sleep pg_(terminate|cancel|advisory|try_advisory|promote|backup|wal).* kill get_lock
        release_lock waitfor.* shutdown is_free_lock
        """,
}
DANGEROUS = tuple((re.compile("|".join(names.split())), reason) for reason, names in _DANGEROUS_NAMES.items())

# Functions that sqlglot knows, and that do not pass.
_KNOWN_AND_REFUSED = {
    **dict.fromkeys(("ReadCSV", "ReadParquet", "ToFile"), _FILES),
    **dict.fromkeys(
        (
            "AIAgg", "AIClassify", "AIEmbed", "AIForecast", "AIGenerate", "AISimilarity", "AISummarizeAgg",
            "GenerateBool", "GenerateDouble", "GenerateEmbedding", "GenerateInt", "GenerateTable", "GenerateText",
            "MLForecast", "MLTranslate", "Predict", "VectorSearch", "FeaturesAtTime",
        ),
        _NETWORK,
    ),
    "NextValueFor": _EFFECTS,
    "Secret": _SETTINGS,
    "DynamicIdentifier": _QUERY,
    **dict.fromkeys(("Columns", "StarMap"), "stands for any number of columns"),
    **dict.fromkeys(
        ("Rand", "Randn", "Randstr", "Uniform", "Normal", "Zipf", "Uuid", "Shuffle", "Seq1", "Seq2", "Seq4", "Seq8"),
        "gives another value each time; a rule gives the same verdict on the same data",
    ),
    **dict.fromkeys(("Generator", "OpenJSON", "XMLTable", "GapFill"), "is a table function"),
}  # fmt: skip

# Sets of rows made from their arguments alone: they may stand where a table stands.
_TABLE_FUNCTIONS = """
    Unnest Explode Posexplode PosexplodeOuter _ExplodeOuter Inline Flatten GenerateSeries ExplodingGenerateSeries
    GenerateDateArray GenerateTimestampArray SplitToTable StrtokSplitToTable JSONTable Stack
"""
TABLE_FUNCTIONS = frozenset(_TABLE_FUNCTIONS.split())

# Schemas whose functions are the warehouse's own.
OWN_SCHEMAS = frozenset({"pg_catalog", "safe", "net", "hll_count"})

_GEOMETRY = re.compile(r"st_[a-z0-9]+")


def refused_known(class_name: str) -> str | None:
    """Why a function that sqlglot knows does not pass; None if it does."""
    return _KNOWN_AND_REFUSED.get(class_name)


def acts(class_name: str) -> str | None:
    """Why a function that sqlglot knows does more than compute; None if it does not."""
    reason = _KNOWN_AND_REFUSED.get(class_name)
    return reason if reason in _DANGEROUS_NAMES else None


def danger(name: str) -> str | None:
    """Why a function passes under no circumstances; None if it may."""
    return next((reason for pattern, reason in DANGEROUS if pattern.fullmatch(name.lower())), None)


def refused(name: str, allowed: frozenset[str]) -> str | None:
    """Why a function that sqlglot knows by name only does not pass; None if it does."""
    name = name.lower()
    reason = danger(name)
    if reason is not None:
        return reason
    if name in allowed or name in known_names() or _GEOMETRY.fullmatch(name):
        return None
    return "is not known to be read-only"


@cache
def known_names() -> frozenset[str]:
    text = (files("aegis.sql") / "functions.txt").read_text(encoding="utf-8")
    return frozenset(word for line in text.splitlines() if not line.startswith("#") for word in line.split())
