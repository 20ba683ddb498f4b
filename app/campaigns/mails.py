"""A message as a mail: text and simple HTML, with a way into the app and, where it can be switched off, a way to do so
by one click (RFC 8058)."""

from __future__ import annotations

from html import escape

from app.campaigns.kinds import EMAIL, is_fixed, stops_by_click
from app.campaigns.unsubscribing import PATH
from app.campaigns.wording import Worded, spoken
from app.campaigns.wording.texts import ALWAYS, GREETING, OPEN, SAFETY, STOP
from app.common.mail import Mail

_HTML = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><title>{title}</title></head>
<body style="margin:0;padding:24px;font:16px/1.5 system-ui,sans-serif">
<div style="max-width:34em;margin:0 auto">
<h1 style="font-size:22px;line-height:1.25;margin:0 0 16px">{title}</h1>
<p style="margin:0 0 16px">{greeting}</p>
{paragraphs}
<p style="margin:24px 0"><a href="{url}" style="display:inline-block;padding:12px 20px;border-radius:8px;\
background:#b3261e;color:#fff;text-decoration:none;font-weight:600">{open}</a></p>
<p style="margin:32px 0 0;font-size:14px;opacity:.8">{footer}</p>
</div></body></html>
"""


def message_mail(
    to: str, said: Worded, *, kind: str, locale: str, public_url: str, link: str | None, stop_token: str
) -> Mail:
    """The mail of one message. ``stop_token`` switches this kind off; mails about safety name the app
    instead."""
    tongue = spoken(locale)
    url = f"{public_url}/{link or ''}"
    stop = None if not stops_by_click(kind) else f"{public_url}{PATH}{stop_token}"
    safety = (ALWAYS if is_fixed(kind, EMAIL) else SAFETY)[tongue]
    footer = safety if stop is None else f"{STOP[tongue]}\n{stop}"
    text = f"{GREETING[tongue]}\n\n{said.text}\n\n{OPEN[tongue]}: {url}\n\n--\n{footer}\n"
    html_footer = escape(safety)
    if stop is not None:
        html_footer = f'<a href="{escape(stop)}" style="color:inherit">{escape(STOP[tongue].rstrip(":").strip())}</a>'
    html = _HTML.format(
        lang=tongue,
        title=escape(said.title),
        greeting=escape(GREETING[tongue]),
        paragraphs="\n".join(
            f'<p style="margin:0 0 16px">{escape(line)}</p>' for line in said.text.splitlines() if line.strip()
        ),
        url=escape(url),
        open=escape(OPEN[tongue]),
        footer=html_footer,
    )
    headers = (
        {}
        if stop is None
        else {
            "List-Unsubscribe": f"<{stop}>",
            "List-Unsubscribe-Post": "List-Unsubscribe=One-Click",
        }
    )
    # A shop's name may hold a line break that no subject may.
    return Mail(to=to, subject=" ".join(said.title.split()), text=text, html=html, headers=headers)
