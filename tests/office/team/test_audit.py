"""The audit list: who did what, in words for every kind of event."""

from __future__ import annotations

import ast
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from flask import Flask

from app.backoffice.queries.audit import read_trail
from app.backoffice.views.team import words
from app.common.scope import Scope
from app.merchants import service as merchants
from tests.clocks import FixedClock
from tests.factories import Shop, make_shop
from tests.office.desk import Desk, sit_down


def test_the_list_tells_who_did_what(
    owner: Desk, flask_app: Flask, scope: Scope, shop: Shop, clock: FixedClock
) -> None:
    manager = sit_down(flask_app, scope, shop.merchant_id, "manager")
    bob = merchants.add_staff(scope, shop.merchant_id, name="Bob", role="cashier")
    owner.post(f"/team/people/{bob}", {"name": "Bob", "role": "manager", "location": "", "revision": 1})
    clock.advance(days=2)
    manager.post(f"/team/devices/{shop.device_id}", {"was": "Till", "name": "Front"})
    page = owner.get("/team/audit").get_data(as_text=True)
    assert "Role or place of a colleague changed" in page
    assert "<del>Cashier</del>" in page
    assert "<ins>Manager</ins>" in page
    mine = owner.get("/team/audit", query_string={"who": manager.staff_id}).get_data(as_text=True)
    assert "Tablet or key given another name" in mine
    assert "Role or place" not in mine
    people = owner.get("/team/audit", query_string={"what": "people"}).get_data(as_text=True)
    assert "Tablet or key given another name" not in people
    late = owner.get("/team/audit", query_string={"since": "2026-03-06"}).get_data(as_text=True)
    assert "Role or place" not in late
    early = owner.get("/team/audit", query_string={"until": "2026-03-05"}).get_data(as_text=True)
    assert "Tablet or key given another name" not in early
    other = replace(scope, merchant_id=make_shop(scope, name="Other").merchant_id, actor_kind="staff")
    assert all("Bob" not in (act.subject or "") for act in read_trail(other).acts)


def test_a_long_list_goes_on(owner: Desk, scope: Scope, shop: Shop) -> None:
    own = replace(scope, merchant_id=shop.merchant_id)
    for number in range(60):
        merchants.rename_device(
            own, shop.device_id, name=f"Till {number}", was="Till" if number == 0 else f"Till {number - 1}"
        )
    first = read_trail(own)
    second = read_trail(own, before=first.next)
    assert len(first.acts) == 50
    assert len(second.acts) >= 10
    assert not {one.event_id for one in first.acts} & {one.event_id for one in second.acts}


def codes_in_the_source() -> Iterator[tuple[str, bool]]:
    """Every kind of event that the code writes; for one whose end is computed, its beginning."""
    for path in sorted((Path(__file__).parents[3] / "app").rglob("*.py")):
        source = path.read_text()
        if "audit.record(" not in source:
            continue
        tree = ast.parse(source)
        for function in [node for node in ast.walk(tree) if isinstance(node, ast.FunctionDef)]:
            for call in ast.walk(function):
                if not (
                    isinstance(call, ast.Call)
                    and isinstance(call.func, ast.Attribute)
                    and call.func.attr == "record"
                    and isinstance(call.func.value, ast.Name)
                    and call.func.value.id == "audit"
                ):
                    continue
                action = call.args[2]
                if isinstance(action, ast.JoinedStr):
                    yield from ((str(part.value), True) for part in action.values if isinstance(part, ast.Constant))
                elif isinstance(action, ast.Name):
                    yield from ((code, False) for code in named(tree, function, action.id))
                else:
                    yield from ((code, False) for code in strings(action))


def strings(node: ast.AST) -> list[str]:
    return [one.value for one in ast.walk(node) if isinstance(one, ast.Constant) and isinstance(one.value, str)]


def named(tree: ast.Module, function: ast.FunctionDef, name: str) -> list[str]:
    """What a name in a function may be: assigned there, or handed in by whoever calls it in the same module."""
    found = [
        code
        for node in ast.walk(tree)
        if isinstance(node, ast.Assign) and any(isinstance(one, ast.Name) and one.id == name for one in node.targets)
        for code in strings(node.value)
    ]
    arguments = [one.arg for one in function.args.args]
    if name in arguments:
        place = arguments.index(name)
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and isinstance(node.func, ast.Name) and node.func.id == function.name:
                found += strings(node.args[place]) if len(node.args) > place else []
                found += [code for one in node.keywords if one.arg == name for code in strings(one.value)]
    return [code for code in found if "." in code]


def test_every_event_has_its_words() -> None:
    codes = set(codes_in_the_source())
    assert len(codes) > 60
    missing = {code for code, is_begun in codes if not is_begun and code not in words.ACTIONS}
    assert missing == set()
    begun = {code for code, is_begun in codes if is_begun and code != ".changed"}
    assert {code for code in begun if not any(known.startswith(code) for known in words.ACTIONS)} == set()
