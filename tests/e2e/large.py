"""Text twice as large, as the browser's own setting makes it."""

from __future__ import annotations

from playwright.sync_api import Page

# Does the page grow wider than the window, or is text cut off?
LARGE = """() => {
  const root = document.documentElement;
  const found = root.scrollWidth > root.clientWidth ? [`${root.scrollWidth} px wide`] : [];
  for (const one of document.querySelectorAll("main *, header *")) {
    const style = getComputedStyle(one);
    const clips = style.overflowY === "hidden" || style.overflowX === "hidden";
    if (!clips || !one.textContent.trim() || !one.offsetParent || style.textOverflow === "ellipsis") continue;
    if (one.clientHeight < 4 || one.closest(".sr, .skip, svg, canvas")) continue;  // for readers of screens alone
    if (one.scrollHeight > one.clientHeight + 2 || one.scrollWidth > one.clientWidth + 2)
      found.push(`${one.tagName}.${one.className} cuts off “${one.textContent.trim().slice(0, 30)}”`);
  }
  return found.join("; ");
}"""


def cut_off_when_large(page: Page) -> str:
    """What a page cuts off, or where it grows too wide, at the size of window that it has; empty where all is well."""
    browser = page.context.new_cdp_session(page)
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 32, "fixed": 26}})
    found: str = page.evaluate(LARGE)
    browser.send("Page.setFontSizes", {"fontSizes": {"standard": 16, "fixed": 13}})
    browser.detach()
    return found
