"""Code that is checked in a few lines, and what a rule says of it."""

from pathlib import Path

from shipworthy.check.engine import check
from shipworthy.check.finding import Finding

APP = "from fastapi import Depends, FastAPI\napp = FastAPI()\n"
READ = f"{APP}import asyncio\n@app.get('/')\nasync def read() -> str:\n    await asyncio.sleep(0)\n"
WORK = "import time\ndef work():\n    time.sleep(1)\n"


def told(folder: Path, code: str, **files: str) -> list[Finding]:
    """What a rule finds in some files; `__in__` is a slash in their names."""
    for name, text in files.items():
        path = folder / name.replace("__in__", "/")
        path = path if path.suffix else path.with_suffix(".py")
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return check([folder], {code}, set()).findings


def found(folder: Path, code: str, **files: str) -> list[str]:
    """What it says with certainty."""
    return [each.message for each in told(folder, code, **files) if each.confidence == "high"]
