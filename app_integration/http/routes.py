"""The template of the route that served a request, such as `/users/{user_id}`."""

import logging
from collections.abc import Iterable, Sequence
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from fastapi.routing import RouteContext
    from starlette.routing import BaseRoute
    from starlette.types import Scope

_logger = logging.getLogger(__name__)

# What Starlette appends to the path of a mount.
_REST = "/{path}"


def route_template(scope: "Scope") -> str | None:
    """Return the route template of a request that Starlette has routed, None where no route matched.

    The template begins with the application's own root path and the prefixes of the mounts that led to the
    route; below a mount of something that has no routes, or has none that matches, it ends with `/{path}`.
    """
    router = scope.get("router")
    if router is None:
        return None
    root: str = scope.get("app_root_path", scope.get("root_path", ""))
    template: str | None
    # Below a mount a route tells only the last part of its path, and FastAPI's router does not tell its route.
    if "app_root_path" in scope or hasattr(router, "include_router"):
        template = _searched(router.routes, {**scope, "root_path": root, "path_params": {}})
    else:
        template = getattr(scope.get("route"), "path_format", None)
    return None if template is None else root.rstrip("/") + template


def mount_prefix(scope: "Scope") -> str | None:
    """Return the template of the mounts that led to the application being called, None where none did."""
    router = scope.get("router")
    if router is None or "app_root_path" not in scope:
        return None
    root = scope["app_root_path"]
    template = _searched(router.routes, {**scope, "root_path": root, "path_params": {}}, until=scope["root_path"])
    return None if template is None else root.rstrip("/") + template.removesuffix(_REST)


def _searched(routes: "Sequence[BaseRoute]", scope: "Scope", until: str | None = None) -> str | None:
    try:
        return _search(routes, scope, until)
    except Exception:
        _logger.debug("A route could not be matched a second time: its requests are unmatched", exc_info=True)
        return None


def _search(routes: "Sequence[BaseRoute]", scope: "Scope", until: str | None = None) -> str | None:
    """Match a request again, and return the whole template; down to the mount whose root path is `until`."""
    from starlette.routing import Host, Match, Mount

    partial: str | None = None
    for route in _flattened(routes):
        match, child = route.matches(scope)
        if match is Match.NONE:
            continue
        original = getattr(route, "original_route", route)
        template: str | None = getattr(route, "path_format", None)
        if isinstance(original, Mount):
            arrived = child["root_path"] == until
            below = None if arrived else _search(original.routes, {**scope, **child}, until)
            template = original.path_format.removesuffix(_REST) + (below or _REST)
        elif isinstance(original, Host):
            # It says nothing of the path, its routes do.
            template = _search(original.routes, {**scope, **child}, until)
        if match is Match.FULL:
            return template
        partial = partial or template
    return partial


def _flattened(routes: "Sequence[BaseRoute]") -> "Iterable[BaseRoute | RouteContext]":
    """Routes as they are matched: FastAPI (0.137 and later) keeps included routers as nodes of a tree."""
    try:
        from fastapi.routing import iter_route_contexts
    except ImportError:
        return routes
    return iter_route_contexts(routes)
