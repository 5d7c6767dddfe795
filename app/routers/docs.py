"""The interactive documentation: Swagger UI from our own files, offline and under a strict CSP."""

from pathlib import Path

from fastapi import APIRouter
from starlette.responses import FileResponse
from starlette.staticfiles import StaticFiles

STATIC = Path(__file__).parents[1] / "static"
POLICY = (
    "default-src 'none'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'; "
    "script-src 'self'; style-src 'self'; connect-src 'self'; "
    "img-src 'self' data:"  # the icons of Swagger UI
)

router = APIRouter(include_in_schema=False)
assets = StaticFiles(directory=STATIC, packages=[("fastapi_offline", "static")])


@router.get("/docs", response_class=FileResponse)
async def get_docs() -> FileResponse:
    """The documentation page."""
    return FileResponse(STATIC / "docs.html", headers={"Content-Security-Policy": POLICY})
