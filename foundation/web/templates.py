"""Jinja2 over the wings' template folders, and what every page can rely on."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime
from functools import cache
from pathlib import Path
from typing import Any

import jinja2
from jinja2.utils import missing
from markupsafe import Markup

from foundation.assets import asset_url
from foundation.clock import local
from foundation.i18n import WINGS, current_locale, gettext
from foundation.settings import ROOT, settings

WEEKDAYS = ("一", "二", "三", "四", "五", "六", "日")


class Careful(jinja2.Undefined):
    """A missing attribute may be asked about; a name that the page was never given may not be printed."""

    def __str__(self) -> str:
        if self._undefined_obj is missing:
            self._fail_with_undefined_error()
        return ""


@cache
def environment() -> jinja2.Environment:
    """The one environment: autoescape on, printing an undefined name is an error."""
    env = jinja2.Environment(
        loader=jinja2.FileSystemLoader([str(Path(ROOT) / wing / "templates") for wing in WINGS]),
        autoescape=True,
        undefined=Careful,
        trim_blocks=True,
        lstrip_blocks=True,
        auto_reload=settings().debug,
        extensions=["jinja2.ext.do"],
    )
    env.globals.update(_=gettext, asset_url=asset_url, city=settings().city, federation=settings().federation)
    env.filters.update(dt=show_datetime, date=show_date, time=show_time, minute=show_minute)
    return env


def show_datetime(value: datetime | None) -> str:
    """2026-04-14 14:36 in Shanghai."""
    return "" if value is None else local(value).strftime("%Y-%m-%d %H:%M")


def show_minute(value: datetime | None) -> str:
    """4月16日 17:30 / 16 Apr 17:30."""
    if value is None:
        return ""
    moment = local(value)
    if current_locale.get() == "en":
        return moment.strftime("%-d %b %H:%M")
    return f"{moment.month}月{moment.day}日 {moment:%H:%M}"


def show_time(value: datetime | None) -> str:
    return "" if value is None else local(value).strftime("%H:%M:%S")


def show_date(value: date | None) -> str:
    """2026年4月14日 / 14 Apr 2026."""
    if value is None:
        return ""
    day = local(value).date() if isinstance(value, datetime) else value
    if current_locale.get() == "en":
        return day.strftime("%-d %b %Y")
    return f"{day.year}年{day.month}月{day.day}日"


def show_today(now: datetime) -> str:
    """2026年4月14日 周二 · 14:36."""
    moment = local(now)
    if current_locale.get() == "en":
        return moment.strftime("%a %-d %b %Y · %H:%M")
    return f"{show_date(moment)} 周{WEEKDAYS[moment.weekday()]} · {moment:%H:%M}"


def render(name: str, context: Mapping[str, Any]) -> str:
    """A template with exactly this context and the globals."""
    return environment().get_template(name).render(context)


def hidden_csrf(token: str) -> Markup:
    return Markup('<input type="hidden" name="_csrf_token" value="{}">').format(token)
