"""Keys of vendors are known by their shape, and by how little their signs repeat."""

from __future__ import annotations

import pytest

from aegis.privacy.vendor import entropy, without_keys

SIGNS = "k7Qz3mVt9XcB2nRw5LpY8dHs4FgJ6aUe1TiO0Nx"
KEYS = {
    "AWS": "AKIA" + "Q3XCVB2NRW5LPYDH",
    "Databricks": "dapi" + "0a1b2c3d4e5f60718293a4b5c6d7e8f9",
    "GitHub": "ghp_" + SIGNS[:36],
    "GitLab": "glpat-" + SIGNS[:20],
    "Google": "AIza" + SIGNS[:35],
    "Slack": "xoxb-" + "123456789012-123456789012-" + SIGNS[:24],
    "Stripe": "sk_live_" + SIGNS[:24],
}


@pytest.mark.parametrize("vendor", KEYS)
@pytest.mark.parametrize("text", ["{}", "it was {} then", "a='{}'"])
def test_a_key_is_taken_out_and_what_stands_around_it_stays(vendor: str, text: str) -> None:
    assert without_keys(text.format(KEYS[vendor]), "…") == text.format("…")


@pytest.mark.parametrize(
    ("start", "signs"), [("AKIA", "A2" * 8), ("ghp_", "a2" * 18), ("glpat-", "a2" * 10), ("AIza", "a2b" * 12)]
)
def test_signs_that_repeat_are_no_key(start: str, signs: str) -> None:
    assert without_keys(f"it was {start}{signs} then", "…") == f"it was {start}{signs} then"


def test_entropy_is_in_bits_a_sign() -> None:
    assert entropy("aaaa") == 0
    assert entropy("abab") == 1
    assert entropy("abcd") == 2
    assert entropy("aab") == pytest.approx(0.9183, abs=1e-4)
