"""The public pages of shops: what they are, when they are open, what one collects there and for what."""

from app.rewards.views.pages import init_app

__all__ = ["init_app"]
