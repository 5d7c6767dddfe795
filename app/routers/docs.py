"""The interactive documentation: Swagger UI from our own files, offline and under a strict CSP."""

from pathlib import Path
from typing import Any

from fastapi import APIRouter, FastAPI, Request, Response
from starlette.staticfiles import StaticFiles

from app.core.preconditions import Document
from app.dependencies import REVALIDATED, IfNoneMatch

STATIC = Path(__file__).parents[1] / "static"
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:"  # the icons of Swagger UI
)
PAGE = Document((STATIC / "docs.html").read_bytes(), "text/html")


class Assets(StaticFiles):
    """Files that browsers may keep, and ask about before they use them again."""

    def file_response(self, *args: Any, **options: Any) -> Response:  # noqa: ANN401 - Starlette's own
        """The file, or 304."""
        response = super().file_response(*args, **options)
        response.headers.update(REVALIDATED)
        return response


router = APIRouter(include_in_schema=False)
assets = Assets(directory=STATIC, packages=[("fastapi_offline", "static")])


@router.get("/docs", response_class=Response)
def get_docs(reading: IfNoneMatch) -> Response:
    """The documentation page."""
    return reading.send(PAGE, {"Content-Security-Policy": POLICY})


@router.get("/openapi.json", response_class=Response)
def get_openapi(request: Request, reading: IfNoneMatch) -> Response:
    """The OpenAPI document."""
    return reading.send(request.app.document)


def add_docs(app: FastAPI) -> None:
    """The page, what it shows, and what it loads."""
    app.include_router(router)
    app.mount("/docs/assets", assets)
