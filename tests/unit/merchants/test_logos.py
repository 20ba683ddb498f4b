import re
from xml.etree import ElementTree

import pytest

from app.merchants.errors import LogoRefusedError
from app.merchants.logos import TRADES, check_logo, draw_logo, shop_colour

HEAD = '<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 10 10"'


@pytest.mark.parametrize("trade", TRADES)
def test_every_drawn_logo_is_one_that_we_would_take(trade: str) -> None:
    drawn = draw_logo(trade, 25)
    assert check_logo(drawn) == drawn
    ElementTree.fromstring(drawn)


def test_an_unknown_trade_gets_the_sign_of_a_shop() -> None:
    assert draw_logo("falconry", 25) == draw_logo("general", 25)


def test_two_trades_and_two_hues_look_different() -> None:
    assert len({draw_logo(trade, 25) for trade in TRADES}) == len(TRADES)
    assert draw_logo("bakery", 25) != draw_logo("bakery", 200)


def contrast_with_white(colour: str) -> float:
    channels = [int(colour[at : at + 2], 16) / 255 for at in (1, 3, 5)]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels]
    return 1.05 / (0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2] + 0.05)


def test_white_stays_readable_on_every_hue() -> None:
    for hue in range(360):
        colour = shop_colour(hue)
        assert re.fullmatch("#[0-9a-f]{6}", colour)
        assert contrast_with_white(colour) >= 4.5


@pytest.mark.parametrize(
    "svg",
    [
        "not xml",
        "<svg/>",
        f"{HEAD}><script>alert(1)</script></svg>",
        f'{HEAD} onload="alert(1)"></svg>',
        f'{HEAD}><a href="https://elsewhere.example"><rect/></a></svg>',
        f'{HEAD}><image href="x.png"/></svg>',
        f'{HEAD}><use href="#x"/></svg>',
        f'{HEAD}><rect style="background:url(//elsewhere.example)"/></svg>',
        f'{HEAD}><rect fill="url(#x)"/></svg>',
        f"{HEAD}><foreignObject/></svg>",
        f"{HEAD}><style>*{{}}</style></svg>",
        f'{HEAD}><animate attributeName="x"/></svg>',
        f'<!DOCTYPE svg [<!ENTITY a "b">]>{HEAD}></svg>',
        f"<?xml-stylesheet href='x'?>{HEAD}></svg>",
        '<svg viewBox="0 0 1 1"/>',
        f'{HEAD} xmlns:h="http://www.w3.org/1999/xhtml"><h:script/></svg>',
        f"{HEAD}>" + "<g/>" * 501 + "</svg>",
        f"{HEAD}><desc>{'x' * 40_000}</desc></svg>",
    ],
)
def test_a_drawing_that_does_more_than_show_shapes_is_refused(svg: str) -> None:
    with pytest.raises(LogoRefusedError):
        check_logo(svg)
