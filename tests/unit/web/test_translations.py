import re
from pathlib import Path

import pytest
from babel.messages.extract import extract_from_dir
from babel.messages.pofile import read_po

ROOT = Path(__file__).parents[3]
LANGUAGES = ("nl", "fr", "de")
PLACE = re.compile(r"%\(\w+\)s")


@pytest.fixture(scope="module")
def sentences() -> set[str]:
    """What the code and the templates say."""
    keywords = {"_": None, "gettext": None, "lazy_gettext": None, "_l": None}
    methods = [("**.py", "python"), ("**/templates/**.html", "jinja2")]
    return {
        message
        for tree in ("app", "mobile_api")
        for _, _, message, _, _ in extract_from_dir(ROOT / tree, method_map=methods, keywords=keywords)
        if isinstance(message, str)
    }


def catalogue(language: str) -> dict[str, str]:
    with (ROOT / f"app/translations/{language}/LC_MESSAGES/messages.po").open("rb") as file:
        return {str(message.id): str(message.string) for message in read_po(file, locale=language) if message.id}


@pytest.mark.parametrize("language", LANGUAGES)
def test_every_sentence_is_translated(language: str, sentences: set[str]) -> None:
    translated = catalogue(language)
    assert sorted(sentence for sentence in sentences if not translated.get(sentence)) == []


@pytest.mark.parametrize("language", LANGUAGES)
def test_translations_fill_the_same_places(language: str) -> None:
    wrong = [
        sentence
        for sentence, said in catalogue(language).items()
        if sorted(PLACE.findall(sentence)) != sorted(PLACE.findall(said))
    ]
    assert wrong == []


def test_german_is_polite_and_nobody_says_oops() -> None:
    german = " ".join(catalogue("de").values())
    assert not re.search(r"\b(du|dein|deine|dir|dich)\b", german, re.IGNORECASE)
    for language in LANGUAGES:
        assert not re.search(r"\b(oops|oeps|oups|hoppla)\b", " ".join(catalogue(language).values()), re.IGNORECASE)
