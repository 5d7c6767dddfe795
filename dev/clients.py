"""`make clients`: typed clients from openapi.json, by pinned tools in environments of their own."""

import json
import shutil
import subprocess
import sys
import venv
from pathlib import Path

from app.dependencies.uploads import FORMATS
from dev.pages import ROOT

CLIENTS = ROOT / "clients"
TOOLS = ROOT / ".local" / "clients"
PYTHON = TOOLS / "python" / "bin" / "python"
PYTHON_TOOLS = ("openapi-python-client==0.29.1", "types-python-dateutil==2.9.0.20260716")
PYTHON_CONFIG = {
    "package_name_override": "shipworthy_client",
    "post_hooks": [],
    # Files are sent as they are; of several types the client names the last, so it uploads JSON Lines.
    "content_type_overrides": dict.fromkeys(FORMATS, "application/octet-stream"),
}
NODE = TOOLS / "node"
# TypeScript 5: openapi-typescript calls its compiler, which is no longer there in 7.
NODE_TOOLS = ("openapi-typescript@7.13.0", "openapi-fetch@0.17.0", "typescript@5.9.3", "@types/node@22.19.0")


def main() -> None:
    """Generate both, from nothing."""
    shutil.rmtree(CLIENTS, ignore_errors=True)
    CLIENTS.mkdir()
    python_client()
    if npm := shutil.which("npm"):
        typescript_client(npm)
    else:
        print("clients     no TypeScript client: there is no npm")


def python_client() -> None:
    """``shipworthy_client``: httpx and attrs."""
    if not PYTHON.exists():
        venv.create(TOOLS / "python", with_pip=True)
    run(PYTHON, "-m", "pip", "install", "-qq", "--disable-pip-version-check", *PYTHON_TOOLS)
    config = TOOLS / "python.json"
    config.write_text(json.dumps(PYTHON_CONFIG))
    package = CLIENTS / "python" / "shipworthy_client"
    package.parent.mkdir()
    generate = (PYTHON, "-m", "openapi_python_client", "generate", "--meta", "none", "--fail-on-warning")
    run(*generate, "--config", config, "--path", ROOT / "openapi.json", "--output-path", package)
    (package / "py.typed").touch()


def typescript_client(npm: str) -> None:
    """``api.d.ts``: what openapi-fetch needs to know."""
    NODE.mkdir(parents=True, exist_ok=True)
    run(npm, "install", "--silent", "--no-fund", "--no-audit", "--prefix", NODE, *NODE_TOOLS)
    folder = CLIENTS / "typescript"
    run(NODE / "node_modules/.bin/openapi-typescript", ROOT / "openapi.json", "-o", folder / "api.d.ts")
    (folder / "node_modules").symlink_to(NODE / "node_modules")
    (folder / "package.json").write_text('{"type": "module"}')


def run(*command: str | Path) -> None:
    """A command whose words matter only when it fails."""
    done = subprocess.run(command, capture_output=True, text=True, check=False)  # noqa: S603 - our own
    if done.returncode != 0:
        sys.exit(f"error: {' '.join(map(str, command))}\n{done.stdout}{done.stderr}")


if __name__ == "__main__":
    main()
