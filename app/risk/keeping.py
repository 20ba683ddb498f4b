"""Findings become cases: one undecided case of each rule about each subject, however often it is found."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import Any

from app.common.database import Transaction
from app.common.ids import new_id
from app.common.sql import Statement
from app.risk.seen import Finding

MOST_ROWS = 60  # of evidence, the latest
_KEEP = Statement(
    """
    INSERT INTO risk_case (id, rule, subject_kind, subject_id, merchant_id, location_id, status, score, soft, at_stake,
        evidence, opened_at, first_at, last_at)
    VALUES (:id, :rule, :subject_kind, :subject_id, :merchant_id, :location_id, 'open', :score, :soft, :at_stake,
        :evidence, :now, :first_at, :last_at)
    ON CONFLICT (rule, subject_kind, subject_id) WHERE status IN ('open', 'asked') DO UPDATE SET
        evidence = CASE WHEN excluded.score >= risk_case.score THEN excluded.evidence ELSE risk_case.evidence END,
        at_stake = CASE WHEN excluded.score >= risk_case.score THEN excluded.at_stake ELSE risk_case.at_stake END,
        score = CASE WHEN excluded.score >= risk_case.score THEN excluded.score ELSE risk_case.score END,
        last_at = CASE WHEN excluded.last_at > risk_case.last_at THEN excluded.last_at ELSE risk_case.last_at END
    RETURNING id
    """
)


def keep(tx: Transaction, finding: Finding, *, now: datetime, cards: Mapping[str, str]) -> bool:
    """Open a case, or let an undecided one about the same subject grow. Returns whether it is new. ``cards`` leads from
    numbers to ids; a card that is not in it is none of ours any more, and makes no case."""
    subject = finding.subject
    if finding.subject_kind == "card":
        if subject not in cards:
            return False
        subject = cards[subject]
    told = dict(finding.told)
    if "card" in told:
        told["card"] = cards.get(told["card"])
    made = new_id()
    row: dict[str, Any] = {
        "id": made,
        "rule": finding.rule,
        "subject_kind": finding.subject_kind,
        "subject_id": subject,
        "merchant_id": finding.merchant_id,
        "location_id": finding.location_id,
        "score": finding.score,
        "soft": finding.soft,
        "at_stake": max(0, finding.at_stake),
        "evidence": json.dumps(_evidence(finding, told), separators=(",", ":")),
        "now": now,
        "first_at": finding.first_at,
        "last_at": finding.last_at,
    }
    return bool(tx.rows(_KEEP, row)[0][0] == made)


def numbers_in(findings: Sequence[Finding]) -> set[str]:
    """The numbers of all cards that these are about."""
    found = {one.subject for one in findings if one.subject_kind == "card"}
    return found | {str(one.told["card"]) for one in findings if one.told.get("card")}


def _evidence(finding: Finding, told: Mapping[str, Any]) -> dict[str, Any]:
    rows = finding.rows[-MOST_ROWS:]
    return {
        **told,
        "rows": [[at.isoformat(), member_id, transaction, location] for at, member_id, transaction, location in rows],
        "all": len(finding.rows),
        "members": sorted(finding.members),
    }
