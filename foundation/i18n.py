"""Two languages: Chinese is the source (a msgid is the Chinese text), English comes from each wing's ``locale/en.po``."""

from __future__ import annotations

from contextvars import ContextVar
from functools import cache

from foundation.settings import ROOT

LOCALES = ("zh", "en")
WINGS = ("foundation", "registry", "publications", "competitions", "honours", "studios")
current_locale: ContextVar[str] = ContextVar("current_locale", default="zh")


@cache
def catalogue(locale: str) -> dict[str, str]:
    """msgid → text of one language; the catalogues of all wings together."""
    from babel.messages.pofile import read_po

    texts: dict[str, str] = {}
    if locale == "zh":
        return texts
    for wing in WINGS:
        path = ROOT / wing / "locale" / f"{locale}.po"
        if path.exists():
            with path.open("rb") as file:
                for message in read_po(file, locale=locale):
                    if message.id and message.string and isinstance(message.id, str):
                        texts[message.id] = str(message.string)
    return texts


def gettext(text: str, **facts: object) -> str:
    """The text in the current request's language; without a translation, the Chinese. Facts fill ``%(name)s``."""
    translated = catalogue(current_locale.get()).get(text, text)
    return translated % facts if facts else translated


def N_(text: str) -> str:
    """Mark a text for the catalogues where it is named; it is translated where it is shown."""
    return text


_ = gettext
