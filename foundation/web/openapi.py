"""The API's description, made from the handlers themselves: what they read, what they answer, how they refuse.

Litestar's own description knows neither the bodies that the binder reads nor the house's refusals. Here a body is the Struct
that a handler (or a helper of its module) hands to a reader, so the description cannot differ from the code. Served as JSON at
``/api/schema/openapi.json``; no page draws it, so none loads anything from elsewhere.
"""

from __future__ import annotations

import ast
import inspect
import re
import textwrap
from collections.abc import Iterator
from typing import Annotated, Any, get_args, get_origin

import msgspec
from litestar import Litestar, Request, Response, get
from litestar.enums import MediaType
from litestar.handlers import HTTPRouteHandler
from litestar.params import QueryParameter

from foundation.listing import Listing
from foundation.web.policy import EVERYBODY
from foundation.web.problems import TITLES, Problem
from foundation.web.protection import CSRF_HEADER
from foundation.web.sessions import COOKIE

ADDRESS = "/api/schema/openapi.json"
READERS = frozenset({"read_json", "read_body", "bind_tree", "read_form"})
PLACE = re.compile(r"\{(\w+):(\w+)\}")
READING = (400, 401, 403, 404, 422, 429, 503)
WRITING = (*READING, 409, 412, 413)
REFERENCE = "#/components/schemas/{name}"


def handlers(app: Litestar, prefix: str) -> Iterator[tuple[str, str, HTTPRouteHandler]]:
    """(method, path, handler) of every route under ``prefix``; Litestar's answers to OPTIONS aside."""
    for route in app.routes:
        for handler in getattr(route, "route_handlers", ()):
            for method in sorted({str(one) for one in handler.http_methods} - {"OPTIONS", "HEAD"}):
                if route.path.startswith(prefix):
                    yield method, route.path, handler


def describe(app: Litestar, prefix: str = "/api/v1/") -> dict[str, Any]:
    """The OpenAPI 3.1 document of every route under ``prefix``."""
    found = list(handlers(app, prefix))
    bodies = {id(handler): bodies_of(handler) for _method, _path, handler in found}
    answers = {id(handler): _answer_type(handler) for _method, _path, handler in found}
    types = [Problem, *(one for several in bodies.values() for one in several), *answers.values()]
    schemas, components = msgspec.json.schema_components(types, ref_template=REFERENCE)
    schema_of = dict(zip(map(repr, types), schemas, strict=True))
    paths: dict[str, dict[str, Any]] = {}
    for method, path, handler in found:
        operation = _operation(method, path, handler)
        if several := [schema_of[repr(one)] for one in bodies[id(handler)]]:
            schema = several[0] if len(several) == 1 else {"anyOf": several}
            operation["requestBody"] = {"required": True, "content": {"application/json": {"schema": schema}}}
        success: dict[str, Any] = {"description": "OK"}
        if handler.status_code != 204:
            success["content"] = {"application/json": {"schema": schema_of[repr(answers[id(handler)])]}}
        operation["responses"] = {str(handler.status_code): success, **_refusals(method)}
        paths.setdefault(PLACE.sub(r"{\1}", path), {})[method.lower()] = operation
    return {
        "openapi": "3.1.0",
        "info": {"title": "Gongjiang", "version": "1"},
        "paths": paths,
        "components": {
            "schemas": {name: _strict(schema) for name, schema in components.items()},
            "securitySchemes": {
                "session": {"type": "apiKey", "in": "cookie", "name": COOKIE},
                "csrf": {"type": "apiKey", "in": "header", "name": CSRF_HEADER},
            },
        },
    }


def bodies_of(handler: HTTPRouteHandler, readers: frozenset[str] = READERS) -> list[Any]:
    """What a handler reads: its ``opt["body"]``, else the Structs that it, or a helper of its module, hands to a reader."""
    if declared := handler.opt.get("body"):
        return [declared]
    return list(dict.fromkeys(_read_by(handler.fn, readers, set())))


def _read_by(function: Any, readers: frozenset[str], seen: set[str]) -> Iterator[Any]:
    tree = ast.parse(textwrap.dedent(inspect.getsource(function)))
    names = function.__globals__
    for call in (node for node in ast.walk(tree) if isinstance(node, ast.Call)):
        if isinstance(call.func, ast.Name) and call.func.id in readers and len(call.args) == 2:
            yield from _structs(call.args[1], names)
        elif isinstance(call.func, ast.Name) and call.func.id not in seen | readers:
            helper = names.get(call.func.id)
            if inspect.isfunction(helper) and helper.__module__ == function.__module__:
                seen.add(call.func.id)
                yield from _read_by(helper, readers, seen)


