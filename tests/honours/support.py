"""A city round that is through its notice: what decisions, rolls and the ledger start from. All people plainly synthetic."""

from __future__ import annotations

from contextlib import contextmanager
from datetime import date, datetime
from typing import Any
from uuid import UUID

import msgspec

from foundation import clock
from foundation.clock import SHANGHAI
from foundation.database import connection, fetch, fetchval
from foundation.database.columns import new_id
from foundation.web.policy import Actor
from honours.rolls.schemas import DecisionForm
from honours.tables.nominations import PublicationConsent
from publications.notices.operations import open_notice
from publications.notices.schemas import NoticeOrder, SubjectOrder
from tests.honours.nominations.support import Round, calendar_2026, rule_set, worker
from tests.support.people import House

DECIDED = datetime(2026, 4, 24, 10, 0, tzinfo=SHANGHAI)
"""A Friday, after the notice of 2026-04-15 is over."""
SERIES = {"city-may1-medal": "XCWY", "city-may1-certificate": "XCWY", "city-pioneer": "XCXF"}
PEOPLE = (
    ("赵立春", "jia", "焊工班班长、高级技师"),
    ("钱雨水", "yi", "硫化工艺技师"),
    ("丁大寒", "yi", "设备维修电工"),
)
"""By strokes within a county 丁 (2) stands before 钱 (10)."""


@contextmanager
def counted():
    """The statements sent on the test's connection, without savepoints."""
    sent: list[str] = []

    def logger(record: Any) -> None:
        if not record.query.startswith(("SAVEPOINT", "RELEASE", "ROLLBACK")):
            sent.append(record.query)

    with connection().query_logger(logger):
        yield sent


class Ready:
    """A round with three people, a unit and a team in the city's notice, its period over."""

    def __init__(self, house: House) -> None:
        self.house = house
        self.round = Round(house)
        self.nominations: dict[str, UUID] = {}
        self.workers: dict[str, UUID] = {}
        self.notice: UUID
        self.city: Actor
        self.second: Actor

    @property
    def cycle(self) -> UUID:
        return self.round.cycle

    async def build(self, *, consent: bool = True, notice: bool = True, **rules: Any) -> Ready:
        await calendar_2026()
        await self.round.build(stage="noticed", **rules)
        for code, series in SERIES.items():
            await fetch("UPDATE honour SET series = $2 WHERE code = $1", code, series)
        self.city = await self.house.person("zheng", "city_officer", at="city")
        self.second = await self.house.person("feng", "city_officer", at="city")
        for name, at, post in PEOPLE:
            await self.person(name, at=at, post=post, consent=consent)
        await self.unit("宁国市示例乙汽车零部件有限公司", at="yi")
        await self.team("宣州区示例甲机械制造有限公司", "焊接一班", at="jia")
        if notice:
            await self.open_notice()
        return self

    async def person(
        self, name: str, *, at: str = "jia", post: str = "焊工", award: str = "city-may1-medal", consent: bool = True,
        covers: tuple[str, ...] = ("roll",), **fields: Any,
    ) -> UUID:  # fmt: skip
        """Somebody of the registry, nominated and noticed."""
        who = await worker(self.house, name, at=at)
        unit = await fetchval("SELECT unit_name FROM organisation WHERE id = $1", self.house.organisations[at])
        values: dict[str, Any] = {
            "award": award, "name": name, "unit_name": unit, "post": post, "stage": "noticed",
            "place": len(self.nominations) + 1, **fields,
        }  # fmt: skip
        made = await self.round.nomination(who, at=at, **values)
        self.workers[name], self.nominations[name] = who, made
        if consent:
            await self.consent(made, covers)
        return made

    async def consent(self, nomination: UUID, covers: tuple[str, ...], *, given: bool = True) -> None:
        await PublicationConsent(
            nomination=nomination, given=given, wording="2026-1", covers=list(covers), signed_on=date(2026, 4, 10),
            made_at=await clock.now(),
        ).save()  # fmt: skip

    async def unit(self, name: str, *, at: str) -> UUID:
        made = await self.round.nomination(
            None, at=at, award="city-may1-certificate", name=name, stage="noticed", flags=["non_public"], category=""
        )
        self.nominations[name] = made
        return made

    async def team(self, unit: str, name: str, *, at: str) -> UUID:
        made = await self.round.nomination(
            None,
            at=at,
            award="city-pioneer",
            kind="team",
            name=unit + name,
            unit_name=unit,
            stage="noticed",
            category="",
        )
        self.nominations[name] = made
        return made

    async def open_notice(self, *, opened: datetime = datetime(2026, 4, 15, 8, 30, tzinfo=SHANGHAI)) -> UUID:
        """The city's notice over everybody, five working days from the 15th: it ends on the 21st."""
        rows = await fetch(
            "SELECT id, name, unit_name FROM nomination WHERE cycle = $1 AND stage = 'noticed' ORDER BY name",
            self.cycle,
        )
        asked = NoticeOrder(
            organisation=self.house.organisations["city"], level="city", title="关于2026年宣城市五一劳动奖拟表彰对象的公示",
            basis="根据示例办法，现予公示。", headings=("名称", "单位"), list_title="拟表彰对象",
            subjects=tuple(
                SubjectOrder(cells=(row["name"], row["unit_name"]), kind="nomination", source=row["id"]) for row in rows
            ),
            office="示例总工会经济技术部", address="宣城市示例路1号", phone="0563-0000000", source_kind="cycle",
            source=self.cycle,
        )  # fmt: skip
        async with clock.moved_to(opened):
            self.notice = await open_notice(self.city, asked)
        return self.notice


