"""The trail's codes in plain words: each wing says what its deeds are called, in its own ``deeds.py``."""

from __future__ import annotations

from collections.abc import Mapping

from foundation.i18n import gettext

_spoken: dict[str, str] = {}


def speak(deeds: Mapping[str, str]) -> None:
    """Take a wing's deeds: code → msgid."""
    _spoken.update(deeds)


def spoken() -> frozenset[str]:
    """Every code that has its words."""
    return frozenset(_spoken)


def said(action: str) -> str:
    """What a code says, in the reader's language; a code of an earlier version that nobody speaks any more stays as it is."""
    return gettext(_spoken[action]) if action in _spoken else action


def saying(text: str) -> list[str]:
    """The codes whose words hold ``text``, in the reader's language; none for no text."""
    wanted = text.strip().casefold()
    return [action for action in _spoken if wanted in said(action).casefold()] if wanted else []
