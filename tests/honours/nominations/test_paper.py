"""推荐审批表 on A3: the sheet itself is measured; numbers masked unless a reason is kept; nothing is cut off in silence."""

from __future__ import annotations

import io
import re
import subprocess

import pytest

from foundation.database import fetch, fetchval
from foundation.errors import NotFound
from honours.nominations import operations, printing
from honours.nominations.moving import move_nomination
from honours.nominations.paper.setting import fit, lines_at
from honours.nominations.schemas import StartForm
from honours.nominations.starting import start_nomination
from publications.certificates.rendering.schemas import RenderRefused
from registry.workers.sealing import numbers_of
from tests.honours.nominations import support

MM = 72 / 25.4


def words_of(pdf: bytes) -> list[list[tuple[str, float, float]]]:
    """(text, left, top) in mm of every word of each page, by poppler."""
    run = subprocess.run(["pdftotext", "-bbox", "-", "-"], input=pdf, capture_output=True, check=True)
    pages = run.stdout.decode().split("<page ")[1:]
    found = r'<word xMin="([\d.]+)" yMin="([\d.]+)"[^>]*>([^<]*)</word>'
    return [[(text, float(x) / MM, float(y) / MM) for x, y, text in re.findall(found, page)] for page in pages]


def text_of(pdf: bytes) -> str:
    """Everything that stands on it, in the order it was set, without white space."""
    run = subprocess.run(["pdftotext", "-raw", "-", "-"], input=pdf, capture_output=True, check=True)
    return re.sub(r"\s", "", run.stdout.decode())


async def test_two_sides_of_a3_with_every_page_in_its_place(house, round_, people):
    import pikepdf

    it = await support.complete(round_, people.qian, await support.worker(house))
    pdf, name = await printing.masked_form(people.qian, it)
    assert name == "推荐审批表-冯壬和-草稿.pdf"
    with pikepdf.open(io.BytesIO(pdf)) as made:
        assert len(made.pages) == 2
        for page in made.pages:
            box = [float(value) / MM for value in page.MediaBox]
            assert box[2] - box[0] == pytest.approx(420, abs=0.2)
            assert box[3] - box[1] == pytest.approx(297, abs=0.2)
    outside, inside = words_of(pdf)
    for page in (outside, inside):
        for word, left, top in page:
            assert 17.5 <= left <= 402.5, word
            assert 17.5 <= top <= 281, word
            assert not 189 < left < 231.5, f"{word} lies in the fold"
    where = {word: (left, top) for word, left, top in outside}
    assert where["推荐审批表"][0] > 232, "the cover is the right half of the outside"
    folio = {
        word.strip("— "): left
        for page in (outside, inside)
        for word, left, top in page
        if top > 274 and word.strip("— ").isdigit()
    }
    assert folio["4"] < 189
    assert folio["2"] < 189
    assert folio["3"] > 231


async def test_the_words_of_the_form(house, round_, people):
    it = await support.complete(round_, people.qian, await support.worker(house, is_migrant=True))
    text = text_of((await printing.masked_form(people.qian, it))[0])
    for words in (
        "宣城市五一劳动奖章", "1986年5月", "安徽宁国", "中共党员", "2007年7月", "职工代表大会应到86人，实到81人，同意78票",
        "单位公示2026年3月30日至4月3日，结论：公示无异议。", "宣州区示例总工会", "二〇二六年四月十四日", "初审稿，不加盖公章", "硫化工",
    ):  # fmt: skip
        assert words in text, text


async def test_the_countys_opinion_stands_on_it_and_the_first_draft_mark_is_gone(house, round_, people):
    it = await support.complete(round_, people.qian, await support.worker(house))
    await operations.hand_in(
        people.qian, it, version=await fetchval("SELECT version FROM nomination WHERE id = $1", it)
    )
    await move_nomination(people.xuanzhou, it, "accept", opinion="经审核，同意推荐。", signed_by="王示例")
    text = text_of((await printing.masked_form(people.city, it))[0])
    assert "经审核，同意推荐。" in text
    assert "王示例" in text
    assert "2026年4月14日" in text
    assert "初审稿" not in text
    assert "XC-2026-JZ-0001" in text


