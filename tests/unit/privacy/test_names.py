"""Which column names tell of personal data."""

from __future__ import annotations

import pytest

from aegis.privacy.names import is_credential, is_personal

PERSONAL = """email customer_email EMAIL emailAddress contactEMail phone phone_number mobile first_name lastName
full_name name customer_name billing_name username address ip_address ip client_ip ssn iban passport_no birth_date
date_of_birth dob password api_key token access_key street zip_code postcode tax_id credit_card card_number
nachname customeremail Name doctor_name""".split()  # noqa: SIM905
HARMLESS = """order_id customer_id status amount source created_at table_name file_name product_name event_name
carrier_name airport_name country is_email_valid email_count has_phone phone_verified description dep_delay tailnum
carrier origin dest time_hour ship_date zipper recipe tip_amount equipment token_count""".split()  # noqa: SIM905


@pytest.mark.parametrize("name", PERSONAL)
def test_a_name_that_tells_of_a_person_is_personal(name: str) -> None:
    assert is_personal(name)


@pytest.mark.parametrize("name", HARMLESS)
def test_a_name_of_a_thing_is_not(name: str) -> None:
    assert not is_personal(name)


@pytest.mark.parametrize(
    "name", ["password", "user_password", "api_key", "apiKey", "DB_PASSWD", "secret", "dbpassword"]
)
def test_a_credential_is_known(name: str) -> None:
    assert is_credential(name)
    assert is_personal(name)


@pytest.mark.parametrize("name", ["", "___", "order_key", "primary_key", "email"])
def test_other_names_are_no_credentials(name: str) -> None:
    assert not is_credential(name)