def form(**changes: Any) -> DecisionForm:
    """A decision as an officer types it."""
    values: dict[str, Any] = {
        "title": "关于表彰2026年宣城市五一劳动奖的决定", "roll_title": "宣城市五一劳动奖", "series": "宣工",
        "organs": "宣城市示例总工会", "decided_on": date(2026, 4, 24), "reason": "为表彰先进，", **changes,
    }  # fmt: skip
    return msgspec.convert(values, DecisionForm)


async def honour(code: str, title: str, *, kind: str = "person", level: str = "city", **fields: Any) -> UUID:
    """A title of the catalogue."""
    from honours.tables.catalogue import Honour

    made = Honour(code=code, title=title, title_en=title, level=level, kind=kind, conferrer="宣城市总工会", **fields)
    await made.save()
    return made.id


async def held(honour_id: UUID, name: str, **fields: Any) -> UUID:
    """An entry of the ledger, straight into the table."""
    values: dict[str, Any] = {
        "id": new_id(), "honour": honour_id, "year": 2023, "conferred_on": date(2023, 4, 28), "place": 1, "kind": "person",
        "name": name, "source": "import", "document_number": "宣工〔2023〕9号", **fields,
    }  # fmt: skip
    columns = ", ".join(values)
    places = ", ".join(f"${n}" for n in range(1, len(values) + 1))
    rest = "unit_name, post, region, county_name, category, unit_class, flags, listing, posthumous, summary, search_keys, sort_key, stroke_key, revoked_reason, repeat_reason, version, made_at"  # fmt: skip
    defaults = {"unit_name": "''", "post": "''", "region": "''", "county_name": "''", "category": "''", "unit_class": "''", "flags": "'{}'", "listing": "'regular'", "posthumous": "false", "summary": "''", "search_keys": "'{}'", "sort_key": "''", "stroke_key": "''", "revoked_reason": "''", "repeat_reason": "''", "version": "1", "made_at": "now()"}  # fmt: skip
    left = [one for one in rest.split(", ") if one not in values]
    extra = "".join(f", {one}" for one in left)
    filled = "".join(f", {defaults[one]}" for one in left)
    if "repeat" not in values:
        extra, filled = extra + ", repeat", filled + ", 0"
    await fetch(f"INSERT INTO roll_entry ({columns}{extra}) VALUES ({places}{filled})", *values.values())
    return values["id"]


__all__ = ["DECIDED", "Ready", "counted", "form", "held", "honour", "rule_set", "worker"]
