"""Answers that rest on other answers, remembered so that it does not matter what was asked first.

An answer depends on the question and on how far one may look: the depth, which each step makes smaller, and
the hops, which each look at callers does. What was found without running out of either is kept for everybody
who may look as far as that took; what was cut off is kept for that depth and those hops only.
"""

from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any

DEPTH = 24
HOPS = 4  # callers that are asked in a row, where what one passes is what was passed to it
Answer = str | None
Question = tuple[Any, ...]


@dataclass
class Ledger:
    """The answers of one project."""

    kept: dict[Question, tuple[Answer, int, int]] = field(default_factory=dict)  # with what it took
    cut: dict[tuple[Question, int, int], tuple[Answer, int, int]] = field(default_factory=dict)
    hops: int = HOPS  # that are left
    deepest: int = DEPTH  # what was left of both where the present question led furthest
    furthest: int = HOPS

    def answer(self, question: Question, depth: int, work: Callable[..., Answer]) -> Answer:
        """What was found out before, by somebody who had to look no further, or is now."""
        if depth <= 0:
            self.deepest = 0
            return None
        known = self.kept.get(question)
        if known and known[1] < depth and known[2] <= self.hops:
            found = known[0], depth - known[1], self.hops - known[2]
        else:
            again = self.cut.get((question, depth, self.hops))
            found = again or self.work_out(question, depth, work)
        self.deepest = min(self.deepest, found[1])
        self.furthest = min(self.furthest, found[2])
        return found[0]

    def work_out(
        self, question: Question, depth: int, work: Callable[..., Answer]
    ) -> tuple[Answer, int, int]:
        """An answer, and what was left of depth and hops in the end."""
        before = self.deepest, self.furthest
        self.deepest, self.furthest = depth, self.hops
        found = work(*question, depth), self.deepest, self.furthest
        self.deepest, self.furthest = before
        if found[1] > 0 and found[2] >= 0:
            self.kept[question] = found[0], depth - found[1], self.hops - found[2]
        else:
            self.cut[question, depth, self.hops] = found
        return found

    def ask_callers(self, question: Question, work: Callable[..., Answer]) -> Answer:
        """The same for what callers say: they look as deep as anybody, and one hop less far."""
        if self.hops == 0:
            self.furthest = -1
            return None
        deepest = self.deepest
        self.hops -= 1
        try:
            return self.answer(question, DEPTH, work)
        finally:
            self.hops += 1
            self.deepest = deepest
