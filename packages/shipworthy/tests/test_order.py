"""What is found does not depend on what is looked at first, nor on what else is looked for."""

from pathlib import Path
from random import Random

import pytest
from shipworthy.check.project import read
from shipworthy.check.rule import Rule, load, marks
from shipworthy.check.run import Thing, run, things
from shipworthy.check.world import World, study

HEAD = """
from fastapi import Depends, FastAPI
from sqlalchemy import create_engine, select
from sqlalchemy.ext.asyncio import AsyncSession, async_sessionmaker, create_async_engine
from sqlalchemy.orm import Session, sessionmaker
app = FastAPI()
plain = sessionmaker(create_engine(""))
other = async_sessionmaker(create_async_engine(""))
def get_db():
    with plain() as db:
        yield db
"""
KNOWN = {
    "what two callers pass": """
def save(db): db.commit()
@app.get("/a")
async def a(): save(plain())
@app.get("/b")
async def b(): save(other())
""",
    "what is passed on": """
def first(db): second(db)
def second(db): third(db)
def third(db): db.execute("")
@app.get("/a")
def a(db: Session = Depends(get_db)): third(1); return first(db)
@app.get("/b")
async def b(db=Depends(get_db)): first(db)
""",
    "what calls itself": """
def again(db, n):
    if n: return again(db.get_bind(), n - 1)
    db = db.execution_options(a=n)
    db = db.begin_nested()
    return db
def back(db): return forth(db) or db
def forth(db): return back(db) or again(db, 1)
@app.get("/a")
async def a(db: Session = Depends(get_db)): forth(db).execute("")
@app.get("/b")
async def b(db: Session = Depends(get_db)): back(db).execute(""); again(db, 2).commit()
""",
    "two ways of the same length": """
def left(db): middle(db)
def right(db): middle(db)
def middle(db): db.commit()
def deep(db): left(db)
@app.get("/a")
async def a(db: Session = Depends(get_db)): right(db); left(db)
@app.get("/b")
async def b(db: Session = Depends(get_db)): deep(db); left(db); right(db)
""",
    "classes that inherit from each other": """
class A(B):
    def go(self): self.store.commit()
class B(A):
    def __init__(self, store): self.store = store
@app.get("/a")
async def a(): A(plain()).go()
@app.get("/b")
async def b(): B(plain()).go()
""",
}
LINES = [
    "{name} = {function}({other})", "{name} = {name}.begin_nested()", "{name} = {other} or {name}",
    "{name}.execute('')", "{name}.commit()", "return {name}", "{name} = Store({other})", "{name}.go({other})",
    "{name} = {name}.db", "return {function}({name})", "{name} = {other}", "raise HTTPException(404)",
]  # fmt: skip
VALUES = ["plain()", "other()", "Store(plain())", "next(get_db())", "1"]


def random_project(seed: int) -> str:
    """Functions that pass on whatever they are given, and routes that call some of them."""
    random = Random(seed)  # noqa: S311 - nothing is secret here
    lines = [HEAD, "class Store:", "    def __init__(self, db): self.db = db", "    def go(self, x):"]
    lines += [f"        {line(random)}" for _ in range(3)]
    for number in range(8):
        lines += [f"def f{number}(x, y=None):", *(f"    {line(random)}" for _ in range(4))]
    for number in range(6):
        call = f"f{random.randrange(8)}({random.choice(VALUES)}, {random.choice(VALUES)})"
        lines += [f"@app.get('/{number}')", f"async def r{number}(): return {call}"]
    return "\n".join(lines) + "\n"


def line(random: Random) -> str:
    """A line of a function."""
    names = {"name": random.choice("xy"), "other": random.choice("xy")}
    return random.choice(LINES).format(function=f"f{random.randrange(8)}", **names)


def told(world: World, rules: list[Rule], seen: list[Thing]) -> set[tuple[object, ...]]:
    """What rules say of some things, in words."""
    return {
        (
            rule.code,
            source.path,
            problem.node.lineno,
            problem.message,
            tuple(each.callee for each in problem.chain),
        )
        for rule, _, source, problem in run(world, rules, seen)
    }


def in_every_order(folder: Path) -> list[set[tuple[object, ...]]]:
    """What is found in the usual order, backwards, shuffled, and with each rule alone."""
    project, rules = read([folder]), load()
    straight = study(project, marks(rules))
    found = [told(straight, rules, list(things(straight)))]
    for seed in range(4):
        world = study(project, marks(rules))
        seen = list(reversed(list(things(world))))
        if seed:
            Random(seed).shuffle(seen)  # noqa: S311 - nothing is secret here
        found.append(told(world, rules, seen))
    alone = set[tuple[object, ...]]()
    for rule in rules:
        world = study(project, marks([rule]))
        alone |= told(world, [rule], list(things(world)))
    return [*found, alone]


@pytest.mark.parametrize("code", KNOWN.values(), ids=KNOWN)
def test_what_is_found_does_not_depend_on_what_is_looked_at_first(code: str, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(HEAD + code)

    found = in_every_order(tmp_path)

    assert [each[0] for each in found[0]].count("SW101")
    assert all(each == found[0] for each in found)


@pytest.mark.parametrize("seed", range(12))
def test_nor_does_it_in_a_tangle(seed: int, tmp_path: Path) -> None:
    (tmp_path / "main.py").write_text(random_project(seed))

    found = in_every_order(tmp_path)

    assert all(each == found[0] for each in found)
