"""``zegel support receive``: whatever a mail server hands in is taken, and nothing makes it send mails back."""

from __future__ import annotations

import json

import pytest
from click.testing import CliRunner, Result

from app.cli.commands import zegel
from app.common.database import Database
from app.common.scope import Scope
from app.support.queries import list_questions
from tests.admin.support.mailing import letter


@pytest.fixture
def hand_in(environment: dict[str, str]):
    def run(raw: bytes, **more: str) -> Result:
        return CliRunner().invoke(zegel, ["support", "receive", "--json"], input=raw, env={**environment, **more})

    return run


def test_a_mail_is_taken_in_once(hand_in, scope: Scope) -> None:
    for outcome in ("question", "repeated"):
        told = hand_in(letter())
        assert told.exit_code == 0, told.output
        assert json.loads(told.stdout) == {"outcome": outcome, "number": 1001}
    assert len(list_questions(scope)[0]) == 1


@pytest.mark.parametrize(
    "raw",
    [b"", b"\x00" * 1000, letter(Auto_Submitted="auto-replied"), letter(sender="zegel@card.example")],
    ids=["nothing", "rubbish", "absence", "own"],
)
def test_what_is_no_question_is_done_too(hand_in, scope: Scope, raw: bytes) -> None:
    told = hand_in(raw, MAIL_FROM="Zegel <zegel@card.example>")
    assert told.exit_code == 0, told.output
    assert json.loads(told.stdout)["outcome"] == "ignored"
    assert list_questions(scope)[0] == []


def test_fifty_megabytes_are_taken_and_cut(hand_in, scope: Scope) -> None:
    told = hand_in(letter("the question") + b"a" * (50 * 1024 * 1024))
    assert told.exit_code == 0, told.output
    assert len(list_questions(scope)[0]) == 1


def test_without_a_database_the_mail_is_handed_in_again(hand_in, database: Database) -> None:
    told = hand_in(letter(), DATABASE_URL="postgresql+psycopg://nobody@127.0.0.1:1/none?connect_timeout=1")
    assert told.exit_code == 75
    assert "anna" not in told.stderr
