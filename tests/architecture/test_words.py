"""One word for one thing in each language, whoever wrote the sentence: on pages, in mails and in the trades."""

import ast
import re
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[2]
# Other words for what the pages call otherwise.
OTHERS = {
    "nl": r"\bstempel(?!kussen)",  # zegel
    "fr": r"\btampon",  # timbre
    "de": r"\b(Läden|Marken?)\b|\b(Ihr|der|einen|kein) Laden\b",  # Geschäft; Stempel
}


def sentences(language: str) -> list[str]:
    """What people read in a language: the catalogue's answers, and the trades' templates."""
    catalogue = (ROOT / f"app/translations/{language}/LC_MESSAGES/messages.po").read_text()
    answers = re.findall(r'^msgstr(?:\[\d\])? (".*"(?:\n".*")*)', catalogue, re.MULTILINE)
    trades = "".join(path.read_text() for path in sorted((ROOT / "app/backoffice/trades").glob("*.toml")))
    return [*answers, *re.findall(rf'\b{language} = "([^"]*)"', trades)]


@pytest.mark.parametrize("language", OTHERS)
def test_a_thing_has_one_word(language: str) -> None:
    told = sentences(language)
    assert len(told) > 2000
    assert [sentence for sentence in told if re.search(OTHERS[language], sentence, re.IGNORECASE)] == []


def reasons_of_ours() -> set[str]:
    """The reasons that the service itself gives bookings: constants and words behind `reason=` where one is made."""
    found: set[str] = set()
    for path in sorted((ROOT / "app").rglob("*.py")):
        tree = ast.parse(path.read_text())
        constants = {
            target.id: node.value.value
            for node in tree.body
            if isinstance(node, ast.Assign) and isinstance(node.value, ast.Constant)
            for target in node.targets
            if isinstance(target, ast.Name)
        }
        for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
            name = call.func.attr if isinstance(call.func, ast.Attribute) else getattr(call.func, "id", "")
            if name not in ("book", "cancel_voucher", "book_reversal", "book_undoing", "give"):
                continue
            for told in (keyword.value for keyword in call.keywords if keyword.arg == "reason"):
                value = told.value if isinstance(told, ast.Constant) else constants.get(getattr(told, "id", ""))
                if isinstance(value, str):
                    found.add(value)
    return found


# Not in a member's history: both sides of a merge, and units that stay hers for longer. Practice is nobody's history.
UNTOLD = {"merge", "merge_undone", "closing_days", "training"}


def test_every_reason_of_ours_has_words_in_the_app_and_in_the_back_office() -> None:
    ours = (reasons_of_ours() | {"opening_balance_reversed", "correction_reversed"}) - UNTOLD
    assert {"opening_balance", "import", "shop_stopped", "visit_reversed"} <= ours
    app = set(re.findall(r"^  (\w+): \"why", (ROOT / "frontend/member/phrases.ts").read_text(), re.MULTILINE))
    words = (ROOT / "app/backoffice/views/members/words.py").read_text()
    office = set(re.findall(r'^    "(\w+)": _l\(', words, re.MULTILINE))
    assert (sorted(ours - app), sorted(ours - office)) == ([], [])
