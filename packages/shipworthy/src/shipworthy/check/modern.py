"""Syntax newer than the running Python, rewritten into what it parses, at the same lines and columns."""

import re
import sys
from collections.abc import Iterator

TOKEN = re.compile(
    r"""(?P<comment>\#[^\n]*)
    |(?P<string>(?:\b[rRbBuUfFtT]{1,2})?(?:'{3}|"{3}|'|"))
    |(?P<open>[(\[{])|(?P<close>[)\]}])
    |(?P<word>\b(?:def|class|type|except)\b)""",
    re.VERBOSE,
)
NAMED = re.compile(r"[ \t]+[^\W\d]\w*[ \t]*")
ALIAS = re.compile(r"type(?=[ \t]+[^\W\d]\w*[ \t]*[\[=])")
HANDLER = re.compile(r"except(\*?)[ \t]*(?![ \t]*\()([^\n:#]+,[^\n:#]+?)([ \t]*):")
COMMENT = re.compile(r"#[^\n]*")
STRING = re.compile(r"(?P<end>'{3}|\"{3}|'|\")|(?P<escape>\\.)|(?P<brace>\{\{|\{)|(?P<line>\n)", re.DOTALL)


def older(text: str, *, nested: bool = False) -> str:
    """PEP 695, 701, 750 and 758 in the words of Python 3.11; anything else is left as it is."""
    out, position = [], 0
    for start, end, replacement in edits(text, nested=nested):
        out += [text[position:start], replacement]
        position = end
    return "".join([*out, text[position:]])


def edits(text: str, *, nested: bool) -> Iterator[tuple[int, int, str]]:
    """What to replace, first to last."""
    position = 0
    while found := TOKEN.search(text, position):
        position = found.end()
        if found["string"]:
            position = string_end(text, found.start(), found.end())
            yield from formatted(text, found.start(), found.end(), position, nested=nested)
        elif found["word"] and begins(text, found.start()):
            edit = {"type": alias, "except": handler}.get(found["word"], generic)(text, found.start())
            if edit:
                yield from edit
                position = max(position, edit[-1][1])


def begins(text: str, at: int) -> bool:
    """Whether a word is the first of its statement."""
    line = text[text.rfind("\n", 0, at) + 1 : at].strip()
    return line in {"", "async"} or line.endswith((";", ":"))


def generic(text: str, at: int) -> list[tuple[int, int, str]]:
    """`def f[T](` and `class C[T]:` without their parameters."""
    word = re.compile(r"\w+").match(text, at)
    named = NAMED.match(text, word.end()) if word else None
    if not named or text[named.end() : named.end() + 1] != "[":
        return []
    end = close(text, named.end())
    return [(named.end(), end, blank(text[named.end() : end]))]


def alias(text: str, at: int) -> list[tuple[int, int, str]]:
    """`type X[T] = ...` as a plain assignment."""
    if not ALIAS.match(text, at):
        return []
    named = NAMED.match(text, at + len("type"))
    edits = (
        [(at, at + len("type"), ""), (at + len("type"), named.end(), named[0].strip() + " ")] if named else []
    )
    if named and text[named.end()] == "[":
        end = close(text, named.end())
        edits.append((named.end(), end, ""))
    return edits


def handler(text: str, at: int) -> list[tuple[int, int, str]]:
    """`except A, B:` with its parentheses."""
    found = HANDLER.match(text, at)
    if not found or " as " in found[2]:
        return []
    return [(found.start(2), found.end(2), f"({found[2]})")]


def blank(text: str) -> str:
    """As many spaces and lines."""
    return "\\\n".join(" " * len(line) for line in text.split("\n"))


def close(text: str, at: int) -> int:
    """Where the bracket that opens here is closed."""
    depth, position = 0, at
    while found := TOKEN.search(text, position):
        position = found.end()
        if found["string"]:
            position = string_end(text, found.start(), found.end())
        depth += bool(found["open"]) - bool(found["close"])
        if depth == 0:
            return position
    return len(text)


def string_end(text: str, start: int, inside: int) -> int:
    """Where a string ends; the expressions of a formatted one may hold strings with the same quotes."""
    opened = text[start:inside]
    quote, prefix = opened.lstrip("rRbBuUfFtT"), opened.rstrip("'\"").lower()
    position = inside
    while found := STRING.search(text, position):
        position = found.end()
        if found["end"] and text.startswith(quote, found.start()):
            return found.start() + len(quote)
        if found["end"]:
            position = found.start() + 1
        if found["line"] and len(quote) == 1:
            return found.start()
        if found["brace"] == "{" and set(prefix) & set("ft"):
            position = close(text, found.start())
    return len(text)


def formatted(
    text: str, start: int, inside: int, end: int, *, nested: bool
) -> Iterator[tuple[int, int, str]]:
    """A formatted string as a tuple of its expressions where it is of the newer kind, or of templates."""
    prefix = text[start:inside].rstrip("'\"").lower()
    if not set(prefix) & set("ft") or sys.version_info >= (3, 14):
        return
    quote = text[start + len(prefix) : inside]
    body = text[inside : end - len(quote)]
    if nested or "t" in prefix or newer(body, quote):
        yield start, end, simple(text, start, inside, end, nested=nested)


def newer(body: str, quote: str) -> bool:
    """Whether only PEP 701 allows what is between its braces."""
    position = 0
    while found := STRING.search(body, position):
        position = found.end()
        if found["brace"] == "{":
            position = close(body, found.start())
            inner = body[found.start() : position]
            odd = quote in inner or "\\" in inner or "#" in inner or (len(quote) == 1 and "\n" in inner)
            if odd or older(inner[1:-1]) != inner[1:-1]:
                return True
    return False


def simple(text: str, start: int, inside: int, end: int, *, nested: bool) -> str:
    """A formatted string with plain expressions only, on as many lines."""
    found, position = [], inside
    while (each := STRING.search(text, position)) and each.start() < end:
        position = each.end()
        if each["brace"] == "{":
            position = close(text, each.start())
            found.append(COMMENT.sub("", expression(text[each.start() + 1 : position - 1])))
    if nested:
        return "str((" + "".join(f"({each}), " for each in found) + "))"
    written = "".join(f"{{({plain(each)})}}" for each in found)
    return "f'''" + written + "\n" * (text[start:end].count("\n") - written.count("\n")) + "'''"


def plain(text: str) -> str:
    """An expression without strings that may not stand inside another."""
    out, position = [], 0
    while found := TOKEN.search(text, position):
        end = string_end(text, found.start(), found.end()) if found["string"] else found.end()
        literal = text[found.start() : end]
        odd = found["string"] and ("\\" in literal or "'''" in literal)
        out += [text[position : found.start()], '""' if odd else literal]
        position = end
    return "".join([*out, text[position:]])


def expression(text: str) -> str:
    """What is between two braces, without conversion and format."""
    depth, position = 0, 0
    while found := re.compile(r"['\"]|[(\[{]|[)\]}]|!=|[!:]|=(?=\s*$)|lambda").search(text, position):
        position = found.end()
        if found[0] in "'\"":
            position = string_end(text, found.start(), position)
        elif found[0] in "([{":
            depth += 1
        elif found[0] in ")]}":
            depth -= 1
        elif depth == 0 and found[0] in {"!", ":", "="}:
            return older(text[: found.start()], nested=True)
    return older(text, nested=True)
