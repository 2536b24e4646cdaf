"""Secrets of an open room. Nothing that a run produces comes of them."""

from __future__ import annotations

import secrets

LETTERS = "ABCDEFGHJKLMNPQRSTUVWXYZ23456789"
"""Letters and figures that nobody mistakes for another."""
CODE_LENGTH = 6


def new_code() -> str:
    """Draw a room code."""
    return "".join(secrets.choice(LETTERS) for _ in range(CODE_LENGTH))


def new_secret() -> str:
    """Draw a secret of 192 bits."""
    return secrets.token_urlsafe(24)


def new_salt() -> str:
    """Draw what keeps a seal from being guessed."""
    return secrets.token_hex(32)


def new_seed() -> int:
    """Draw the seed of the worlds of a role play."""
    return secrets.randbelow(10**12)
