"""Routes of the JSON face, each with what it takes and answers; OpenAPI 3.1 is written from the same schemas.

Flask-smorest's decorators do the same at several times the cost for each request (docs/decisions), so this module keeps
the part that documents (apispec) and does the loading and dumping itself.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any, Protocol

import orjson
from apispec import APISpec
from apispec.ext.marshmallow import MarshmallowPlugin
from flask import Blueprint, Flask, Request, Response, request
from marshmallow import Schema, fields

from app.common.scope import Scope
from mobile_api import bodies, errors, idempotency
from mobile_api.fields import Instant

Answer = dict[str, Any] | list[Any] | str | Response | None
View = Callable[..., Any]

_PARAMETER = re.compile(r"<(?:[^:<>]+:)?([^<>]+)>")
_JSON = "application/json"
_TAGS = {
    "pos": "Tablet and till",
    "shops": "Shops",
    "auth": "Signing in",
    "me": "Member",
    "invitations": "Member",
    "passes": "Wallets",
}
_EMPTY = {  # answered without a body
    200: "It was so already",
    204: "There is nothing to tell",
    304: "Nothing has changed since the answer that `If-None-Match` or `If-Modified-Since` names",
}
_MEANINGS = {
    400: "The JSON can't be read, or the idempotency key is missing",
    401: "No token, or one that is not or no longer valid",
    403: "Not yours to do",
    404: "Not there, or not yours to see",
    409: "No longer possible; `detail` says what to do",
    413: "Larger than 1 MiB",
    415: "Not JSON",
    422: "Wrong shape or content, or a key reused with other content",
    429: "Too many tries; `Retry-After` says when to come back",
}


class Authentication(Protocol):
    """Finds who asks; raises a domain error for who may not. ``name`` is its security scheme in the document."""

    name: str

    def __call__(self, http: Request) -> Scope: ...


class Problem(Schema):
    """What went wrong (RFC 9457)."""

    type = fields.String(required=True, metadata={"example": "/problems/not_enough"})
    title = fields.String(required=True)
    status = fields.Integer(required=True)
    detail = fields.String(required=True)
    errors = fields.Dict(keys=fields.String(), values=fields.List(fields.String()))


@dataclass(frozen=True, slots=True)
class Operation:
    """One route as it is documented."""

    summary: str
    authentication: Authentication | None
    body: Schema | None
    query: Schema | None
    answer: Schema | None
    status: int
    media_type: str
    books: bool
    refuses: tuple[int, ...]
    description: str


@dataclass(frozen=True, slots=True)
class Reply:
    """An answer whose JSON text is made already: sent as it is. ``headers`` come on top."""

    status: int
    body: str
    headers: Mapping[str, str] | None = None


def route(
    blueprint: Blueprint,
    method: str,
    path: str,
    *,
    summary: str,
    authentication: Authentication | None = None,
    body: type[Schema] | Schema | None = None,
    optional_body: bool = False,
    query: type[Schema] | Schema | None = None,
    answer: type[Schema] | Schema | None = None,
    status: int = 200,
    media_type: str = _JSON,
    books: bool = False,
    refuses: tuple[int, ...] = (),
) -> Callable[[View], View]:
    """Register a view under ``method`` and ``path`` of a blueprint.

    The view is called with keywords only: ``scope`` where ``authentication`` is given, ``key`` where the call
    ``books``, ``body`` and ``query`` as their schemas loaded them, and the path's parameters. It returns what the
    ``answer`` schema dumps, a :class:`Reply`, a Flask response, or nothing with status 204. ``refuses`` lists the
    statuses, beside those that follow from the rest, that the document tells; 200, 204 and 304 in it have no body.
    Order of refusals: 401, 400 for the key, 415, 413, 400, 422.
    """
    takes = body() if isinstance(body, type) else body
    asks = query() if isinstance(query, type) else query
    gives = answer() if isinstance(answer, type) else answer
    parse = bodies.parse_optional if optional_body else bodies.parse
    load = takes.load if takes else None
    load_query = asks.load if asks else None
    dump = gives.dump if gives else None

    def register(view: View) -> View:
        def endpoint(**arguments: Any) -> Response:
            http = request._get_current_object()  # type: ignore[attr-defined]  # once, not at each use of the proxy
            if authentication is not None:
                arguments["scope"] = authentication(http)
            if books:
                arguments["key"] = idempotency.key(http)
            if load is not None:
                arguments["body"] = load(parse(http))
            if load_query is not None:
                arguments["query"] = load_query(http.args.to_dict())
            result = view(**arguments)
            if type(result) is Reply:
                kind = media_type if result.status < 400 else errors.MEDIA_TYPE
                made = Response(result.body, result.status, content_type=kind)
                if result.headers:
                    made.headers.update(result.headers)
                return made
            if isinstance(result, Response):
                return result
            if result is None:
                return Response(status=status)
            text = orjson.dumps(dump(result) if dump is not None else result)
            return Response(text, status, content_type=media_type)

        endpoint.__name__ = view.__name__
        endpoint.__doc__ = view.__doc__
        endpoint.operation = Operation(  # type: ignore[attr-defined]  # read again by `operations`
            summary=summary,
            authentication=authentication,
            body=takes,
            query=asks,
            answer=gives,
            status=status,
            media_type=media_type,
            books=books,
            refuses=refuses,
            description=" ".join((view.__doc__ or "").split()),
        )
        blueprint.add_url_rule(path, view.__name__, endpoint, methods=[method])
        return view

    return register


def operations(flask_app: Flask) -> dict[tuple[str, str], Operation | None]:
    """All routes under ``/api/v1`` by method and path; ``None`` for one that was not registered by :func:`route`."""
    found: dict[tuple[str, str], Operation | None] = {}
    for rule in flask_app.url_map.iter_rules():
        if not rule.rule.startswith("/api/v1/"):
            continue
        for method in sorted((rule.methods or set()) - {"HEAD", "OPTIONS"}):
            found[method, rule.rule] = getattr(flask_app.view_functions[rule.endpoint], "operation", None)
    return found


def openapi(flask_app: Flask, version: str) -> dict[str, Any]:
    """The OpenAPI 3.1 document of everything under ``/api/v1``."""
    plugin = MarshmallowPlugin(schema_name_resolver=_schema_name)
    spec = APISpec(
        title="Zegel",
        version=version,
        openapi_version="3.1.0",
        plugins=[plugin],
        info={
            "description": "One card, many shops. Errors are `application/problem+json` (RFC 9457). Times are RFC 3339"
            " with an offset; amounts are decimal texts in the merchant's currency. Unknown fields are refused. A call"
            " that books takes an `Idempotency-Key`: sent again with the same content, it answers what it answered.",
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        servers=[{"url": "/"}],
    )
    plugin.map_to_openapi_type(Instant, "string", "date-time")  # type: ignore[no-untyped-call]  # apispec's own
    schemes = {
        "device": {"type": "http", "scheme": "bearer", "description": "A paired tablet's token or a till's API key"},
        "member": {"type": "http", "scheme": "bearer", "description": "A member's access token, good for 15 minutes"},
        "apple_pass": {
            "type": "apiKey",
            "in": "header",
            "name": "Authorization",
            "description": "`ApplePass` and the token that stands in the pass",
        },
    }
    for name, scheme in schemes.items():
        spec.components.security_scheme(name, scheme)
    spec.components.schema("Problem", schema=Problem)
    for (method, path), operation in sorted(operations(flask_app).items()):
        if operation is not None:
            spec.path(
                path=_PARAMETER.sub(r"{\1}", path), operations={method.lower(): _describe(path, operation, method)}
            )
    return spec.to_dict()


def _describe(path: str, operation: Operation, method: str) -> dict[str, Any]:
    parameters: list[Any] = [
        {"in": "path", "name": name, "required": True, "schema": {"type": "string"}}
        for name in _PARAMETER.findall(path)
    ]
    if operation.query is not None:
        parameters.append({"in": "query", "schema": operation.query})
    refuses = set(operation.refuses)
    if operation.body is not None:
        refuses |= {400, 413, 415, 422}
    if operation.query is not None:
        refuses.add(422)
    if operation.authentication is not None:
        refuses.add(401)
    if operation.books:
        refuses |= {400, 422}
        parameters.append(
            {
                "in": "header",
                "name": "Idempotency-Key",
                "required": True,
                "schema": {"type": "string", "minLength": 1, "maxLength": 255},
            }
        )
    if operation.authentication is not None and operation.authentication.name == "device":
        parameters.append(
            {
                "in": "header",
                "name": "X-Staff-Token",
                "required": False,
                "schema": {"type": "string"},
                "description": "From `POST /pos/staff-session`: says who stands at the counter",
            }
        )
    told: dict[str, Any] = {str(operation.status): _answer(operation)}
    for status in sorted(refuses & _EMPTY.keys()):
        told[str(status)] = {"description": _EMPTY[status]}
    for status in sorted(refuses - _EMPTY.keys()):
        told[str(status)] = {
            "description": _MEANINGS[status],
            "content": {errors.MEDIA_TYPE: {"schema": {"$ref": "#/components/schemas/Problem"}}},
        }
    described: dict[str, Any] = {
        "operationId": _operation_id(method, path),
        "summary": operation.summary,
        "tags": [_tag(path)],
        "responses": told,
        "security": _security(operation.authentication),
    }
    if operation.description:
        described["description"] = operation.description
    if parameters:
        described["parameters"] = parameters
    if operation.body is not None:
        described["requestBody"] = {"required": True, "content": {_JSON: {"schema": operation.body}}}
    return described


def _security(authentication: Authentication | None) -> list[dict[str, list[str]]]:
    if authentication is None:
        return []
    needed: list[dict[str, list[str]]] = [{authentication.name: []}]
    return [*needed, {}] if getattr(authentication, "is_optional", False) else needed


def _answer(operation: Operation) -> dict[str, Any]:
    told: dict[str, Any] = {"description": operation.summary}
    if operation.answer is not None:
        told["content"] = {operation.media_type: {"schema": operation.answer}}
    elif operation.status != 204:
        told["content"] = {operation.media_type: {"schema": {}}}
    return told


def _operation_id(method: str, path: str) -> str:
    words = [word for word in re.split(r"[^A-Za-z0-9]+", _PARAMETER.sub(r"\1", path.removeprefix("/api/v1/"))) if word]
    return "_".join([method.lower(), *words])


def _tag(path: str) -> str:
    first = path.removeprefix("/api/v1/").split("/")[0]
    return _TAGS.get(first, "About")


def _schema_name(schema: Any) -> str:
    kind = schema if isinstance(schema, type) else type(schema)
    name: str = kind.__name__
    return name
