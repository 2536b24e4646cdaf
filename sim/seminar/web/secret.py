"""Secrets of an open room. Nothing that a run produces comes of them."""

from __future__ import annotations

import secrets

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and figures that nobody mistakes for another."""
CODE_LENGTH = 6
WORD_LENGTH = 16
"""80 bits: nobody finds it by trying, not even with the record at hand."""


def new_code() -> str:
    """Draw a room code."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def new_word() -> str:
    """Draw a secret that somebody can write down and type."""
    return "".join(secrets.choice(LETTERS) for _ in range(WORD_LENGTH))


def typed_word(text: str) -> str:
    """Return a word as it was drawn, from how somebody types it."""
    return "".join(letter for letter in text.upper() if letter in LETTERS)[: WORD_LENGTH + 1]


def spaced(word: str) -> str:
    """Write a word in groups of four."""
    return " ".join(word[n : n + 4] for n in range(0, len(word), 4))


def new_secret() -> str:
    """Draw a secret of 192 bits."""
    return secrets.token_urlsafe(24)


def new_salt() -> str:
    """Draw what keeps a seal from being guessed."""
    return secrets.token_hex(32)


def new_seed() -> int:
    """Draw the seed of the worlds of a role play."""
    return secrets.randbelow(10**12)
