"""How much of what is personal or secret is masked, and how much of ordinary text: ``python -m tools.privacy_measure``.

Takes ``privacy_corpus.toml``, looks what becomes of each text in a message, in strict mode, and writes the figures into
docs/explanation/privacy.md; ``--print`` only prints them, with what was missed and what was masked wrongly.
"""

from __future__ import annotations

import sys
import tomllib
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from aegis.privacy import Redactor
from aegis.privacy.names import is_personal

ROOT = Path(__file__).parents[1]
CORPUS = Path(__file__).with_suffix("").parent / "privacy_corpus.toml"
PAGE = ROOT / "docs" / "explanation" / "privacy.md"
BEGIN, END = "<!-- measured: begin -->", "<!-- measured: end -->"
#: What a secret is in the corpus. It has the shape of no vendor's keys.
SECRET = "Qz7vR2mKp9Xw4LtB"
#: Where a text stands in a message.
MESSAGES = ("{}", "row 7 has {} in it", "seen: {}.")

PERSONAL_COLUMNS = """first_name last_name full_name customer_name Surname given_name maiden_name middleName
nickname username email Email_Address contactEmail phone mobile_no fax telephone_number date_of_birth dob birthday
ssn social_security_number passport_no iban account_number credit_card cardNumber cvv street address_line1
billing_address zip postcode ip_address client_ip mac_address tax_id national_id drivers_license nachname vorname
geburtsdatum telefon strasse nombre apellidos correo direccion prenom courriel naissance doctor_name patient_name
login password api_key secret_token passphrase signature fingerprint""".split()  # noqa: SIM905
ORDINARY_COLUMNS = """order_id customer_id id status amount net_amount qty price currency country country_code region
city_id source channel created_at updated_at loaded_at order_date ship_date product_name file_name table_name event_name
brand_name carrier_name airport_name host_name model_name description category type flag is_active is_email_valid
has_phone email_count phone_verified token_count rate pct_change tailnum carrier origin dest dep_delay
time_hour sku ean lot
version uuid hash rank score weight height width length session_id page_url browser device os utm_source zone shelf
bin weekday month year recipe equipment zipper tip_amount""".split()  # noqa: SIM905


@dataclass(frozen=True)
class Line:
    """Of one kind: how many texts, of how many something is masked, and those of which the wrong thing came."""

    kind: str
    total: int
    masked: int
    wrong: tuple[str, ...]


def measured() -> dict[str, list[Line]]:
    """The figures, by section of the corpus, and of the names of columns."""
    corpus = tomllib.loads(CORPUS.read_text(encoding="utf-8"))
    redactor = Redactor()

    def hidden(text: str) -> bool:
        return all(text not in redactor.text(message.format(text)) for message in MESSAGES)

    def touched(text: str) -> bool:
        return any(redactor.text(message.format(text)) != message.format(text) for message in MESSAGES)

    def taken_out(form: str) -> bool:
        text = form.replace("{}", SECRET)
        return all(SECRET not in redactor.text(message.format(text)) for message in MESSAGES)

    columns = {"names of columns": PERSONAL_COLUMNS}
    ordinary = {**corpus["ordinary"], "names of columns": ORDINARY_COLUMNS}
    return {
        "personal": [*_lines(corpus["personal"], hidden, wanted=True), *_lines(columns, is_personal, wanted=True)],
        "ordinary": [
            *_lines(corpus["ordinary"], touched, wanted=False),
            *_lines({"names of columns": ordinary["names of columns"]}, is_personal, wanted=False),
        ],
        "secrets": _lines(corpus["secrets"], taken_out, wanted=True),
        "harmless": _lines(corpus["harmless"], touched, wanted=False),
    }


def _lines(kinds: Mapping[str, list[str]], is_masked: Callable[[str], bool], *, wanted: bool) -> list[Line]:
    found = []
    for kind, texts in kinds.items():
        masked = [text for text in texts if is_masked(text)]
        wrong = [text for text in texts if (text in masked) is not wanted]
        found.append(Line(kind, len(texts), len(masked), tuple(wrong)))
    return found


def share(lines: list[Line]) -> float:
    """The share of texts that are masked, 0 to 1."""
    return sum(line.masked for line in lines) / sum(line.total for line in lines)


HEADINGS = {
    "personal": "Personal data that is masked",
    "ordinary": "Ordinary text that is masked by mistake",
    "secrets": "Secrets that are taken out",
    "harmless": "Text without a secret that loses something",
}


def page(figures: Mapping[str, list[Line]]) -> str:
    """The tables of the documentation."""
    parts = []
    for section, lines in figures.items():
        rows = [f"| {line.kind} | {line.masked} of {line.total} | {_examples(line)} |" for line in lines]
        total = f"| **together** | **{100 * share(lines):.1f}%** | |"
        parts.append(
            "\n".join([f"**{HEADINGS[section]}**", "", "| kind | masked | wrong |", "|---|---|---|", *rows, total])
        )
    return "\n\n".join(parts)


def _examples(line: Line) -> str:
    return ", ".join(f"`{text.replace('|', '/')}`" for text in line.wrong)


def main(*arguments: str) -> None:
    text = page(measured())
    print(text)
    if "--print" not in arguments:
        before, _, rest = PAGE.read_text(encoding="utf-8").partition(BEGIN)
        _, _, after = rest.partition(END)
        PAGE.write_text(f"{before}{BEGIN}\n\n{text}\n\n{END}{after}", encoding="utf-8")


if __name__ == "__main__":
    main(*sys.argv[1:])
