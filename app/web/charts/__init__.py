"""Charts drawn on the server: SVG with direct labels, that stretches to its place while its text keeps its size.

Horizontal measures are percentages, vertical ones pixels, so that a chart fits a phone and a desk alike; what is bent
lies in an inner picture that stretches without thickening its lines. Colours, dashes and sizes come from the styles by
class; nothing is told by colour alone. Each chart carries a sentence for who can't see it; its table stands beside it.
"""

from __future__ import annotations

from app.web.charts.columns import Column, columns
from app.web.charts.curve import Curve, Point, day_curve
from app.web.charts.lines import Line, lines
from app.web.charts.scales import nice_ticks
from app.web.charts.spark import spark
from app.web.charts.waterfall import Fall, waterfall

__all__ = [
    "Column",
    "Curve",
    "Fall",
    "Line",
    "Point",
    "columns",
    "day_curve",
    "lines",
    "nice_ticks",
    "spark",
    "waterfall",
]
