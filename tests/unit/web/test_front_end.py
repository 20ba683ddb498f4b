import json
import os
from pathlib import Path

import pytest

from app.web.front_end import ENTRIES, FrontEndNotBuiltError, chunk, entry

MANIFEST = {
    ENTRIES["tablet"]: {
        "file": "assets/tablet-1.js",
        "isEntry": True,
        "imports": ["_shared-2.js"],
        "css": ["assets/tablet-3.css"],
        "assets": ["assets/worker-4.js", "assets/inter-5.woff2"],
    },
    "_shared-2.js": {"file": "assets/shared-2.js", "css": ["assets/shared-6.css"], "assets": ["assets/inter-5.woff2"]},
    ENTRIES["pages"]: {"file": "assets/pages-7.css", "isEntry": True, "assets": ["assets/inter-5.woff2"]},
}


def build(dist: Path, manifest: object) -> None:
    dist.mkdir(exist_ok=True)
    (dist / "manifest.json").write_text(json.dumps(manifest))


def test_an_entry_has_its_script_all_styles_and_fonts_once(tmp_path: Path) -> None:
    build(tmp_path, MANIFEST)
    tablet = entry("tablet", tmp_path)
    assert tablet.script == "assets/tablet-1.js"
    assert tablet.styles == ("assets/shared-6.css", "assets/tablet-3.css")
    assert tablet.fonts == ("assets/inter-5.woff2",)


def test_a_style_sheet_is_an_entry_without_a_script(tmp_path: Path) -> None:
    build(tmp_path, MANIFEST)
    assert entry("pages", tmp_path).script is None
    assert entry("pages", tmp_path).styles == ("assets/pages-7.css",)


def test_a_new_build_is_seen_without_a_restart(tmp_path: Path) -> None:
    build(tmp_path, MANIFEST)
    assert entry("tablet", tmp_path).script == "assets/tablet-1.js"
    build(tmp_path, {ENTRIES["tablet"]: {"file": "assets/tablet-9.js"}})
    os.utime(tmp_path / "manifest.json", ns=(1, 1))
    assert entry("tablet", tmp_path).script == "assets/tablet-9.js"


def test_a_part_that_is_loaded_later_is_found_by_its_source_and_may_be_missing(tmp_path: Path) -> None:
    assert chunk("member/texts/nl/core.ts", tmp_path) is None
    build(tmp_path, {"member/texts/nl/core.ts": {"file": "assets/core-8.js"}})
    assert chunk("member/texts/nl/core.ts", tmp_path) == "assets/core-8.js"
    assert chunk("member/texts/ja/core.ts", tmp_path) is None


@pytest.mark.parametrize("content", [None, "", "{", "{}"])
def test_what_is_not_built_says_how_to_build_it(tmp_path: Path, content: str | None) -> None:
    if content is not None:
        (tmp_path / "manifest.json").write_text(content)
    with pytest.raises(FrontEndNotBuiltError, match="make build"):
        entry("tablet", tmp_path)
