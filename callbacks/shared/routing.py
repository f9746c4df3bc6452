"""Pages and their addresses: the site map becomes Dash's pages, and old or unknown addresses are answered."""

from __future__ import annotations

import importlib

import dash
from flask import Flask, Response, redirect, request
from werkzeug.wrappers import Response as BaseResponse

from layouts.shared.errors import ErrorHandler
from layouts.shared.shell import PRODUCT
from layouts.shared.sitemap import PAGES, PageNavigator, predecessor_redirect

ANY_PATH = "/<path:path>"
"""Endpoint of the rule by which Dash answers every address with the app."""


def register_pages() -> None:
    """Make the pages of the site map known to the Dash app that was made last."""
    for page in PAGES:
        module = importlib.import_module(f"layouts.{page.key}")
        dash.register_page(  # type: ignore[no-untyped-call]  # Dash
            module.__name__,
            path=page.path if "<" not in page.path else None,
            path_template=page.path if "<" in page.path else None,
            name=page.title,
            title=f"{page.title} · {PRODUCT}",
            layout=ErrorHandler.handle_page_error(module.layout),
        )
    missing = importlib.import_module("layouts.not_found_404")
    dash.register_page(  # type: ignore[no-untyped-call]  # Dash
        missing.__name__, path="/404", title=f"Page not found · {PRODUCT}", layout=missing.layout
    )


def route(server: Flask) -> None:
    """Redirect links of the predecessor, and answer with 404 where there is no page."""

    @server.before_request
    def follow_predecessor() -> BaseResponse | None:
        target = predecessor_redirect(request.args.to_dict(flat=False)) if request.path == "/" else None
        return redirect(target) if target else None

    @server.after_request
    def say_not_found(response: Response) -> Response:
        if request.endpoint == ANY_PATH and PageNavigator.get_current_page(request.path) is None:
            response.status_code = 404
        return response