def _structs(given: ast.expr, names: dict[str, Any]) -> Iterator[Any]:
    """What an argument names: one Struct, or each of a table of Structs."""
    value = _named(given.value if isinstance(given, ast.Subscript) else given, names)
    for one in value.values() if isinstance(value, dict) else (value,):
        if isinstance(one, type) and issubclass(one, msgspec.Struct):
            yield one


def _named(node: ast.expr, names: dict[str, Any]) -> Any:
    """The value of a name, or of a name in a module; None for anything cleverer."""
    if isinstance(node, ast.Attribute):
        return getattr(_named(node.value, names), node.attr, None)
    return names.get(node.id) if isinstance(node, ast.Name) else None


def _answer_type(handler: HTTPRouteHandler) -> Any:
    """The type in the answer's body; bytes and nothing in particular are any JSON."""
    kind = handler.parsed_fn_signature.return_type.raw
    if get_origin(kind) is Response:
        kind = get_args(kind)[0]
    return Any if kind in (bytes, Response, None, type(None)) else kind


def _operation(method: str, path: str, handler: HTTPRouteHandler) -> dict[str, Any]:
    places = [
        {"name": name, "in": "path", "required": True, "schema": _place(kind)} for name, kind in PLACE.findall(path)
    ]
    operation: dict[str, Any] = {"parameters": [*places, *_query(handler)], "summary": inspect.getdoc(handler.fn) or ""}
    operation["operationId"] = handler.operation_id or handler.name
    if handler.opt.get("policy") is not EVERYBODY:
        operation["security"] = [{"session": []} if method == "GET" else {"session": [], "csrf": []}]
    return operation


def _place(kind: str) -> dict[str, Any]:
    if kind == "uuid":
        return {"type": "string", "format": "uuid"}
    return {"type": "integer"} if kind == "int" else {"type": "string", "minLength": 1}


def _query(handler: HTTPRouteHandler) -> list[dict[str, Any]]:
    """Declared parameters, those asked for by name, and a list's search, filters, order and page."""
    found: dict[str, dict[str, Any]] = {}
    for name, given in handler.parsed_fn_signature.parameters.items():
        if get_origin(given.raw) is Annotated and any(
            isinstance(one, QueryParameter) for one in given.raw.__metadata__
        ):
            found[name] = msgspec.json.schema(get_args(given.raw)[0])
    for call in ast.walk(_tree(handler.fn)):
        if not isinstance(call, ast.Call) or not isinstance(call.func, ast.Attribute):
            continue
        of_query = "query_params" in ast.unparse(call)
        if of_query and call.func.attr == "get" and call.args and isinstance(call.args[0], ast.Constant):
            found[str(call.args[0].value)] = {"type": "string"}
        elif of_query and call.func.attr == "ask":
            found.update(_listed(_named(call.func.value, handler.fn.__globals__)))
    return [{"name": name, "in": "query", "required": False, "schema": schema} for name, schema in found.items()]


def _tree(function: Any) -> ast.AST:
    return ast.parse(textwrap.dedent(inspect.getsource(function)))


def _listed(listing: Listing) -> dict[str, dict[str, Any]]:
    words = {"type": "string"}
    return {"q": words, **{one.key: words for one in listing.filters}, "sort": words, "page": {"type": "integer"}}


def _refusals(method: str) -> dict[str, Any]:
    content = {"application/problem+json": {"schema": {"$ref": REFERENCE.format(name="Problem")}}}
    statuses = READING if method == "GET" else WRITING
    return {str(status): {"description": TITLES[status], "content": content} for status in sorted(statuses)}


def _strict(schema: dict[str, Any]) -> dict[str, Any]:
    """Every Struct refuses what it does not know (SECURITY 5)."""
    return {**schema, "additionalProperties": False} if "properties" in schema else schema


_kept: dict[int, bytes] = {}


@get([ADDRESS, "/api/schema"], opt={"policy": EVERYBODY}, name="api.schema")
async def schema(request: Request[Any, Any, Any]) -> Response[bytes]:
    """The description of the API, made at the first request."""
    app = request.app
    if id(app) not in _kept:
        _kept[id(app)] = msgspec.json.encode(describe(app))
    return Response(_kept[id(app)], media_type=MediaType.JSON)