async def test_numbers_are_masked_unless_a_reason_is_kept(house, round_, people, browse):
    who = await support.worker(house)
    numbers = await numbers_of(who)
    it = await start_nomination(people.qian, StartForm(award=round_.awards["city-may1-medal"], worker=who))
    browser = await browse(people.qian)
    masked = await browser.get(f"/nominations/{it}/form.pdf")
    assert masked.headers["content-type"] == "application/pdf"
    assert masked.headers["content-disposition"].startswith("attachment")
    text = text_of(masked.content)
    assert numbers.id_masked in text
    assert numbers.id_number not in text
    assert numbers.phone not in text
    assert await fetchval("SELECT count(*) FROM unmasking") == 0

    assert (await browser.submit(f"/nominations/{it}/form", {"reason": ""})).status_code == 422
    assert await fetchval("SELECT count(*) FROM unmasking") == 0
    full = await browser.submit(f"/nominations/{it}/form", {"reason": "正式上报盖章稿"})
    text = text_of(full.content)
    assert numbers.id_number in text
    assert numbers.phone in text
    kept = await fetch("SELECT worker, account, field, reason FROM unmasking ORDER BY field")
    assert [(row["worker"], row["account"], row["field"]) for row in kept] == [
        (who, people.qian.account, "id_number"), (who, people.qian.account, "phone")
    ]  # fmt: skip
    assert all("正式上报盖章稿" in row["reason"] for row in kept)
    trail = [row["body"] for row in await fetch("SELECT body FROM trail_entry")]
    assert not any(numbers.id_number in body or "正式上报" in body for body in trail)


async def test_a_neighbour_prints_nothing(house, round_, people):
    it = await round_.nomination(await support.worker(house))
    with pytest.raises(NotFound):
        await printing.full_form(people.zhou, it, "偷看一眼")
    assert await fetchval("SELECT count(*) FROM unmasking") == 0


async def test_a_unit_has_its_own_form(house, round_, people):
    it = await start_nomination(
        people.qian, StartForm(award=round_.awards["city-pioneer"], unit=house.organisations["jia"], team="总装车间")
    )
    text = text_of((await printing.masked_form(people.qian, it))[0])
    assert "宣城市工人先锋号" in text
    assert "宣州区示例甲机械制造有限公司总装车间" in text
    assert "身份证号" not in text


async def test_what_does_not_fit_is_refused_by_name(house, round_, people):
    it = await support.complete(round_, people.qian, await support.worker(house), history__resume="很长的简历\n" * 290)
    with pytest.raises(RenderRefused) as refused:
        await printing.masked_form(people.qian, it)
    assert refused.value.code == "render.overflow"


@pytest.mark.parametrize("text", ["一", "一" * 100, "一" * 300, "abc" * 300])
def test_text_is_set_smaller_until_it_fits(text):
    chosen = fit(text, 100, 60)
    assert lines_at(text, float(chosen), 100) * float(chosen) * 1.6 / MM <= 60
    larger = float(chosen) + 0.5
    assert chosen == "12" or lines_at(text, larger, 100) * larger * 1.6 / MM > 60


@pytest.mark.parametrize(
    ("day", "words"),
    [((2026, 3, 12), "二〇二六年三月十二日"), ((2030, 10, 20), "二〇三〇年十月二十日"), ((2026, 12, 31), "二〇二六年十二月三十一日"), ((2026, 1, 10), "二〇二六年一月十日")],
)  # fmt: skip
def test_days_in_chinese(day, words):
    from datetime import date

    assert printing.chinese_day(date(*day)) == words
