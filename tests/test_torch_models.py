"""Models of PyTorch: the page that tells how to bring one, done as it says. Skipped where PyTorch is not."""

import hashlib
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from httpx2 import Response

from app.main import create_app
from tests.processes import INHERITED, ROOT
from tests.support import make_settings, open_client, running

torch = pytest.importorskip("torch", reason="PyTorch is not installed")

BLOCK = re.compile(r"^```(python|sh)\n(.*?)^```\n", re.DOTALL | re.MULTILINE)
TORCH = "app.core.predictions.torch_model"
PATIENCE = 300  # seconds; the first import of PyTorch takes its time


def blocks(language: str) -> list[str]:
    """Of the page, in its order."""
    page = (ROOT / "docs" / "predictions.md").read_text()
    return [code for kind, code in BLOCK.findall(page) if kind == language]


@pytest.fixture(scope="module")
def models(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """What the commands of the page leave."""
    folder = tmp_path_factory.mktemp("torch")
    (folder / "train.py").write_text(blocks("python")[0])
    [commands] = blocks("sh")
    run_in(folder, commands.replace("python ", f"{sys.executable} "))
    return folder / "models"


def run_in(folder: Path, commands: str) -> None:
    done = subprocess.run(  # noqa: S603 - the page's own commands
        ["bash", "-euo", "pipefail", "-c", commands],  # noqa: S607 - and the reader's own bash
        cwd=folder,
        env=environment_of_a_reader(),
        capture_output=True,
        text=True,
        timeout=PATIENCE,
        check=False,
    )
    assert done.returncode == 0, done.stderr


def environment_of_a_reader() -> dict[str, str]:
    return {name: value for name in INHERITED if (value := os.environ.get(name))}


async def ask(database_url: str, folder: Path, runtime: str) -> Response:
    """Predictions for a bar in each row, and what the model says about itself."""
    settings = make_settings(database_url, predictions={"folder": folder, "runtime": runtime})
    async with running(create_app(settings)) as service, open_client(service) as client:
        assert (await client.get("/predictions/model")).json()["name"] == "bars"
        return await client.post("/predictions", json={"inputs": [bar(row) for row in range(8)]})


def bar(row: int) -> list[list[float]]:
    """An image with ink in one row."""
    return [[15.0] * 8 if number == row else [0.5] * 8 for number in range(8)]


def labels(answer: Response) -> list[str]:
    assert answer.status_code == 200, answer.text
    return [each["label"] for each in answer.json()["predictions"]]


async def test_a_network_is_trained_exported_and_served_as_the_page_says(
    database_url: str, models: Path
) -> None:
    assert labels(await ask(database_url, models, TORCH)) == list("01234567")


@pytest.mark.filterwarnings("ignore:.torch.jit:DeprecationWarning")  # old models are still about
async def test_torchscript_is_served_too(database_url: str, models: Path, tmp_path: Path) -> None:
    version = rewritten(models / "1", tmp_path / "1", "model.pt")
    network = torch.nn.Sequential(torch.nn.Flatten(), torch.nn.Linear(64, 10))
    with torch.no_grad():  # as much for a label as there is ink in its row
        network[1].bias.zero_()
        network[1].weight.copy_(torch.eye(10, 8).repeat_interleave(8, 1))
    torch.jit.script(network).save(version / "model.pt")
    sign(version)

    assert labels(await ask(database_url, tmp_path, TORCH)) == list("01234567")


async def test_the_same_network_is_served_as_onnx_without_torch(
    database_url: str, models: Path, tmp_path: Path
) -> None:
    pytest.importorskip("onnxscript", reason="onnxscript, which torch.onnx.export needs, is not installed")
    version = rewritten(models / "1", tmp_path / "1", "model.onnx")
    code = blocks("python")[0].split("card = {")[0] + blocks("python")[1].replace(
        'folder / "model.onnx"', f"{str(version / 'model.onnx')!r}"
    )
    (tmp_path / "train.py").write_text(code)
    run_in(tmp_path, f"{sys.executable} train.py other/1")
    sign(version)

    assert labels(await ask(database_url, tmp_path, "app.core.predictions.onnx_model")) == list("01234567")


def rewritten(version: Path, copy: Path, file: str) -> Path:
    """A version's card, for another file."""
    copy.mkdir()
    card = json.loads((version / "model.json").read_text())
    (copy / "model.json").write_text(json.dumps(card | {"file": file}))
    return copy


def sign(version: Path) -> None:
    """Write the file's checksum into the card."""
    card = json.loads((version / "model.json").read_text())
    card["sha256"] = hashlib.sha256((version / card["file"]).read_bytes()).hexdigest()
    (version / "model.json").write_text(json.dumps(card))
