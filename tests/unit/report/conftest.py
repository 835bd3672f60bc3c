"""Hand-made reports: what every renderer is shown."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from aegis.domain.asked import Omission, Why
from aegis.domain.privacy import MASK, Privacy
from aegis.domain.report import BlastRadius, Exposure, Finding, Notice, Reason, Report, Sample
from aegis.domain.results import Result, ResultKind, Status
from aegis.domain.severity import Level, Severity
from tests.unit.report.build import BROKEN, START, a_finding, a_report, a_result
from tests.unit.report.caused import caused


def all_pass() -> Report:
    return a_report([a_result(f"orders_rule_{number}") for number in range(48)])


def _usual_results() -> list[Result]:
    failed: dict[str, Any] = {"status": Status.FAIL}
    raw: dict[str, Any] = {**failed, "table": "raw.orders", "node": "source.shop.raw.orders"}
    fct: dict[str, Any] = {"table": "fct_orders", "node": "model.shop.fct_orders"}
    return [
        a_result(
            "raw_orders_customer_id_not_null",
            **raw,
            severity=Severity.HIGH,
            column="customer_id",
            rows_failed=1_230,
            failing_keys=(1041, 1042, 1050, 1066, 1071),
            failing_rows_sql='select * from "raw"."orders" where "customer_id" is null and status <> \'test\'',
            owner="orders-team",
            description="Every order belongs to a customer; revenue per customer is wrong without it.",
            runbook="https://wiki.example.org/orders#customer-id",
            path="rules/orders.yml",
        ),
        a_result(
            "raw_orders_qty_between",
            **raw,
            rule_type="between",
            column="qty",
            rows_failed=3,
            expected="from 1 to 100",
            observed="min -3, max 100",
            failing_keys=(7, 8, 90),
            failing_rows_sql='select * from "raw"."orders" where not ("qty" between 1 and 100)',
        ),
        a_result(
            "fct_orders_customer_id_foreign_key",
            **failed,
            **fct,
            rule_type="foreign_key",
            severity=Severity.HIGH,
            column="customer_id",
            rows_failed=1_230,
            expected="in customers.id",
            failing_keys=(["a", 1], ["b", 2]),
            failing_rows_sql="select f.*\nfrom fct_orders f\nwhere not exists (\n"
            "    select 1 from customers c where c.id = f.customer_id\n)",
        ),
        a_result(
            "fct_orders_status_accepted_values",
            status=Status.WARN,
            level=Level.WARN,
            **fct,
            rule_type="accepted_values",
            severity=Severity.LOW,
            column="status",
            rows_failed=41,
            expected="one of placed, shipped, returned",
            observed="1 other value: Shiped",
        ),
        a_result(
            "orders_freshness",
            **failed,
            table="orders",
            rule_type="freshness",
            severity=Severity.MEDIUM,
            rows_failed=1,
            expected="newer than 24 hours",
            observed="31 hours old",
        ),
        a_result(
            "dbt_utils_expression_is_true_orders_net",
            **failed,
            kind=ResultKind.TEST,
            table="orders",
            rule_type="dbt_utils.expression_is_true",
            rows_checked=None,
            rows_failed=12,
            message="Got 12 results, configured to fail if != 0",
        ),
    ]


def usual() -> Report:
    results = _usual_results()
    first = a_finding(
        1,
        results[0],
        effective_severity=Severity.CRITICAL,
        reasons=(
            Reason(what="regression", value=True, raised_by=1, text="passed in the last run"),
            Reason(what="blast_radius", value=3, raised_by=1, text="3 models and 1 exposure depend on it"),
        ),
        blast_radius=BlastRadius(
            models=("model.shop.stg_orders", "model.shop.fct_orders", "model.shop.daily_revenue"),
            exposures=(Exposure(name="Weekly revenue", type="dashboard", owner="finance"),),
        ),
        sample=Sample(
            columns=("order_id", "customer_id", "email", "source", "ordered_at"),
            rows=(
                (1041, None, MASK, "mobile", "2026-11-20 02:00:41"),
                (1042, None, MASK, "mobile", "2026-11-20 02:01:07"),
                (1050, None, None, "web", "2026-11-20 02:03:55"),
                (1066, None, MASK, "mobile", "2026-11-20 02:04:00"),
            ),
            query="select * from raw.orders where customer_id is null limit 5",
            redacted=("email",),
        ),
    )
    broken = a_result(
        "customers_vat_regex",
        **BROKEN,
        table="customers",
        rule_type="regex_match",
        column="vat_id",
        message='column "vat_id" does not exist in stg_customers (near: "vat")',
    )
    passed = [a_result(f"orders_rule_{number}") for number in range(1_402)]
    skipped = a_result("daily_revenue_rows", status=Status.SKIPPED, table="daily_revenue", rows_checked=None)
    report = a_report([*results, broken, *passed, skipped], [first, *map(a_finding, range(2, 7), results[1:])])
    return report.model_copy(update={"privacy": Privacy(mode="strict")})


def causes() -> Report:
    return caused(usual())


def not_run() -> Report:
    results = [
        a_result(
            f"stg_payments_rule_{number}",
            **BROKEN,
            table="stg_payments",
            message="Database Error in test stg_payments (tests/aegis/stg_payments.sql)\n"
            f"  Catalog Error: Table with name stg_payments does not exist! ({number})\n  Did you mean payments?",
        )
        for number in range(5)
    ]
    model = a_result("model.shop.stg_payments", status=Status.ERROR, kind=ResultKind.MODEL, table=None, message=None)
    notice = Notice(
        what="run_results.json is of another invocation than manifest.json",
        where="target",
        hint="Build again before you trust the lineage.",
    )
    fatal = Notice(what="the audit trail could not be written: disk full", where="~/.aegis/history.db", fatal=True)
    return a_report([*results, model], errors=[notice, fatal])


HOSTILE = (
    "\x1b[2J\x1b]0;owned\x07[red]bold[/red]\r\n::error::pwned\n##[error]x ##vso[task.x]y\u202egnp.exe\u2066\x9b31m "
    "@octocat #1 ![i](http://x.io/a.png) [l](javascript:x) <script>alert(1)</script> </details> ```` `x` ``\n```\n"
    "| a | b |\n# head\n&lt;b&gt; https://evil.example user@evil.example \ud800 \x00"
)


def hostile() -> Report:
    """One finding in which every text is an attack."""
    text = HOSTILE
    names = ["unique_id", "rule_type", "node", "table", "column", "observed", "expected", "message", "owner"]
    everywhere = dict.fromkeys([*names, "description", "runbook", "path"], text)
    keys = (text, [text, {text: text}], float("nan"), None, True)
    sql = f"select '{text}'\n::int"
    failed: dict[str, Any] = {"status": Status.FAIL, "rows_failed": 1, "failing_keys": keys, "failing_rows_sql": sql}
    result = a_result(text, **everywhere, **failed, tags=(text,))
    finding = a_finding(
        1,
        result,
        reasons=(Reason(what="x", value=text, raised_by=1, text=text),),
        blast_radius=BlastRadius(models=(text,), exposures=(Exposure(name=text, type=text, owner=text),)),
        sample=Sample(columns=(text, "b"), rows=((text, float("inf")),), query=text),
        diagnosis=text,
    )
    broken = a_result(text, unique_id="x", status=Status.ERROR, table=text, message=text)
    notice = Notice(what=text, where=text, hint=text)
    run = dict.fromkeys(["run_id", "dbt_version", "adapter", "llm", "aegis_version"], text)
    return a_report([result, broken], [finding], [notice], **run)


def thousand() -> Report:
    """1,000 results in 20 tables, 100 findings."""
    results: list[Result] = []
    findings: list[Finding] = []
    for number in range(1_000):
        table = f"table_{number % 20}"
        failing = number % 10 == 0
        result = a_result(
            f"{table}_rule_{number}",
            unique_id=f"test.shop.{table}",
            table=table,
            node=f"model.shop.{table}",
            column=f"column_{number % 7}",
            **({"status": Status.FAIL, "rows_failed": number + 1} if failing else {}),
            severity=list(Severity)[number // 10 % 5],
            rows_checked=2_000_000,
            failing_keys=(number, number + 1),
            failing_rows_sql=f"select * from {table} where column_{number % 7} is null" if failing else None,
        )
        results.append(result)
        if failing:
            models = (f"model.shop.child_{number}",)
            findings.append(a_finding(len(findings) + 1, result, blast_radius=BlastRadius(models=models)))
    return a_report(results, findings)


def left_out() -> Report:
    """Rules that were not to run, drafts that did not pass, and artifacts that are older than the files."""
    skipped: dict[str, Any] = {**BROKEN, "status": Status.SKIPPED, "message": "skipped because model raw failed"}
    results = [
        a_result("orders_id_not_null"),
        a_result("orders_gone_not_null", **BROKEN, message='column "gone" does not exist in orders'),
        a_result("labels_id_not_null", **skipped, table="labels"),
        a_result("orders_draft", status=Status.WARN, rows_failed=3, level=Level.NONE),
    ]
    disabled: tuple[Why, str] = ("disabled", "its table returns is disabled in the dbt project")
    said: list[tuple[str, Why, str]] = [
        *((f"returns_rule_{number}", *disabled) for number in range(1, 6)),
        ("sales_id_unique", "deselected", "not selected by `dbt build --exclude tag:\x1b[31mslow`"),
        ("orders_old", "deprecated", "deprecated rules do not run"),
    ]
    omitted = [Omission(rule_id=name, rule_type="unique", why=why, text=text) for name, why, text in said]
    doubt = Notice(what="2 files have changed since this build: models/a.sql, models/b.sql", hint="Build again.")
    report = a_report(results, dbt_generated_at=START, dbt_command="build", target="prod")
    counts = {
        "rules": 11,
        "disabled": 5,
        "deselected": 1,
        "deprecated": 1,
        "drafts": 1,
        "drafts_failed": 1,
        "exit_code": 3,
    }
    return report.model_copy(
        update={
            "omitted": tuple(omitted),
            "reservations": (doubt,),
            "summary": report.summary.model_copy(update={**counts, "exit_code": 3}),
        }
    )


BUILDERS: dict[str, Callable[[], Report]] = {
    "empty": a_report,
    "all_pass": all_pass,
    "usual": usual,
    "causes": causes,
    "not_run": not_run,
    "left_out": left_out,
    "hostile": hostile,
    "thousand": thousand,
}


@pytest.fixture(scope="session")
def reports() -> dict[str, Report]:
    return {name: build() for name, build in BUILDERS.items()}


@pytest.fixture(scope="session")
def result_of() -> Callable[..., Result]:
    return a_result


@pytest.fixture(scope="session")
def finding_of() -> Callable[..., Finding]:
    return a_finding


@pytest.fixture(scope="session")
def report_of() -> Callable[..., Report]:
    return a_report
