"""The notices of the season: one that has ended without an objection, one that is open today."""

from __future__ import annotations

from datetime import datetime
from uuid import UUID

from commands.season.accounts import actor_of
from commands.season.clock_of_season import at, on
from foundation.database import fetch
from publications.notices.operations import open_notice
from publications.notices.schemas import NoticeOrder, SubjectOrder

BASIS = "根据《中华人民共和国工会法》和本届职工职业技能大赛规程，经赛项裁判组评分、裁判长确认并公布成绩，现将有关人选予以公示，接受职工群众监督。"
DONE = "人选由所在单位推荐参赛，成绩按规程取得并已公布；各单位核实了身份和工作情况。"


async def load() -> None:
    """Last year's and this year's: the winners whom the federation means to recommend."""
    await _notice("2025-fitter", "钳工", on(5, 12, year=2025))
    await _notice("2026-welder", "焊工", on(4, 13))


async def _notice(event: str, trade: str, when: datetime) -> UUID:
    async with at(when):
        officer = await actor_of("shizong")
        assert officer.organisation is not None
        rows = await fetch(
            "SELECT w.name, w.organisation_name, w.rank, w.entry FROM result_row w JOIN result r ON r.id = w.result"
            " JOIN event e ON e.id = r.event WHERE e.code = $1 AND w.rank <= 3 ORDER BY w.place",
            event,
        )
        subjects = tuple(
            SubjectOrder(
                kind="entry",
                source=row["entry"],
                cells=(row["name"], row["organisation_name"], f"{trade}第{row['rank']}名"),
            )
            for row in rows
        )
        return await open_notice(
            officer,
            NoticeOrder(
                organisation=officer.organisation, level="city", title=f"关于{when.year}年宣城市“{trade}”赛项拟推荐金牌职工人选的公示",
                basis=BASIS, done=DONE, headings=("姓名", "单位", "成绩"), subjects=subjects, list_title="拟推荐人选名单",
                channel="宣城市总工会网站、工人文化宫公示栏", series="宣工示", office="宣城市总工会劳动和经济工作部",
                address="宣城市示例路1号", phone="0563-0000000", email="shili@example.invalid", signature="宣城市总工会",
            ),
        )  # fmt: skip
