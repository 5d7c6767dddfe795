"""Passwords, as NIST SP 800-63B-4 asks: long, any Unicode, no composition rules, none easy to guess."""

import re
import unicodedata
from collections.abc import Callable, Iterable
from typing import TypeVar

from anyio import CapacityLimiter, Semaphore, to_thread
from pwdlib import PasswordHash
from pwdlib.hashers.argon2 import Argon2Hasher
from zxcvbn import zxcvbn

from app.core.setting_groups import AuthSettings

T = TypeVar("T")

PRODUCT = "shipworthy"
MIN_LENGTH = 15
MAX_LENGTH = 256
# Fewer guesses than this and a list of common passwords, or of the user's own words, finds it. zxcvbn counts
# just over 10**8 for any two words side by side, so that "Password Password" has to be below the line.
MIN_GUESSES = 10**9
JUDGED_LENGTH = 72  # zxcvbn's own bound: its time grows with the square of the length


def normalise(password: str) -> str:
    """The same password typed on two keyboards is the same code points (NFKC)."""
    return unicodedata.normalize("NFKC", password)


def is_guessable(password: str, own_words: Iterable[str]) -> bool:
    """Whether somebody who knows common passwords and these words guesses it soon; milliseconds of CPU."""
    verdict = zxcvbn(password[:JUDGED_LENGTH], user_inputs=list(own_words))
    return bool(verdict["guesses"] < MIN_GUESSES)


def own_words(email: str, name: str) -> list[str]:
    """What a guesser who knows the account tries first."""
    return [email, name, PRODUCT, *re.split(r"\W+", f"{email} {name}")]


class PasswordHasher:
    """Argon2id on a few threads: never on the event loop, and never on every core at once."""

    def __init__(self, settings: AuthSettings) -> None:
        argon2 = Argon2Hasher(
            time_cost=settings.argon2_passes,
            memory_cost=settings.argon2_memory_kib,
            parallelism=1,  # more would start threads of its own, beside the ones we count
        )
        self._argon2 = PasswordHash((argon2,))
        self._threads = CapacityLimiter(settings.hashing_threads)
        self.turn = Semaphore(settings.hashing_threads)
        # Verified when there is no such user, with the same parameters, so that both answers take as long.
        self._nobody = self._argon2.hash("nobody")

    async def hash(self, password: str) -> str:
        """Hash a normalised password."""
        return await self._run(lambda: self._argon2.hash(password))

    async def verify(self, password: str, hashed: str | None) -> bool:
        """Whether the password fits; ``None``, for nobody's hash, costs the same time and is false."""
        fits = await self._run(lambda: self._argon2.verify(password, hashed or self._nobody))
        return fits and hashed is not None

    async def is_guessable(self, password: str, own_words: Iterable[str]) -> bool:
        """Judge a password off the event loop."""
        return await self._run(lambda: is_guessable(password, own_words))

    async def _run(self, work: Callable[[], T]) -> T:
        return await to_thread.run_sync(work, limiter=self._threads)
