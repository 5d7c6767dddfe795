"""Code that is checked in a few lines, and what a rule says of it."""

from pathlib import Path

from shipworthy.check.engine import check

APP = "from fastapi import Depends, FastAPI\napp = FastAPI()\n"
READ = f"{APP}import asyncio\n@app.get('/')\nasync def read() -> str:\n    await asyncio.sleep(0)\n"
WORK = "import time\ndef work():\n    time.sleep(1)\n"


def found(folder: Path, code: str, **files: str) -> list[str]:
    """What a rule says of some files; `__in__` is a slash in their names."""
    for name, text in files.items():
        path = folder / f"{name.replace('__in__', '/')}.py"
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text)
    return [each.message for each in check([folder], {code}, set()).findings if each.confidence == "high"]
