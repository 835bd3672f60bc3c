"""The shop of ``integration_tests/shop``: its data, the rules that its people wrote, and what can go wrong in it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path

import yaml

from faultlab.generated import Lab, Model, Source

SHOP = Path(__file__).parents[1] / "integration_tests" / "shop"
MODELS = SHOP / "models"
RULES = SHOP / "rules" / "shop.yml"

SOURCES: Mapping[str, str] = {
    "customers": """
select i as id, 'Customer ' || i as name, 'c' || i || '@Example.org' as email,
    case when i % 50 = 0 then null else ['DE', 'FR', 'NL', 'IT', 'ES'][1 + (hash(i, 1) % 5)::int] end as country,
    timestamp '2025-01-01' + to_hours((hash(i, 2) % 8000)::int) as created_at, timestamp '2026-02-01' as updated_at
from range(1, 501) as r(i)
union all
select i, 'Customer ' || i, 'old' || i || '@example.org', 'DE', timestamp '2025-01-01', timestamp '2025-06-01'
from range(1, 501) as r(i) where i % 20 = 0""",
    "stores": """
select i as id, 'Store ' || i as name, ['north', 'south', 'east', 'west'][1 + (i % 4)::int] as region
from range(1, 11) as r(i)""",
    "products": """
select i as id, 'Product ' || i as name,
    case when i % 15 = 0 then null else ['toys', 'books', 'games'][1 + (hash(i, 3) % 3)::int] end as category
from range(1, 61) as r(i)""",
    "orders": """
select i as id, case when i % 40 = 0 then null else 1 + (hash(i, 4) % 500)::int end as customer_id,
    1 + (hash(i, 5) % 10)::int as store_id,
    case when i % 40 = 0 then 'test'
        else ['placed', 'paid', 'sent', 'returned'][1 + (hash(i, 6) % 4)::int] end as status,
    timestamp '2026-01-01' + to_minutes(i * 12) as ordered_at, i % 40 = 0 as is_test
from range(1, 4001) as r(i)""",
    "items": """
select o * 10 + n as id, o as order_id, 1 + (hash(o, n, 7) % 60)::int as product_id,
    1 + (hash(o, n, 8) % 3)::int as quantity, 500 + (hash(o, n, 9) % 9500)::int as price_cents
from range(1, 4001) as r(o), range(2) as s(n) where n = 0 or hash(o, 10) % 2 = 0""",
    "payments": """
select o as id, o as order_id, ['card', 'cash', 'gift'][1 + (hash(o, 11) % 3)::int] as method,
    100 + (hash(o, 12) % 900)::int as amount_cents, timestamp '2026-01-01' + to_minutes(o * 12 + 30) as paid_at,
    'settled' as state
