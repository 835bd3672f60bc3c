"""`aegis.testing` is public: its names are a promise."""

from __future__ import annotations

from aegis import testing


def test_the_names_are_those_that_were_promised() -> None:
    assert testing.__all__ == [
        "FakeModelServer", "Fault", "NothingScripted", "Received", "Reply", "Request", "Script", "When", "load_script",
    ]  # fmt: skip
    assert all(getattr(testing, name) for name in testing.__all__)
