"""A warehouse class of somebody's own: three methods are enough, and nothing that it does is trusted."""

from __future__ import annotations

import sqlite3
import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from aegis.errors import WarehouseError
from aegis.warehouse.base import Rows, Sandbox, Warehouse
from aegis.warehouse.classes import Given, class_of, made


class Shop:
    """SQLite refuses a connection in another thread than its own."""

    dialect = "sqlite"

    def __init__(self) -> None:
        self.asked: list[str] = []
        self.threads: set[int] = set()

    def connect(self) -> None:
        self.connection = sqlite3.connect(":memory:")
        self.connection.executescript("create table t (a, b); insert into t values (1, 'x'), (2, null)")

    def execute_scalar(self, sql: str) -> object:
        return self.execute_sample(sql, 1)[0].popitem()[1]

    def execute_sample(self, sql: str, limit: int) -> list[dict[str, object]]:
        self.asked.append(sql)
        self.threads.add(threading.get_ident())
        cursor = self.connection.execute(sql)
        return [dict(zip([one[0] for one in cursor.description], row, strict=True)) for row in cursor]


@pytest.fixture
def shop() -> Iterator[Any]:
    found = made(Shop(), Given())
    yield found
    found.close()


def test_it_is_a_warehouse(shop: Any) -> None:
    assert isinstance(shop, Warehouse) and not isinstance(shop, Sandbox)
    assert shop.execute_scalar("select count(*) as n from t") == 2
    assert shop.execute_sample("select a, b from t order by a", 1) == Rows(("a", "b"), ((1, "x"),))


def test_all_its_methods_are_called_in_one_thread_whoever_asks(shop: Any) -> None:
    with ThreadPoolExecutor(8) as pool:
        found = list(pool.map(lambda _: shop.execute_scalar("select count(*) as n from t"), range(40)))
    assert found == [2] * 40
    assert len(shop.own.threads) == 1 and threading.get_ident() not in shop.own.threads


@pytest.mark.parametrize(
    "sql",
    ["delete from t", "select 1; delete from t", "pragma writable_schema = 1", "select load_extension('x')",
     "attach 'x' as y", "with d as (delete from t returning *) select * from d"],
)  # fmt: skip
def test_what_does_more_than_read_never_reaches_it(shop: Any, sql: str) -> None:
    shop.connect()
    for ask in (shop.execute_sample, shop.execute_rules):
        with pytest.raises(WarehouseError, match="not run"):
            ask(sql, 1)
    with pytest.raises(WarehouseError, match="not run"):
        shop.execute_scalar(sql)
    assert shop.own.asked == []


def class_with(**changes: object) -> Any:
    return type("Changed", (Shop,), changes)


def answering(answer: object) -> Any:
    return class_with(execute_sample=lambda self, sql, limit: answer)


@pytest.mark.parametrize(
    ("answer", "told"),
    [
        (None, "gives NoneType"),
        ("text", "gives str"),
        ([(1, 2)], "gives list"),
        ([{"a": 1}, {"b": 1}], "rows of different columns"),
        (Rows(("a", "b"), ((1,),)), "not a value for each column"),
    ],
)
def test_an_answer_that_is_no_rows_is_an_error_and_not_an_answer(answer: object, told: str) -> None:
    found = made(answering(answer), Given())
    with pytest.raises(WarehouseError, match=told):
        found.execute_sample("select a from t", 5)
    found.close()


def test_more_rows_than_were_asked_for_are_cut_off() -> None:
    found = made(answering([{"a": number} for number in range(100)]), Given())
    assert len(found.execute_sample("select a from t", 3).rows) == 3
    found.close()


def fails(*_: object) -> None:
    raise RuntimeError("the tunnel is shut")


@pytest.mark.parametrize(
    ("changes", "told"),
    [
        ({"connect": fails}, "cannot be reached: RuntimeError: the tunnel is shut"),
        ({"connect": None}, r"has no connect\(\)"),
        ({"execute_scalar": None, "execute_sample": 3}, r"has no execute_scalar\(\); it has no execute_sample\(\)"),
        ({"dialect": None}, "does not say which SQL it speaks"),
        ({"dialect": "postgresql"}, "has the dialect 'postgresql'"),
        ({"__init__": fails}, "cannot be made: RuntimeError"),
        ({"__init__": lambda self, host, settings: None}, "its constructor wants host"),
        ({"execute_sample": lambda self, sql: []}, "TypeError"),
    ],
)
def test_what_is_wrong_with_a_class_is_said_in_one_message(changes: dict[str, object], told: str) -> None:
    with pytest.raises(WarehouseError, match=told):
        made(class_with(**changes), Given()).execute_sample("select a from t", 1)


@pytest.mark.parametrize(
    ("name", "told"),
    [
        ("nosuch_module:Shop", "cannot be imported: ModuleNotFoundError"),
        ("sqlite3:Conection", "Did you mean Connection"),
        ("nosuch", "there is no warehouse class 'nosuch'"),
    ],
)
def test_a_name_that_leads_nowhere_is_told_with_what_is_near(name: str, told: str) -> None:
    with pytest.raises(WarehouseError) as error:
        class_of(name)
    assert told in str(error.value)


def test_a_constructor_gets_what_it_names_and_nothing_else() -> None:
    class Told(Shop):
        def __init__(self, settings: dict[str, str], timeout: float, other: int = 7, url: str = "none") -> None:
            super().__init__()
            self.told = (settings, timeout, other, url)

    given = Given({"password": "canary"}, None, "dev", 5.0)
    assert made(Told, given).own.told == ({"password": "canary"}, 5.0, 7, "none")
    assert "canary" not in repr(given)


def test_a_query_that_does_not_end_is_given_up_and_holds_nothing_up() -> None:
    released = threading.Event()
    stuck = class_with(execute_sample=lambda self, sql, limit: released.wait(60) and [])
    found = made(stuck, Given(timeout=0.2))
    began = time.monotonic()
    with pytest.raises(WarehouseError, match=r"longer than 0\.2 s"):
        found.execute_sample("select a from t", 1)
    with pytest.raises(WarehouseError, match="has not ended"):
        found.execute_sample("select a from t", 1)
    found.close()
    assert time.monotonic() - began < 5
    released.set()


def test_its_own_sandbox_is_a_capability() -> None:
    found = made(class_with(sandbox=lambda self, relations, limits: None), Given())
    assert isinstance(found, Sandbox)