from range(1, 4001) as r(o)
union all
select 100000 + o, o, 'card', 500000, timestamp '2026-01-01' + to_minutes(o * 12 + 20), 'refused'
from range(1, 4001) as r(o) where o % 9 = 0""",
}

SOURCE_FAULTS: Mapping[str, Mapping[str, str]] = {
    "customers": {
        "dropped_rows": "delete from {t} where hash(id, 3) % 8 = 0",
        "partial_load": "delete from {t} where id > 350",
        "blanked_text": "update {t} set name = '' where hash(id, 7) % 10 = 0",
        "unknown_category": "update {t} set country = 'XX' where hash(id, 6) % 12 = 0",
        "null_ids": "update {t} set id = null where hash(id, 1) % 25 = 0",
    },
    "orders": {
        "null_ids": "update {t} set customer_id = null where hash(id, 1) % 25 = 0",
        "duplicates": "insert into {t} select * from {t} where hash(id, 2) % 20 = 0",
        "dropped_rows": "delete from {t} where hash(id, 3) % 8 = 0",
        "time_shift": "update {t} set ordered_at = ordered_at + interval 10 year where hash(id, 5) % 9 = 0",
        "unknown_category": "update {t} set status = 'xx' where hash(id, 6) % 12 = 0",
        "partial_load": "delete from {t} where id > 2800",
    },
    "items": {
        "times_100": "update {t} set price_cents = price_cents * 100 where hash(id, 4) % 6 = 0",
        "duplicates": "insert into {t} select * from {t} where hash(id, 2) % 20 = 0",
        "null_ids": "update {t} set order_id = null where hash(id, 1) % 25 = 0",
        "partial_load": "delete from {t} where id > 28000",
    },
    "payments": {
        "times_100": "update {t} set amount_cents = amount_cents * 100 where hash(id, 4) % 6 = 0",
        "duplicates": "insert into {t} select * from {t} where hash(id, 2) % 20 = 0",
        "unknown_category": "update {t} set method = 'voucher?' where hash(id, 6) % 12 = 0",
    },
    "products": {
        "dropped_rows": "delete from {t} where id % 8 = 0",
        "duplicates": "insert into {t} select * from {t} where id % 10 = 0",
        "unknown_category": "update {t} set category = 'misc' where id % 12 = 0",
    },
    "stores": {
        "duplicates": "insert into {t} select * from {t} where id = 3",
        "dropped_rows": "delete from {t} where id = 4",
    },
}

MODEL_FAULTS: Mapping[str, Mapping[str, tuple[str, str]]] = {
    "stg_customers": {"missing_dedupe": ("where place = 1", ""), "wrong_default": ("'unknown'", "'?'")},
    "stg_orders": {
        "lost_filter": ("where not is_test", ""),
        "high_water_mark": ("where not is_test", "where not is_test and ordered_at > timestamp '2026-01-20'"),
    },
    "stg_payments": {
        "lost_filter": ("where state = 'settled'", ""),
        "wrong_unit": ("amount_cents / 100.0", "amount_cents / 1.0"),
    },
    "stg_products": {"wrong_default": ("'other'", "'???'")},
    "stg_items": {"wrong_unit": ("price_cents / 100.0", "price_cents / 1.0")},
    "order_totals": {"wrong_unit": ("sum(quantity * price)", "sum(quantity * price * 100)")},
    "fct_orders": {
        "wrong_key": ("o.order_id = t.order_id", "o.customer_id = t.order_id + 3000"),
        "inner_for_left": ("left join {{ ref('order_totals') }} as t on o.order_id = t.order_id",
                           "join {{ ref('order_totals') }} as t on o.order_id = t.order_id and t.items > 1"),
        "fan_out": ("on o.store_id = s.store_id", "on s.store_id in (o.store_id, o.store_id + 1)"),
    },
    "fct_items": {"wrong_key": ("i.product_id = d.product_id", "i.item_id = d.product_id")},
    "dim_customers": {"inner_for_left": ("left join orders", "join (select * from orders where orders > 3)")},
}  # fmt: skip

_REF = re.compile(r"\b(?:ref\('(\w+)'\)|source\('raw', '(\w+)'\))")


def shop() -> Lab:
    """The project as it stands in the repository."""
    models = []
    for path in sorted(MODELS.rglob("*.sql")):
        sql = path.read_text(encoding="utf-8").strip()
        faults = {kind: _changed(sql, *change) for kind, change in MODEL_FAULTS.get(path.stem, {}).items()}
        parents = tuple(dict.fromkeys(model or source for model, source in _REF.findall(sql)))
        models.append(Model(path.stem, sql, (), parents, faults))
    sources = tuple(Source(name, sql, ()) for name, sql in SOURCES.items())
    written = yaml.safe_load_all(RULES.read_text(encoding="utf-8"))
    rules = {document["table"]: document["rules"] for document in written if document}
    return Lab("shop", sources, tuple(models), rules, SOURCE_FAULTS)


def _changed(sql: str, old: str, new: str) -> str:
    if old not in sql:
        raise ValueError(f"the model does not say {old!r}")
    return sql.replace(old, new)
