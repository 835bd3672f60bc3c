"""Seeded faults, and for each what a model might write: fixes that are right, useless, partial and harmful."""

from __future__ import annotations

from dataclasses import dataclass

from tests.unit.investigate.remediate.shop import RULES

SEEDS = range(5)


@dataclass(frozen=True)
class Fault:
    """What breaks a rule, and scripted fixes by the verdict that each must get. ``{first}`` is the id of the first bad
    row, ``{last}`` that of the last; bad rows are ``id between {first} and {last}``, at least two."""

    rule: str
    breaks: str
    fixes: tuple[tuple[str, str], ...]

    def of(self, seed: int) -> list[tuple[str, str]]:
        """One fix of each verdict: another one for another seed, so that all have their turn."""
        by_verdict: dict[str, list[tuple[str, str]]] = {}
        for fix in self.fixes:
            by_verdict.setdefault(fix[0], []).append(fix)
        assert all(len(fixes) <= len(SEEDS) for fixes in by_verdict.values())
        return [fixes[seed % len(fixes)] for fixes in by_verdict.values()]


FROM_CUSTOMERS = (
    "update raw.orders set email = c.email from raw.customers as c where c.id = orders.customer_id and orders.email is "
    "null"
)
SEVERAL = "id in (select id from raw.orders group by id having count(*) > 1)"
BAD = "id between {first} and {last}"
COPIES = (
    "delete from raw.orders where rowid in (select rowid from (select rowid, row_number() over (partition by {key} "
    "order by rowid) as n from raw.orders) as d where n > 1)"
)
WIPE = ("harmful", "delete from raw.orders where id >= 50")

