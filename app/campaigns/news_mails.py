"""A shop's news as a mail: its words, its offer, who it is, why it came, and one click to end it (RFC 8058)."""

from __future__ import annotations

from dataclasses import dataclass
from html import escape

from app.campaigns.wording import Worded, spoken
from app.campaigns.wording.texts import GREETING, NEWS_OFFER, NEWS_OPEN, NEWS_STOP, NEWS_WHY, STOP
from app.common.branding import Brand
from app.common.mail import Mail
from app.merchants.logos.drawing import shop_colour

_HTML = """<!doctype html>
<html lang="{lang}"><head><meta charset="utf-8"><meta name="viewport" content="width=device-width">
<meta name="color-scheme" content="light dark"><meta name="supported-color-schemes" content="light dark">
<title>{title}</title>
<style>@media (prefers-color-scheme: dark) {{
.paper {{ background: #17191e !important }}
.card {{ background: #22252c !important }}
.ink {{ color: #f1ece1 !important }}
.foot, .foot a {{ color: #b9b2a3 !important }}
}}</style></head>
<body class="paper ink" style="margin:0;padding:0;background:#fbf8f2;color:#1e222b;\
font:16px/1.55 system-ui,-apple-system,'Segoe UI',sans-serif">
<div style="max-width:560px;margin:0 auto;padding:24px 16px 40px">
<p class="ink" style="margin:0 0 12px;font-weight:600;color:#1e222b">{shop}</p>
<div style="height:8px;background:{colour};border-radius:18px 18px 0 0"></div>
<div class="card ink" style="background:#fff;color:#1e222b;border-radius:0 0 18px 18px;padding:26px 24px 28px">
<h1 style="font-size:24px;line-height:1.25;margin:0 0 16px">{title}</h1>
<p style="margin:0 0 12px">{greeting}</p>
{paragraphs}
{offer}<p style="margin:24px 0 4px"><a href="{url}" style="display:inline-block;padding:13px 22px;border-radius:10px;\
background:#b4232a;color:#fff;text-decoration:none;font-weight:600">{open}</a></p>
</div>
<div class="foot" style="padding:20px 4px 0;font-size:14px;line-height:1.5;color:#5b5648">
<p style="margin:0 0 8px">{foot}</p>
<p style="margin:0 0 8px">{why}</p>
<p style="margin:0"><a href="{stop}" style="color:#5b5648">{stop_words}</a></p></div>
</div></body></html>
"""
_OFFER = (
    '<p style="margin:20px 0 0;padding:16px;border:2px dashed {colour};border-radius:12px;font-weight:600">{text}</p>\n'
)


@dataclass(frozen=True, slots=True)
class Shop:
    """Who writes: the name, the colour in degrees, and where it is."""

    name: str
    hue: int
    address: str


@dataclass(frozen=True, slots=True)
class NewsMail:
    """A mail and in whose name it comes."""

    mail: Mail
    from_name: str


def news_mail(
    to: str,
    said: Worded,
    *,
    locale: str,
    shop: Shop,
    brand: Brand,
    url: str,
    has_offer: bool,
    stop: str,
    is_notice: bool = False,
) -> NewsMail:
    """The mail of a shop's message. The last paragraph of ``said`` is the offer's where there is one. ``stop`` is the
    link that withdraws her yes to this shop's mails; of a notice, which asked for none, the one that ends notices."""
    tongue = spoken(locale)
    named = {"merchant": shop.name, "town": brand.name}
    why = "" if is_notice else NEWS_WHY[tongue].format(**named)
    stop_words = STOP[tongue] if is_notice else NEWS_STOP[tongue].format(**named)
    opens = (NEWS_OFFER if has_offer else NEWS_OPEN)[tongue]
    foot = ", ".join(filter(None, (shop.name, shop.address)))
    lines = [line for line in said.text.splitlines() if line.strip()]
    offer = lines.pop() if has_offer and lines else None
    ends = [*filter(None, (foot, why)), f"{stop_words}\n{stop}"]
    text = f"{shop.name}\n\n{GREETING[tongue]}\n\n{said.text}\n\n{opens}:\n{url}\n\n--\n" + "\n\n".join(ends) + "\n"
    colour = shop_colour(shop.hue)
    html = _HTML.format(
        lang=tongue,
        title=escape(said.title),
        shop=escape(shop.name),
        colour=colour,
        greeting=escape(GREETING[tongue]),
        paragraphs="\n".join(f'<p style="margin:0 0 12px">{escape(line)}</p>' for line in lines),
        offer="" if offer is None else _OFFER.format(colour=colour, text=escape(offer)),
        url=escape(url),
        open=escape(opens),
        foot=escape(foot),
        why=escape(why),
        stop=escape(stop),
        stop_words=escape(_bare(stop_words)),
    )
    headers = {"List-Unsubscribe": f"<{stop}>", "List-Unsubscribe-Post": "List-Unsubscribe=One-Click"}
    mail = Mail(to=to, subject=" ".join(said.title.split()), text=text, html=html, headers=headers)
    return NewsMail(mail, " ".join(f"{shop.name} · {brand.sender_name or brand.name}".split()))


def _bare(words: str) -> str:
    return words.rstrip(": \u00a0")
