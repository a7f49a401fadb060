"""The documents of the season: a circular with its annex, a public notice, and the decision over last year's first places."""

from __future__ import annotations

from datetime import date, datetime
from uuid import UUID

from commands.season.accounts import actor_of
from commands.season.clock_of_season import at, on
from foundation.database import fetch
from foundation.settings import settings
from publications.documents.notices import Contact, Period, notice_paper
from publications.documents.operations import draft, issue, issue_decision
from publications.documents.orders import DecisionOrder, Roll
from publications.documents.schemas import Annex, Entry, Kind, Of, Paper
from publications.documents.wording import read_body

SERIES = "宣工"
ADDRESSEES = "各县（市、区）总工会，市直各产业工会，各参赛单位工会"
CIRCULAR = """为深入学习贯彻关于产业工人队伍建设改革的决策部署，弘扬劳模精神、劳动精神、工匠精神，经研究，决定举办2026年宣城市职工职业技能大赛。现将有关事项通知如下。
一、赛项设置
本届大赛设汽车装调工、焊工、数控车工、电工等赛项，各赛项时间见附件。
二、参赛条件
（一）单位条件。在本市登记、已建立工会组织的企业和事业单位。
（二）个人条件。年满16周岁、未达到法定退休年龄，在本市工作满1年的在岗职工。
三、评分办法
理论成绩占30%，实操成绩占70%。实操由五名以上裁判独立评分，去掉一个最高分和一个最低分后取平均值。
四、有关要求
各单位要认真组织选拔，按时上报。成绩公布后两小时内可以提出申诉，逾期不予受理。"""
SCHEDULE = (
    "焊工：2026年3月28日，宣城示例职业技术学院。",
    "汽车装调工：2026年4月14日，宣城示例汽车零部件有限公司。",
    "数控车工：2026年4月下旬，以团体形式举行。",
    "电工：2026年5月，具体日期另行通知。",
)
HOSTS = ("宣城示例职业技术学院", "宣城示例汽车零部件有限公司")


async def load() -> None:
    """Each drafted and issued by the officer on its day."""
    await _decision(on(5, 26, year=2025))
    await _circular(on(3, 2))
    await _publicity(on(3, 18))


async def _issue(when: datetime, paper: Paper) -> UUID:
    async with at(when):
        officer = await actor_of("shizong")
        assert officer.organisation is not None
        made = await draft(officer, officer.organisation, SERIES, paper, public=True)
        await issue(officer, made, version=1)
        return made


async def _circular(when: datetime) -> None:
    body, refused = read_body(CIRCULAR)
    assert not refused
    annex = Annex(title="各赛项时间安排", of=Of.TEXT, entries=tuple(Entry(name=line) for line in SCHEDULE))
    organ = settings().federation
    paper = Paper(
        kind=Kind.NOTICE, organs=(organ,), title="关于举办2026年宣城市职工职业技能大赛的通知", addressees=ADDRESSEES,
        signed_on=when.date(), body=body, annexes=(annex,), copies="安徽省总工会，市人力资源和社会保障局", printed_by=f"{organ}办公室",
    )  # fmt: skip
    await _issue(when, paper)


async def _publicity(when: datetime) -> None:
    """18 to 24 March 2026: five working days."""
    paper = notice_paper(
        title="关于2026年宣城市职工职业技能大赛承办单位的公示",
        basis=("根据《关于举办2026年宣城市职工职业技能大赛的通知》（宣工〔2026〕1号），经单位申报、实地查看和集体研究，拟确定2个单位承办本届大赛，现予公示。",),
        period=Period(first=date(2026, 3, 18), last=date(2026, 3, 24), days=5),
        contact=Contact(office="宣城市总工会劳动和经济工作部", address="宣城市示例路1号", phone="0563-0000000", email="shili@example.invalid"),
        organ=settings().federation, signed_on=when.date(), list_title="拟承办单位名单", rows=[(host,) for host in HOSTS],
    )  # fmt: skip
    await _issue(when, paper)


async def _decision(when: datetime) -> None:
    """Over the three first places of last year's fitters, after their notice had run without an objection."""
    async with at(when):
        officer = await actor_of("shizong")
        assert officer.organisation is not None
        rows = await fetch(
            "SELECT w.name, w.organisation_name, w.result FROM result_row w JOIN result r ON r.id = w.result"
            " JOIN event e ON e.id = r.event WHERE e.code = '2025-fitter' AND w.rank <= 3 ORDER BY w.place"
        )
        lines = tuple(Entry(name=row["name"], detail=row["organisation_name"]) for row in rows)
        organ = settings().federation
        order = DecisionOrder(
            organisation=officer.organisation, organs=(organ,), series=SERIES,
            title="关于授予2025年职工职业技能大赛“钳工”赛项优胜选手“宣城市金牌职工”称号的决定",
            rolls=(Roll(award="宣城市金牌职工", kind=Of.PEOPLE, lines=lines, title="“宣城市金牌职工”名单"),),
            opening=("2025年宣城市职工职业技能大赛“钳工”赛项按照规程评出优胜选手，人选经公示无异议。",),
            reason="为表彰先进，弘扬工匠精神，", addressees=ADDRESSEES, signed_on=when.date(), printed_by=f"{organ}办公室",
            closing=(
                "希望受到表彰的同志珍惜荣誉、再接再厉。全市广大职工要以先进为榜样，立足本职、钻研技术、岗位建功。",
                "各级工会要广泛宣传先进事迹，为职工学技术、练本领、当工匠搭建平台，推动产业工人队伍建设改革走深走实。",
            ),
            source_kind="season", source=rows[0]["result"],
        )  # fmt: skip
        await issue_decision(officer, order)
