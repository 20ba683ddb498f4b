"""That every refusal has its words, in every language, with everything it wants to name."""

import ast
import importlib
import pkgutil
import re
from collections.abc import Iterator
from pathlib import Path

import pytest

import app
from app import messages
from app.common.errors import DomainError

ROOT = Path(__file__).parents[2]
NAMES = re.compile(r"%\((\w+)\)")


def every_error() -> dict[str, type[DomainError]]:
    """All domain errors of the application by class name, once everything that could define one is loaded."""
    for found in pkgutil.walk_packages(app.__path__, "app."):
        if found.name.rsplit(".", 1)[-1] == "errors":
            importlib.import_module(found.name)

    def below(kind: type[DomainError]) -> Iterator[type[DomainError]]:
        for each in kind.__subclasses__():
            yield each
            yield from below(each)

    return {kind.__name__: kind for kind in below(DomainError) if kind.__module__.startswith(("app.", "mobile_api."))}


ERRORS = every_error()


def test_errors_are_found() -> None:
    assert len(ERRORS) > 20


@pytest.mark.parametrize("name", sorted(ERRORS))
def test_an_error_has_a_sentence(name: str) -> None:
    assert ERRORS[name].code in messages.SENTENCES


def test_codes_are_used_once() -> None:
    codes = [kind.code for kind in ERRORS.values() if "code" in vars(kind)]
    assert sorted({code for code in codes if codes.count(code) > 1}) == []


@pytest.mark.parametrize("code", sorted(messages.SENTENCES))
def test_a_sentence_is_one(code: str) -> None:
    sentence = str(messages.SENTENCES[code])
    assert sentence[0].isupper() or sentence.startswith("%(")
    assert sentence.endswith((".", "?"))
    assert not re.search(r"\b(oops|sorry|please|invalid)\b", sentence, re.IGNORECASE)


def test_an_error_is_raised_with_all_that_its_sentence_names() -> None:
    missing = []
    for path in sorted([*(ROOT / "app").rglob("*.py"), *(ROOT / "mobile_api").rglob("*.py")]):
        for node in ast.walk(ast.parse(path.read_text())):
            if not isinstance(node, ast.Call):
                continue
            name = node.func.attr if isinstance(node.func, ast.Attribute) else getattr(node.func, "id", "")
            if name not in ERRORS or node.args or any(keyword.arg is None for keyword in node.keywords):
                continue
            given = {keyword.arg for keyword in node.keywords}
            wanted = set(NAMES.findall(str(messages.SENTENCES.get(ERRORS[name].code, ""))))
            if wanted - given:
                missing.append(f"{path.relative_to(ROOT)}:{node.lineno} {name} lacks {sorted(wanted - given)}")
    assert missing == []
