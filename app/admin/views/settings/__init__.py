"""The town's settings: brand, terms, announcements, reports about what shops show; and the way to the operators."""

from app.admin.views.settings import brand, content, news, start, terms
from app.admin.views.settings.blueprint import blueprint

__all__ = ["blueprint", "brand", "content", "news", "start", "terms"]
