"""The cookie by which an operator looks through a shop's eyes: the operator's screens set it, the shop's take it."""

from __future__ import annotations

from typing import Any

from flask import request

LOOK_COOKIE = "office_look"


def set_look(response: Any, token: str, max_age: int) -> None:
    """Hand a look's token to the browser, out of reach of scripts and of other sites."""
    response.set_cookie(
        LOOK_COOKIE, token, max_age=max_age, path="/", secure=request.is_secure, httponly=True, samesite="Strict"
    )


def forget_look(response: Any) -> None:
    """Take the cookie back."""
    response.delete_cookie(LOOK_COOKIE, path="/", secure=request.is_secure, httponly=True, samesite="Strict")


def look_token() -> str | None:
    """The token that the browser shows, if it has one."""
    return request.cookies.get(LOOK_COOKIE)
