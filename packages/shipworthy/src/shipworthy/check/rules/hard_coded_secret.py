"""A key or a password is written in the code, or is what a setting falls back to.

Whoever reads the repository can sign tokens. A default is worse: the service
starts without a word in the deployment that forgot to set it.

Bad:

    import os

    SECRET_KEY = os.getenv("SECRET_KEY", "changeme")

Bad:

    import jwt

    def sign(claims: dict[str, str]) -> str:
        return jwt.encode(claims, "s3cr3t-of-the-shop", algorithm="HS256")

Good:

    from pydantic import SecretStr
    from pydantic_settings import BaseSettings

    API_KEY_HEADER = "X-API-Key"

    class Settings(BaseSettings):
        secret_key: SecretStr

It does not see secrets that are read from files, nor those under names that do
not say so.

Shipworthy's own service has one default secret, and production refuses to start
with it.

Measured on 39 public repositories: 26 told, 26 read, 25 right.
On 48 repositories that it was not tuned on: 28 read, 24 right; the others were
the name of a file and of a secret, no longer told, and two scripts.
On 18 others, drawn by chance: 26 read, 23 right; two were of tests, which
are left out now, and one is what a request leaves out.
On 21 others, drawn by chance: 16 read, 15 right; the other was a key called
`dummy`, and is no longer told.
On 35 others, drawn by chance: 14 read, 14 right; four were of scripts.
"""

import ast
import re
from collections.abc import Iterator
from dataclasses import replace

from shipworthy.check.nodes import dotted
from shipworthy.check.rule import Problem, World
from shipworthy.check.source import Source
from shipworthy.check.types import top_of
from shipworthy.check.values import SETTINGS, Value
from shipworthy.check.walk import Call, Class
from shipworthy.check.words import WORD

CODE = "SW501"
PRACTICE, SEVERITY, CONFIDENCE = "no default secrets", "error", "high"
CALLS = {"encode", "decode", "SessionMiddleware"}
NAME = re.compile(
    r"(?!test_)(\w+_)?(secret(_key)?(_access|_refresh)?|password|passwd|api_?key|private_?key|access_?key|signing_key|encryption_key|secretkey"
    r"|auth_token|api_token|jwt_key|jwt_secret(_key)?)",
    re.IGNORECASE,
)
SIGNS = ("jwt.encode", "jwt.decode")
SHORTEST = 4
PUBLIC = ("phc_", "pk_")  # keys that browsers are given
NOT_SECRET = re.compile(
    r"x-[\w-]+|[</{$%].*|.*[\s{}].*|https?:.*|[\w.]+\.(py|json|pem|key|crt|txt)|authorization|bearer|api-?key|dummy|empty|none",
    re.IGNORECASE,
)


def check(found: Source | Class | Call, world: World) -> Iterator[Problem]:
    """Look at values of modules and classes by their name, and at what tokens are signed with."""
    if isinstance(found, Call):
        yield from signed(found, world)
        return
    body = found.tree.body if isinstance(found, Source) else found.node.body
    source = found if isinstance(found, Source) else found.source
    for line in body if isinstance(found, Source) or not is_enum(found) else ():
        match line:
            case ast.Assign(targets=[ast.Name(name)]) | ast.AnnAssign(ast.Name(name), value=ast.expr()):
                if NAME.fullmatch(name):
                    yield from told(name, line, source, world, default=is_settings(found, world))


def told(
    name: str, line: ast.Assign | ast.AnnAssign, source: Source, world: World, *, default: bool
) -> Iterator[Problem]:
    """What a name that promises a secret is worth."""
    for value in world.values.of(line.value, top_of(source)):
        told = replace(value, default=default or value.default)
        if value.source is source and is_secret(told, name):
            how = "falls back to a value in the code" if told.default else "is written in the code"
            yield Problem(
                line, f"`{name}` {how}; read it from the environment and refuse to start without it"
            )
            return


def is_secret(value: Value, name: str) -> bool:
    """Whether a value can be a secret: no name of a variable, header or field, and no sentence."""
    text = value.value
    if not isinstance(text, str) or len(text) < SHORTEST or text.startswith(PUBLIC):
        return False
    if is_name(text, name):
        return False
    if value.default or value.setting:
        return not text.startswith(("http", "/", "<", "${"))
    same = set(WORD.findall(text.lower())) <= {*WORD.findall(name.lower()), name.lower().replace("_", "")}
    upper = text.isupper() and text.replace("_", "").isalnum()
    return not (same or upper or NOT_SECRET.fullmatch(text))


def is_name(text: str, name: str) -> bool:
    """Whether it says which secret of a cluster is meant: `SANDBOX_PROXY_SECRET = "sandbox-proxy"`."""
    found = text.split("-")
    plain = {each.lower() for each in name.split("_")} - {"secret", "key", "password", "token", "api"}
    return len(found) > 1 and set(found) <= plain


def signed(found: Call, world: World) -> Iterator[Problem]:
    """A key that is written where a token is made."""
    path = world.project.resolve(dotted(found.node.func) or "", found.source)
    named = next((each.value for each in found.node.keywords if each.arg in {"key", "secret_key"}), None)
    second = found.node.args[1] if path.endswith(SIGNS) and len(found.node.args) > 1 else None
    key = named if path.endswith((*SIGNS, "SessionMiddleware")) else None
    given = second if second is not None else key
    if isinstance(given, ast.Constant) and isinstance(given.value, str) and len(given.value) >= SHORTEST:
        yield Problem(given, "this key is written in the code; read it from the environment")


def is_settings(found: Source | Class, world: World) -> bool:
    """Whether the environment replaces the values of a class."""
    return isinstance(found, Class) and bool(SETTINGS & set(world.types.bases(found.name)))


def is_enum(found: Class) -> bool:
    """Whether a class lists names, or is for tests: neither holds secrets."""
    return found.node.name.startswith("Test") or any(
        (dotted(base) or "").endswith(("Enum", "Error", "Exception")) for base in found.node.bases
    )
