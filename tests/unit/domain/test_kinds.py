"""Kinds and verdicts, and what follows from each."""

from __future__ import annotations

import json

import pytest
from pydantic import ValidationError

from aegis.domain.kinds import EvidenceKind, OriginKind, ProposalKind, Verdict
from aegis.domain.report import Rca


def test_a_kind_of_before_schema_1_5_is_read_and_another_word_is_refused() -> None:
    told = {"origin": "source.shop.raw.orders", "confidence": 0.9}
    assert Rca.model_validate_json(json.dumps({**told, "kind": "arrived_bad"})).kind is OriginKind.BAD_SOURCE_DATA
    with pytest.raises(ValidationError):
        Rca.model_validate_json(json.dumps({**told, "kind": "elsewhere"}))


def test_a_change_of_rows_is_no_fix_where_the_next_build_undoes_it() -> None:
    assert {kind for kind in OriginKind if kind.of_code} == {"logic", "join", "error", "code_changed"}
    assert {kind for kind in OriginKind if kind.of_file} == {"logic", "join", "lost_rows", "code_changed"}


def test_faults_of_all_rows_are_one_fault_whichever_column_shows_them() -> None:
    assert {kind for kind in OriginKind if not kind.of_all_rows} == {"bad_source_data", "logic", "unknown"}


def test_only_what_does_no_harm_and_some_good_may_be_suggested() -> None:
    assert [verdict for verdict in Verdict if verdict.may_be_suggested] == ["verified", "partial", "not tried"]
    assert [verdict for verdict in Verdict if verdict.helps] == ["verified", "partial"]
    assert Verdict.USELESS.rank < Verdict.HARMFUL.rank


def test_an_action_has_no_language_and_evidence_of_others_is_known() -> None:
    assert {kind: kind.language for kind in ProposalKind} == {
        ProposalKind.DATA_FIX: "sql",
        ProposalKind.MODEL_FIX: "diff",
        ProposalKind.UPSTREAM_ACTION: None,
    }
    assert {kind for kind in EvidenceKind if kind.of_others} == {"change", "neighbours", "proof"}
