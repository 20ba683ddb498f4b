"""Every form of the back office as it is served, filled in as a browser would send it."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser

WORDS = frozenset({"text", "search", "email", "url", "tel", "password"})


@dataclass
class Form:
    """A form of a page: where it goes, what stands in it, and which of its fields take any words."""

    action: str
    method: str
    fields: dict[str, list[str]] = field(default_factory=dict)
    words: list[str] = field(default_factory=list)
    has_file: bool = False

    def filled(self, **changes: str) -> dict[str, list[str] | str]:
        """What a browser would send, with some fields changed."""
        return {**self.fields, **changes}


class _Reader(HTMLParser):
    def __init__(self, address: str) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.links: list[str] = []
        self._address = address
        self._by_id: dict[str, Form] = {}
        self._open: Form | None = None
        self._select: tuple[Form, str, bool] | None = None
        self._chosen: list[str] = []
        self._first: str | None = None
        self._area: tuple[Form, str] | None = None

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        told = {name: value or "" for name, value in attrs}
        if tag == "a" and told.get("href", "").startswith("/"):
            self.links.append(told["href"])
        if tag == "form":
            self._open = Form(told.get("action") or self._address, told.get("method", "get").lower())
            self.forms.append(self._open)
            if "id" in told:
                self._by_id[told["id"]] = self._open
        if tag == "option":
            self._option(told)
        form = self._by_id.get(told.get("form", ""), self._open)
        name = told.get("name", "")
        if form is None or not name or "disabled" in told:
            return
        kind = told.get("type", "text").lower() if tag == "input" else tag
        if tag == "input":
            self._take(form, name, kind, told)
        elif tag == "textarea":
            form.fields[name] = [""]
            form.words.append(name)
            self._area = (form, name)
        elif tag == "select":
            self._select, self._chosen, self._first = (form, name, "multiple" in told), [], None
        elif tag == "button" and kind != "button" and told.get("value"):
            form.fields.setdefault(name, [told["value"]])

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.handle_starttag(tag, attrs)

    def handle_endtag(self, tag: str) -> None:
        if tag == "form":
            self._open = None
        elif tag == "textarea":
            self._area = None
        elif tag == "select" and self._select is not None:
            form, name, is_many = self._select
            chosen = self._chosen or ([self._first] if self._first is not None and not is_many else [])
            if chosen:
                form.fields[name] = chosen
            self._select = None

    def handle_data(self, data: str) -> None:
        if self._area is not None:
            form, name = self._area
            form.fields[name] = [form.fields[name][0] + data]

    def _take(self, form: Form, name: str, kind: str, told: dict[str, str]) -> None:
        if kind in ("checkbox", "radio"):
            if "checked" in told:
                form.fields.setdefault(name, []).append(told.get("value", "on"))
        elif kind == "file":
            form.has_file = True
        elif kind not in ("submit", "button", "image", "reset"):
            form.fields.setdefault(name, []).append(told.get("value", ""))
            if kind in WORDS and name != "csrf_token":
                form.words.append(name)

    def _option(self, told: dict[str, str]) -> None:
        value = told.get("value", "")
        if self._first is None:
            self._first = value
        if "selected" in told:
            self._chosen.append(value)


def read(page: str, address: str) -> tuple[list[Form], list[str]]:
    """The forms of a page that change something, and the addresses that it leads to."""
    reader = _Reader(address)
    reader.feed(page)
    return [form for form in reader.forms if form.method == "post"], reader.links
