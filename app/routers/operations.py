"""For probes, scrapers and operators: outside the version of the API, as their clients are our own."""

from fastapi import APIRouter, Depends, Response

from app import __version__
from app.core.metrics import CONTENT_TYPE
from app.core.problems import problems
from app.dependencies import AppMetrics, AppSettings, Queue, Readiness, check_metrics_token
from app.schemas.health import Health, Ready, Version
from app.services.health_service import NotReady

router = APIRouter(tags=["operations"])


@router.get("/health")
async def get_health() -> Health:
    """Say that the process answers; nothing else is looked at."""
    return Health()


@router.get("/health/ready", responses=problems(NotReady))
async def get_readiness(readiness: Readiness) -> Ready:
    """Say whether everything the service needs is there; 503 names what is not."""
    return Ready(checks=dict.fromkeys(await readiness.check(), "ok"))


@router.get("/version")
async def get_version(settings: AppSettings) -> Version:
    """Say what is running."""
    return Version(version=__version__, revision=settings.revision)


@router.get(
    "/metrics",
    response_class=Response,
    dependencies=[Depends(check_metrics_token)],
    include_in_schema=False,
)
async def get_metrics(metrics: AppMetrics, queue: Queue) -> Response:
    """Metrics in the Prometheus text format."""
    await queue.measure(metrics)
    return Response(metrics.expose(), media_type=CONTENT_TYPE)  # shipworthy: ignore[SW101] -- in memory
