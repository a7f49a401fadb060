"""What anybody reads of a result: frozen, searchable, explained, recomputed, and without what nobody may know."""

from __future__ import annotations

import json
import re
from html.parser import HTMLParser

import pytest

from competitions.results import operations
from competitions.scoring.reading import parse
from competitions.scoring.standings import standings
from foundation.database import fetch
from tests.competitions import support
from tests.competitions.results.support_results import PLACES, marked, sign_all

ID_NUMBER = re.compile(r"(?<![0-9A-Za-z])[1-9][0-9]{16}[0-9Xx](?![0-9A-Za-z])")
MOBILE = re.compile(r"(?<![0-9A-Za-z])1[3-9][0-9]{9}(?![0-9A-Za-z])")


class Places(HTMLParser):
    """The rows of a result's table: (rank, name, total, award) as a reader sees them, and each row's explanation."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.rows: list[dict[str, str]] = []
        self._cell = ""
        self._in_body = self._who = False
        self.feed(html)

    def handle_starttag(self, tag, attrs):
        of = {name: value or "" for name, value in attrs}
        if tag == "tr" and of.get("id", "").startswith("entry-"):
            self.rows.append({"entry": of["id"].removeprefix("entry-"), "class": of.get("class", "")})
        elif tag == "td" and self.rows:
            self._cell = (of.get("class", "")).split()[-1] if of.get("class") else ""
        elif tag == "a" and self.rows and self._cell == "why":
            self.rows[-1]["href"] = of["href"]
        elif tag == "span" and self._cell == "name":
            self._who = of.get("class") == "who"

    def handle_endtag(self, tag):
        if tag == "td":
            self._cell = ""

    def handle_data(self, data):
        if self.rows and self._cell and (self._cell != "name" or self._who):
            self.rows[-1][self._cell] = self.rows[-1].get(self._cell, "") + data.strip()


async def published(house, **fields):
    stage, zhou = await marked(house, **fields)
    await operations.confirm_result(zhou, stage.event)
    await operations.publish_result(zhou, stage.event)
    return stage, zhou


async def test_the_page_shows_the_places_reckoned_by_hand(house, browse):
    await published(house, code="2026-p1")
    visitor = await browse(None)
    rows = Places((await visitor.get("/results/2026-p1")).text).rows
    shown = [
        (row["rank"], row["entry"], row["total"], row["award"].lstrip("12") if row["award"] != "—" else "")
        for row in rows
    ]
    assert shown == PLACES
    assert [row["name"] for row in rows] == ["示例队A02", "示例队A01", "示例队A03"]
    assert ["ends-award" in row["class"] for row in rows] == [True, True, False]


async def test_an_unpublished_result_is_not_found_by_anybody(house, browse):
    stage, zhou = await marked(house, code="2026-p2")
    await operations.confirm_result(zhou, stage.event)
    qian = await house.person("qian", "city_officer", at="city")
    for actor in (None, zhou, qian):
        reader = await browse(actor)
        for path in ("", "/bundle.json", "/table.xlsx", "/entries/A01/explanation"):
            assert (await reader.get("/results/2026-p2" + path)).status_code == 404
        assert "2026-p2" not in (await reader.get("/results")).text
        assert (await reader.get("/api/v1/results/2026-p2")).status_code == 404


async def test_later_changes_in_the_database_do_not_change_the_page(house, browse):
    stage, _zhou = await published(house, code="2026-p3")
    visitor = await browse(None)
    before = Places((await visitor.get("/results/2026-p3")).text).rows
    bundle = (await visitor.get("/results/2026-p3/bundle.json")).content
    await support.mark(stage, "A03", "T", "J1", "100", version=2)
    await fetch("UPDATE entry SET name = '改名队', status = 'disqualified' WHERE event = $1", stage.event)
    assert Places((await visitor.get("/results/2026-p3")).text).rows == before
    assert (await visitor.get("/results/2026-p3/bundle.json")).content == bundle
    assert "改名队" not in (await visitor.get("/results/2026-p3/entries/A03/explanation")).text


async def test_the_open_bundle_gives_the_same_places_under_the_fingerprint_of_the_page(house, browse):
    import hashlib

    await published(house, code="2026-p4")
    visitor = await browse(None)
    answer = await visitor.get("/results/2026-p4/bundle.json")
    sha = hashlib.sha256(answer.content).hexdigest()
    made = standings(parse(answer.content))
    assert made.bundle_sha256 == sha
    assert [(str(row.rank), row.entry, row.total, row.award or "") for row in made.rows] == PLACES
    page = (await visitor.get("/results/2026-p4")).text
    assert sha[:4] in page
    assert sha[-4:] in page
    assert answer.headers["etag"] == f'"{sha}"'


async def test_the_explanation_shows_every_step_of_the_arithmetic(house, browse):
    await published(house, code="2026-p5")
    visitor = await browse(None)
    html = (await visitor.get("/results/2026-p5/entries/A01/explanation")).text
    text = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", html.partition('<section class="drawer"')[2]))
    for step in (
        "（50 + 52）÷ 2 = 51.00",
        "（2 + 3）÷ 2 = 2.50",
        "2.50 ÷ 3 × 40 = 33.333333… → 33.33",
        "51.00 + 33.33 = 84.33",
        "0.3 × 80.00 + 0.7 × 84.33 = 83.031 → 83.03",
        "1 + 1 = 2",
        "名二等奖，第 2 名",
    ):
        assert step in text, step


async def test_a_tie_is_opened_key_by_key(house, browse):
    stage = await support.standard(house, code="2026-p6")
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    # A01: 0.3 × 90 + 0.7 × 60 = 69; A02: 0.3 × 76 + 0.7 × 66 = 69: the higher practice stands first (C30).
    await support.mark_all(
        stage,
        {
            "A01": {"T": ["90"], "P1": ["60", "60"], "P2": ["0", "0"]},
            "A02": {"T": ["76"], "P1": ["26", "26"], "P2": ["3", "3"]},
            "A03": {"T": ["10"], "P1": ["1", "1"], "P2": ["0", "0"]},
        },
    )
    await sign_all(stage.event)
    await operations.confirm_result(zhou, stage.event)
    await operations.publish_result(zhou, stage.event)
    visitor = await browse(None)
    rows = Places((await visitor.get("/results/2026-p6")).text).rows
    assert [(row["entry"], row["rank"], row["total"]) for row in rows[:2]] == [
        ("A02", "1", "69.00"),
        ("A01", "2", "69.00"),
    ]
    html = (await visitor.get("/results/2026-p6/entries/A01/explanation")).text
    table = re.sub(r"\s+", " ", re.sub(r"<[^>]+>", " ", html.partition('class="tiebreak"')[2].partition("</table>")[0]))
    assert "1 总成绩 69.00 = 69.00 相同" in table
    assert "2 实操 60.00 &lt; 66.00 由此定" in table
    assert "同分比较" not in (await visitor.get("/results/2026-p6/entries/A03/explanation")).text


async def test_search_by_name_pinyin_initials_unit_and_award(house, browse):
    stage = await support.standard(house, code="2026-p7")
    await fetch("UPDATE entry SET name = '赵立春' WHERE id = $1", stage.entries["A01"])
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    from tests.competitions.results.support_results import MARKS

    await support.mark_all(stage, MARKS)
    await sign_all(stage.event)
    await operations.confirm_result(zhou, stage.event)
    await operations.publish_result(zhou, stage.event)
    visitor = await browse(None)

    async def found(**asked) -> list[str]:
        return [row["entry"] for row in Places((await visitor.get("/results/2026-p7", params=asked)).text).rows]

    assert await found(q="赵立") == await found(q="zhaolichun") == await found(q="zlc") == ["A01"]
    assert await found(q="乙汽车") == ["A02"]
    assert await found(award="一等奖") == ["A02"]
    assert await found(award="-") == ["A03"]
    assert await found(unit="宣州区示例甲机械制造有限公司") == ["A01", "A03"]
    assert await found(q="没有这个人") == []
    assert "赵立春" in (await visitor.get("/results", params={"q": "zhaolichun"})).text
    assert "2026-p7" not in (await visitor.get("/results", params={"q": "没有这个人"})).text


async def test_absent_entries_stand_last_without_a_rank(house, browse):
    stage = await support.standard(house, code="2026-p8")
    zhou = await house.person("zhou", "chief_judge", event=stage.event)
    from tests.competitions.results.support_results import MARKS

    await support.mark_all(stage, MARKS)
    await fetch("UPDATE entry SET status = 'absent' WHERE id = $1", stage.entries["A02"])
    await sign_all(stage.event)
    await operations.confirm_result(zhou, stage.event)
    await operations.publish_result(zhou, stage.event)
    visitor = await browse(None)
    rows = Places((await visitor.get("/results/2026-p8")).text).rows
    assert [(row["entry"], row["rank"]) for row in rows] == [("A01", "1"), ("A03", "2"), ("A02", "—")]
    assert "缺考" in rows[2]["award"]
    assert "href" not in rows[2]
    html = (await visitor.get("/results/2026-p8/entries/A02/explanation")).text
    assert "不计分、不排名" in html


async def test_a_withdrawn_result_says_why_and_names_nobody(house, browse):
    stage, zhou = await published(house, code="2026-p9")
    await operations.withdraw_publication(zhou, stage.event, "理论答案有误")
    visitor = await browse(None)
    html = (await visitor.get("/results/2026-p9")).text
    assert "成绩已撤回" in html
    assert "理论答案有误" in html
    assert "示例队" not in html
    for path in ("/bundle.json", "/table.xlsx", "/entries/A01/explanation"):
        assert (await visitor.get("/results/2026-p9" + path)).status_code == 404
    listed = (await visitor.get("/results")).text
    assert "已撤回" in listed
    assert "示例队" not in listed
    told = (await visitor.get("/api/v1/results/2026-p9")).json()
    assert told["withdrawn_reason"] == "理论答案有误"
    assert told["places"] == []


async def test_a_corrected_result_tells_of_the_version_before(house, browse):
    stage, zhou = await published(house, code="2026-p10")
    await operations.withdraw_publication(zhou, stage.event, "理论答案有误")
    await operations.return_to_judging(zhou, stage.event, "更正理论分")
    await support.mark(stage, "A03", "T", "J1", "100", version=2)
    await operations.confirm_result(zhou, stage.event)
    await operations.publish_result(zhou, stage.event)
    visitor = await browse(None)
    html = (await visitor.get("/results/2026-p10")).text
    assert "已更正" in html
    assert "理论答案有误" in html
    assert "第 2 版" in html
    assert [row["total"] for row in Places(html).rows] == ["94.00", "83.03", "72.35"]


async def test_neither_id_numbers_nor_telephones_nor_members_nor_judges_are_public(house, browse):
    await published(house, code="2026-p11", kind="team", team_max=3)
    visitor = await browse(None)
    for path in ("", "/bundle.json", "/entries/A01/explanation"):
        text = (await visitor.get("/results/2026-p11" + path)).text
        text = re.sub(r"<(script|link|meta)[^>]*>|[0-9a-f]{64}", "", text)
        assert not ID_NUMBER.search(text)
        assert not MOBILE.search(text)
        assert "示例选手" not in text
        assert "judge-j" not in text


async def test_the_api_gives_the_same_places(house, browse):
    await published(house, code="2026-p12")
    visitor = await browse(None)
    told = (await visitor.get("/api/v1/results/2026-p12")).json()
    assert [(str(p["rank"]), p["entry"], p["total"], p["award"] or "") for p in told["places"]] == PLACES
    assert told["places"][0]["modules"] == {"theory": "90.50", "practical": "95.50"}
    listed = (await visitor.get("/api/v1/results", params={"q": "汽车装调工"})).json()
    assert [line["event"] for line in listed["results"]] == ["2026-p12"]
    json.dumps(told)


async def test_a_visitors_page_may_be_kept_and_sets_no_cookie(house, browse):
    await published(house, code="2026-p13")
    visitor = await browse(None)
    visitor.cookies.clear()
    for path in ("/", "/results", "/results/2026-p13"):
        answer = await visitor.get(path)
        assert answer.headers["cache-control"].startswith("public, max-age=")
        assert "set-cookie" not in answer.headers
        assert "_csrf_token" not in answer.text
        assert "X-CSRF-Token" not in answer.text


async def test_a_visitors_page_comes_packed_and_is_the_same(house, browse):
    await published(house, code="2026-p17")
    visitor = await browse(None)
    packed = await visitor.get("/results/2026-p17")
    plain = await visitor.get("/results/2026-p17", headers={"Accept-Encoding": "identity"})
    assert packed.headers["content-encoding"] == "gzip"
    assert "content-encoding" not in plain.headers
    assert "Accept-Encoding" in packed.headers["vary"]
    assert Places(packed.text).rows == Places(plain.text).rows
    assert int(packed.headers["content-length"]) * 2 < len(plain.content)


async def test_somebody_signed_in_gets_no_shared_copy(house, browse):
    _stage, zhou = await published(house, code="2026-p14")
    answer = await (await browse(zhou)).get("/results/2026-p14")
    assert answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("code", ["nothing", "a b", "%00", "%2e%2e", "x" * 300])
async def test_unknown_codes_are_not_found(house, browse, code):
    visitor = await browse(None)
    for path in (f"/results/{code}", f"/results/{code}/bundle.json", f"/live/{code}"):
        assert (await visitor.get(path)).status_code in (400, 404)


async def test_the_table_as_a_sheet_holds_every_place(house, browse):
    import io

    import openpyxl

    await published(house, code="2026-p15")
    visitor = await browse(None)
    answer = await visitor.get("/results/2026-p15/table.xlsx")
    sheet = openpyxl.load_workbook(io.BytesIO(answer.content)).active
    assert sheet is not None
    rows = [[cell.value for cell in row] for row in sheet.iter_rows(min_row=2, max_row=4)]
    assert [(row[0], row[1], row[-3], row[-2] or "") for row in rows] == PLACES


async def test_english_pages_hold_no_chinese_but_names(house, browse):
    await published(house, code="2026-p16")
    visitor = await browse(None)
    html = (await visitor.get("/results/2026-p16/entries/A01/explanation?lang=en")).text
    assert "How the rank came about" in html
    assert "名次是怎样得出的" not in html
    assert 'lang="en"' in html