FAULTS = (
    Fault(
        "email not null",
        f"update raw.orders set email = null where {BAD}",
        (
            ("verified", FROM_CUSTOMERS),
            ("partial", FROM_CUSTOMERS + " and orders.id = {first}"),
            ("partial", "update raw.orders set email = 'c7@x.y' where email is null"),
            ("partial", "delete from raw.orders where email is null"),
            ("harmful", FROM_CUSTOMERS.replace("= c.email", "= 'unknown'")),
            ("useless", "update raw.orders set email = trim(email) where email is null"),
            ("harmful", "update raw.orders set email = 'unknown' where email is null"),
            ("harmful", "update raw.orders set email = '' where email is null"),
            WIPE,
        ),
    ),
    Fault(
        "id unique",
        f"insert into raw.orders select * from raw.orders where {BAD}",
        (
            ("verified", COPIES.format(key="id")),
            ("partial", COPIES.format(key="id") + " and id = {first}"),
            ("useless", "delete from raw.orders where id < 0"),
            ("harmful", f"delete from raw.orders where {SEVERAL}"),
            ("harmful", f"update raw.orders set id = id + 10000 + rowid where {SEVERAL}"),
            ("harmful", "delete from raw.orders where id <= {first}"),
        ),
    ),
    Fault(
        "id and code unique",
        f"insert into raw.orders select * from raw.orders where {BAD}",
        (
            ("verified", COPIES.format(key="id, code")),
            ("partial", COPIES.format(key="id, code") + " and id = {first}"),
            ("useless", "delete from raw.orders where code = 'nothing'"),
            ("harmful", "delete from raw.orders where id between {first} and {last}"),
        ),
    ),
    Fault(
        "status",
        f"update raw.orders set status = case when id = {{first}} then 'Shiped' else ' PLACED' end where {BAD}",
        (
            ("verified", "update raw.orders set status = case status when 'Shiped' then 'shipped' else 'placed' end "
                         "where status in ('Shiped', ' PLACED')"),
            ("partial", "update raw.orders set status = 'shipped' where status = 'Shiped'"),
            ("useless", "update raw.orders set status = 'Shiped!' where status = 'Shiped'"),
            ("harmful", "update raw.orders set status = 'returned' where status in ('Shiped', ' PLACED')"),
            ("harmful", "update raw.orders set status = 'returned' where status = 'Shiped'"),
            ("harmful", "update raw.orders set status = null where status in ('Shiped', ' PLACED')"),
            ("harmful", "update raw.orders set status = 'placed' where id > 5"),
        ),
    ),
    Fault(
        "customer",
        f"update raw.orders set customer_id = 9000 + id where {BAD}",
        (
            ("partial", "delete from raw.orders where customer_id not in (select id from raw.customers)"),
            ("partial", "delete from raw.orders where customer_id = 9000 + {first}"),
            ("useless", "update raw.orders set customer_id = customer_id + 1 where customer_id >= 9000"),
            ("harmful", "update raw.orders set customer_id = null where customer_id >= 9000"),
            ("harmful", "update raw.orders set customer_id = 1 where customer_id >= 9000"),
            ("harmful", "delete from raw.orders where customer_id > 10"),
        ),
    ),
    Fault(
        "note",
        f"update raw.orders set note = '  ' where {BAD}",
        (
            ("verified", "update raw.orders set note = null where trim(note) = ''"),
            ("partial", "update raw.orders set note = null where trim(note) = '' and id = {first}"),
            ("useless", "update raw.orders set note = '' where note = '  '"),
            ("harmful", "update raw.orders set note = null where note is not null and id > 3"),
            ("harmful", "update raw.orders set note = 'none' where trim(note) = ''"),
            WIPE,
        ),
    ),
    Fault(
        "amount",
        f"update raw.orders set amount = -amount, net = -net - 500 where {BAD}",
        (
            ("verified", "update raw.orders set amount = -amount where amount < 0"),
            ("partial", "update raw.orders set amount = -amount where amount < 0 and id = {first}"),
            ("useless", "update raw.orders set amount = amount - 1 where amount between -400 and -1"),
            ("harmful", "update raw.orders set amount = 0 where amount < 0"),
            ("harmful", "update raw.orders set amount = null where amount < 0"),
            ("harmful", "update raw.orders set amount = abs(amount), quantity = 1 where amount < 0"),
            ("harmful", "update raw.orders set amount = amount + 900 where amount < 200"),
        ),
    ),
    Fault(
        "code",
        f"update raw.orders set code = ' a' || substr(code, 2) where {BAD}",
        (
            ("verified", "update raw.orders set code = upper(trim(code)) where code like ' a%'"),
            ("partial", "update raw.orders set code = upper(trim(code)) where code like ' a%' and id = {first}"),
            ("useless", "update raw.orders set code = trim(code) where code like ' a%'"),
            ("harmful", "update raw.orders set code = 'A-1' where code like ' a%'"),
            ("harmful", "update raw.orders set code = 'A-' || id where id >= 0"),
            ("harmful", "update raw.orders set code = '' where code like ' a%'"),
        ),
    ),
    Fault(
        "quantity",
        f"update raw.orders set quantity = quantity * 1000 where {BAD}",
        (
            ("verified", "update raw.orders set quantity = quantity // 1000 where quantity > 100"),
            ("partial", "update raw.orders set quantity = quantity // 1000 where quantity > 100 and id = {first}"),
            ("useless", "update raw.orders set quantity = quantity // 2 where quantity > 100"),
            ("harmful", "update raw.orders set quantity = quantity // 1000 where quantity > 2"),
            ("harmful", "update raw.orders set quantity = 100 where quantity > 100"),
        ),
    ),
    Fault(
        "net",
        f"update raw.orders set net = net * 100 where {BAD}",
        (
            ("verified", "update raw.orders set net = net / 100 where net > amount"),
            ("partial", "update raw.orders set net = net / 100 where net > amount and id = {first}"),
            ("useless", "update raw.orders set net = net - 1 where net > amount"),
            ("harmful", "update raw.orders set net = null where net > amount"),
            ("harmful", "update raw.orders set amount = 2000 where net > amount"),
            ("harmful", "update raw.orders set net = net, status = 'lost' where net > amount"),
        ),
    ),
    Fault(
        "dates",
        f"update raw.orders set created_at = updated_at, updated_at = created_at where {BAD}",
        (
            ("verified", "update raw.orders set created_at = updated_at, updated_at = created_at "
                         "where created_at > updated_at"),
            ("partial", "update raw.orders set created_at = updated_at, updated_at = created_at "
                        "where created_at > updated_at and id = {first}"),
            ("useless", "update raw.orders set created_at = created_at + interval 1 day where created_at > updated_at"),
            ("harmful", "update raw.orders set created_at = null where created_at > updated_at"),
            ("harmful", "update raw.orders set created_at = timestamp '2020-01-01' where created_at > updated_at"),
        ),
    ),
    Fault(
        "kind",
        f"update raw.orders set kind = 'test' where {BAD}",
        (
            ("verified", "delete from raw.orders where kind = 'test'"),
            ("partial", "delete from raw.orders where kind = 'test' and id = {first}"),
            ("useless", "update raw.orders set kind = 'n/a' where kind = 'test'"),
            ("harmful", "delete from raw.orders where kind in ('test', 'web')"),
            ("harmful", "update raw.orders set kind = ' ' where kind = 'test'"),
        ),
    ),
)  # fmt: skip

assert {fault.rule for fault in FAULTS} <= set(RULES)


def rows_of(seed: int) -> dict[str, int]:
    """The bad rows of a seed: 2 to 10 of them, somewhere between 20 and 80."""
    first = 20 + 11 * seed
    return {"first": first, "last": first + 1 + 2 * seed}
