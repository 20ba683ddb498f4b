"""That everybody can use the operators' screens: axe-core on every page, by day and by night, on a desk and on a phone,
and nothing wider than its window."""

from __future__ import annotations

from urllib.parse import urlsplit

from playwright.sync_api import Page

from app.admin.doors import COOKIE, DOORS
from app.risk.rules import RULES
from tests.e2e import operators
from tests.e2e.conftest import OpenPage
from tests.e2e.large import cut_off_when_large
from tests.e2e.live import Live
from tests.e2e.operators import Town
from tests.e2e.test_access import AXE

TAGS = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"]
BROKEN = """async tags => (await axe.run({ runOnly: tags, resultTypes: ["violations"] })).violations
  .map(found => `${found.id}: ${found.nodes.map(node => node.target).join(" | ")}`)"""
DESK, PHONE = (1440, 900), (390, 844)
# Why a page is not opened here by itself.
LEFT_OUT = {
    "admin_account.start": "leads on to the first page that its person may open",
    "admin_cards.find_anything": "a part of every page: what the palette found",
    "admin_health.show_backups": "a part of the page on health, which shows it too",
    "admin_ledger.as_csv": "a file",
    "admin_ledger.show_row": "a part of an account's page, which shows it too",
    "admin_overview.count": "a part of every page: the counts of its navigation",
    "admin_privacy.download_consents": "a file",
    "admin_risk.show_try": "a part of a rule's page, which shows it too",
    "admin_support.fill": "a part of a question's page: its answer, filled from a template",
}


def addresses(town: Town) -> list[tuple[str, str]]:
    """Each page's endpoint and where it is shown; those that can be empty or full, both."""
    shop, anna, bob = town.shop, town.anna, town.bob
    with_ids = [
        ("admin_cards.find", "/cards?q=nobody@example.com"),
        ("admin_cards.show_card", f"/cards/{bob.card_id}"),
        ("admin_cards.show_member", f"/members/{anna.member_id}"),
        ("admin_cards.preview", f"/members/{anna.member_id}/merge?with={bob.number}"),
        ("admin_cards.show_batch", f"/batches/{town.batch_id}"),
        ("admin_cards.older_batches", f"/batches/from/{town.batch_id}"),
        ("admin_ledger.show_days", f"/ledger/programmes/{shop.programme_id}"),
        ("admin_ledger.show_rows", f"/ledger/programmes/{shop.programme_id}/{town.day}/issued"),
        ("admin_ledger.show_account", f"/ledger/{anna.member_id}/{shop.programme_id}"),
        ("admin_ledger.show_account", f"/ledger/{bob.member_id}/{shop.programme_id}?row={town.transaction_id}"),
        ("admin_operators.change", f"/operators/{town.second}/rights"),
        *(("admin_overview.show_figure", f"/figures/{name}") for name in ("visits", "liability", "tablets", "mails")),
        ("admin_privacy.list_requests", "/privacy?view=done"),
        ("admin_privacy.show_request", f"/privacy/requests/{town.request_id}"),
        ("admin_privacy.show_consents", f"/privacy/consents/{anna.member_id}"),
        ("admin_risk.list_cases", "/risk?decided=1"),
        *(("admin_risk.show_case", f"/risk/cases/{case_id}") for case_id in town.case_ids),
        *(("admin_risk.show_rule", f"/risk/rules/{rule}") for rule in list(RULES)[:1]),
        ("admin_settings.list_content", "/settings/content?show=decided"),
        ("admin_settings.show_content", f"/settings/content/{town.report_id}"),
        ("admin_settings.new_terms", "/settings/terms/terms/new"),
        ("admin_settings.show_terms", f"/settings/terms/{town.terms_id}"),
        ("admin_shops.list_shops", "/shops?state=closed"),
        ("admin_shops.show_shop", f"/shops/{shop.merchant_id}"),
        ("admin_shops.show_shop", f"/shops/{town.trial}"),
        ("admin_support.list_questions", "/support?view=open&mine=1"),
        ("admin_support.show_question", f"/support/{town.question_id}"),
    ]
    plain = [
        (name, door.rule.removeprefix("/admin"))
        for name, door in DOORS.items()
        if "GET" in door.methods and "<" not in door.rule and door.right != "anybody" and name not in LEFT_OUT
    ]
    return [*plain, *with_ids]


def wrong_with(page: Page) -> list[str]:
    """What is wrong with a page as it is now, at both sizes and in both lights."""
    page.evaluate(AXE.read_text())
    found: list[str] = []
    # What sections fold up is read too: a summary's words are all that a closed one shows.
    page.evaluate("() => { for (const one of document.querySelectorAll('details')) one.open = true; }")
    for size, schemes in ((DESK, ("light", "dark")), (PHONE, ("dark", "light"))):
        page.set_viewport_size({"width": size[0], "height": size[1]})
        # What colours can't change is asked once at each size.
        for scheme, asked in zip(schemes, (TAGS, ["color-contrast"]), strict=True):
            page.emulate_media(color_scheme="light" if scheme == "light" else "dark")
            found += [f"{size[0]} {scheme} {one}" for one in page.evaluate(BROKEN, asked)]
        if (wide := page.evaluate("() => document.documentElement.scrollWidth")) > size[0]:
            found.append(f"{wide} px wide in a window of {size[0]}")
    page.set_viewport_size({"width": DESK[0], "height": DESK[1]})
    if large := cut_off_when_large(page):
        found.append(f"with text twice as large: {large}")
    return found


def look(page: Page, live: Live, path: str) -> list[str]:
    """Open a page, which must be itself, and say what is wrong with it."""
    answer = page.goto(f"{live.url}/admin{path}", wait_until="load")
    assert answer is not None
    assert answer.status == 200, (path, answer.status)
    assert urlsplit(page.url).path == f"/admin{path.split('?')[0]}", "signed in, and let in"
    return wrong_with(page)


def test_every_page_can_be_used_by_everybody(open_page: OpenPage, live: Live) -> None:
    town = operators.furnish(live)
    page = open_page(camera=False)
    operators.enter(page, live, town.first)
    visited, wrong = set(), {}
    for endpoint, path in addresses(town):
        visited.add(endpoint)
        if found := look(page, live, path):
            wrong[path] = found
    # Coming in: as nobody, and with the password alone before and after the second step was set up.
    page.context.clear_cookies(name=COOKIE)
    wrong["/sign-in"] = look(page, live, "/sign-in")
    for who in (operators.operator(live.scope, "Novice"), operators.with_second_step(live)):
        operators.enter(page, live, who, is_second_proved=False)
        wrong[f"/second-step {who}"] = look(page, live, "/second-step")
    visited |= {"admin_account.sign_in", "admin_account.second_step"}
    lines = [f"{path}: {one}" for path, found in wrong.items() for one in found]
    assert not lines, "\n".join(lines)
    assert visited == {name for name, door in DOORS.items() if "GET" in door.methods} - set(LEFT_OUT)
