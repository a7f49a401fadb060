"""From the noticed list to the published roll (H2, H12, H30, H34, H70, H71, P2, A11)."""

from __future__ import annotations

from datetime import UTC, datetime

import msgspec
import pytest

from foundation.clock import SHANGHAI, moved_to
from foundation.database import fetch, fetchrow, fetchval
from foundation.errors import Conflict, NotFound, Refusal, Refusals
from honours.cycles.schemas import AwardRules, Condition, Constraint, Predicate
from honours.rolls import deciding, publishing, reading, rules
from publications.documents import operations as documents
from registry.achievements.queries import of_worker
from tests.honours.support import DECIDED, Ready, form, held, honour


async def drafted(ready: Ready, **changes):
    return await deciding.draft(ready.city, ready.cycle, form(**changes))


async def issued(ready: Ready, **changes):
    made = await drafted(ready, **changes)
    await deciding.issue(ready.city, made)
    return made


def codes(refused: pytest.ExceptionInfo[Refusals]) -> list[str]:
    return sorted(one.code for one in refused.value.refusals)


async def test_the_annex_stands_by_county_and_strokes_within(ready):
    """H71: 宣州区 (341802) before 宁国市 (341881); there 丁 (2 strokes) before 钱 (10), whatever order the review had."""
    made = await drafted(ready)
    lines = await reading.lines_of(made)
    assert [(line.honour_title, line.place, line.name) for line in lines] == [
        ("宣城市五一劳动奖章", 1, "赵立春"),
        ("宣城市五一劳动奖章", 2, "丁大寒"),
        ("宣城市五一劳动奖章", 3, "钱雨水"),
        ("宣城市五一劳动奖状", 1, "宁国市示例乙汽车零部件有限公司"),
        ("宣城市工人先锋号", 1, "宣州区示例甲机械制造有限公司焊接一班"),
    ]


async def test_or_in_the_order_of_the_review(ready):
    made = await drafted(ready, order="given")
    assert [line.name for line in await reading.lines_of(made)][:3] == ["赵立春", "钱雨水", "丁大寒"]


async def test_the_document_says_the_lists_counts_and_first_names(ready):
    made = await issued(ready)
    row = await fetchrow("SELECT * FROM decision WHERE id = $1", made)
    assert (row["stage"], row["number"]) == ("issued", "宣工〔2026〕1号")
    paper = documents.paper_of(await fetchrow("SELECT paper FROM document WHERE id = $1", row["document"]))
    assert paper.body[0].text == (
        "为表彰先进，宣城市示例总工会决定：授予赵立春等3位同志“宣城市五一劳动奖章”，"
        "授予宁国市示例乙汽车零部件有限公司“宣城市五一劳动奖状”，授予宣州区示例甲机械制造有限公司焊接一班“宣城市工人先锋号”称号。"
    )
    assert await fetchval("SELECT stage FROM cycle WHERE id = $1", ready.cycle) == "decided"


async def test_a_count_that_is_not_the_annexes_is_not_issued(ready):
    """A11: an officer polishes the draft and mistypes the count; nothing is issued, no number is spent."""
    made = await drafted(ready)
    document = await deciding.draft_document(ready.city, made)
    row = await fetchrow("SELECT * FROM document WHERE id = $1", document)
    paper = documents.paper_of(row)
    wrong = paper.body[0].text.replace("等3位同志", "等4位同志")
    changed = msgspec.structs.replace(paper, body=(msgspec.structs.replace(paper.body[0], text=wrong), *paper.body[1:]))
    await documents.edit(
        ready.city, document, row["organisation"], row["series"], changed, public=True, version=row["version"]
    )
    with pytest.raises(Refusals) as refused:
        await deciding.issue(ready.city, made)
    assert codes(refused) == ["decision_count"]
    assert await fetchval("SELECT stage FROM decision WHERE id = $1", made) == "draft"
    assert await fetchval("SELECT count(*) FROM document_series") == 0


async def test_publication_freezes_everything_at_once(ready):
    """Entries, achievements, one certificate job, nominations honoured, stages: all of it or nothing."""
    await ready.consent(ready.nominations["赵立春"], ("roll", "deeds"))
    await fetch(
        "UPDATE nomination SET dossier = $2::jsonb WHERE id = $1",
        ready.nominations["赵立春"], '{"deeds": {"summary": "二十年焊接无返工。"}}',
    )  # fmt: skip
    await fetch(
        "UPDATE nomination SET dossier = $2::jsonb WHERE id = $1",
        ready.nominations["钱雨水"], '{"deeds": {"summary": "不公开的事迹。"}}',
    )  # fmt: skip
    made = await publishing.publish_roll(ready.city, await issued(ready))

    entries = await fetch("SELECT * FROM roll_entry WHERE roll = $1 ORDER BY honour, place", made)
    zhao = next(one for one in entries if one["name"] == "赵立春")
    qian = next(one for one in entries if one["name"] == "钱雨水")
    assert len(entries) == 5
    assert (zhao["document_number"], zhao["year"], zhao["region"], zhao["county_name"]) == ("宣工〔2026〕1号", 2026, "341802", "宣州区")  # fmt: skip
    assert (zhao["summary"], qian["summary"]) == ("二十年焊接无返工。", "")  # P2: only what was consented to
    assert {one["stage"] for one in await fetch("SELECT stage FROM nomination")} == {"honoured"}
    assert await fetchval("SELECT stage FROM cycle WHERE id = $1", ready.cycle) == "published"
    achievements = await of_worker(ready.workers["赵立春"])
    assert [(a.kind, a.title, a.source, a.level) for a in achievements] == [
        ("honour", "宣城市五一劳动奖章", zhao["id"], "city")
    ]
    certificates = await fetch("SELECT number, subject FROM certificate WHERE source = $1 ORDER BY number", made)
    assert [one["number"] for one in certificates] == [
        "XCWY-2026-DW-0001", "XCWY-2026-GR-0001", "XCWY-2026-GR-0002", "XCWY-2026-GR-0003", "XCXF-2026-JT-0001",
    ]  # fmt: skip
    assert {one["subject"] for one in certificates} == {one["id"] for one in entries}
    assert await fetchval("SELECT count(*) FROM job WHERE kind = 'certificates.render'") == 1
    assert await fetchval("SELECT code FROM roll WHERE id = $1", made) == "2026-1"
    with pytest.raises(Conflict):
        await publishing.publish_roll(ready.city, entries[0]["decision"])


async def test_every_obstacle_is_named_at_once(house):
    """The notice still runs, somebody was never noticed, consent is missing, a floor is not met, the decision is a draft."""
    floor = Constraint(
        code="women", label="女职工", op="min", count=2, rule="H20",
        subset=Predicate(all=(Condition(field="flag", values=("woman",)),)),
    )  # fmt: skip
    ceiling = AwardRules(honour="city-may1-certificate", places=0)
    async with moved_to(datetime(2026, 4, 20, 9, 0, tzinfo=SHANGHAI)):
        ready = await Ready(house).build(
            awards=(AwardRules(honour="city-may1-medal", places=3, composition=(floor,)), ceiling,
                    AwardRules(honour="city-pioneer", places=20))
        )  # fmt: skip
        await ready.person("孙惊蛰", consent=False)
        made = await drafted(ready)
        with pytest.raises(Refusals) as refused:
            await publishing.publish_roll(ready.city, made)
    assert codes(refused) == [
        "decision_not_issued", "notice_still_open", "roll_composition", "roll_consent_missing", "roll_places", "roll_places",
        "roll_unnoticed",
    ]  # fmt: skip
    texts = " ".join(str(one) for one in refused.value.refusals)
    assert "孙惊蛰" in texts
    assert "“宣城市五一劳动奖章”：女职工应不少于 2，现有 0" in texts
    assert await fetchval("SELECT count(*) FROM roll_entry") == 0


async def test_withdrawn_consent_forbids_until_it_is_given_again(ready):
    made = await issued(ready)
    async with moved_to(datetime(2026, 4, 24, 11, 0, tzinfo=SHANGHAI)):
        await ready.consent(ready.nominations["钱雨水"], (), given=False)
        with pytest.raises(Refusals) as refused:
            await publishing.publish_roll(ready.city, made)
        assert codes(refused) == ["roll_consent_missing"]
    async with moved_to(datetime(2026, 4, 24, 12, 0, tzinfo=SHANGHAI)):
        await ready.consent(ready.nominations["钱雨水"], ("roll",))
        await publishing.publish_roll(ready.city, made)


async def test_the_list_must_be_the_annexes_still_on_the_day(ready):
    """H70: somebody was struck after the decision was issued: the annex says 3, the roll may not say 2."""
    made = await issued(ready)
    await fetch("UPDATE nomination SET stage = 'rejected' WHERE id = $1", ready.nominations["丁大寒"])
    with pytest.raises(Refusals) as refused:
        await publishing.publish_roll(ready.city, made)
    assert codes(refused) == ["roll_moved"]


async def test_somebody_noticed_may_not_be_left_out_in_silence(ready):
    made = await issued(ready)
    await ready.person("周清明")
    with pytest.raises(Refusals) as refused:
        await publishing.publish_roll(ready.city, made)
    assert codes(refused) == ["roll_left_out"]


async def test_a_title_that_is_held_is_not_given_again_without_a_reason(ready):
    """H12: refused; with the officer's reason it becomes a second holding, and the ledger knows which."""
    medal = ready.round.honours["city-may1-medal"]
    await held(medal, "赵立春", worker=ready.workers["赵立春"])
    made = await issued(ready)
    with pytest.raises(Refusals) as refused:
        await publishing.publish_roll(ready.city, made)
    assert codes(refused) == ["honour_held"]
    await fetch("UPDATE nomination SET override_reason = '又有新的突出贡献' WHERE id = $1", ready.nominations["赵立春"])
    await publishing.publish_roll(ready.city, made)
    rows = await fetch("SELECT repeat FROM roll_entry WHERE worker = $1 ORDER BY repeat", ready.workers["赵立春"])
    assert [row["repeat"] for row in rows] == [0, 1]


async def test_a_revoked_title_may_be_earned_again(ready):
    await held(ready.round.honours["city-may1-medal"], "赵立春", worker=ready.workers["赵立春"], repeat=None, revoked_at=datetime(2024, 1, 1, tzinfo=UTC))  # fmt: skip
    await publishing.publish_roll(ready.city, await issued(ready))


async def test_two_titles_from_one_decision(ready):
    """H2: whoever gets the medal is also 宣城工匠; two annexes, two entries, one nomination."""
    await honour("city-craftsman", "宣城工匠", place=90, conferred_here=True)
    made = await issued(ready, pairs=[{"award": "city-may1-medal", "also": "city-craftsman"}])
    roll = await publishing.publish_roll(ready.city, made)
    rows = await fetch(
        "SELECT h.title, e.place FROM roll_entry e JOIN honour h ON h.id = e.honour WHERE e.roll = $1 AND e.name = '钱雨水'"
        " ORDER BY h.place",
        roll,
    )
    assert [(row["title"], row["place"]) for row in rows] == [("宣城市五一劳动奖章", 3), ("宣城工匠", 3)]


async def test_a_paired_title_is_for_the_same_kind_of_holder(ready):
    with pytest.raises(Refusal) as refused:
        await drafted(ready, pairs=[{"award": "city-may1-medal", "also": "city-pioneer"}])
    assert refused.value.code == "pair_unknown"
    assert refused.value.field == "pairs-0-also"


async def test_one_decision_at_a_time_and_only_within_reach(ready):
    await drafted(ready)
    with pytest.raises(Conflict):
        await drafted(ready)
    li = await ready.house.person("li", "county_officer", at="xuanzhou")
    with pytest.raises(NotFound):
        await deciding.draft(li, ready.cycle, form())


async def test_issuing_the_paper_on_its_own_page_issues_the_decision_once(ready):
    """The officer issues the drafted document among the documents: the event brings the decision along, twice told or not."""
    made = await drafted(ready)
    document = await deciding.draft_document(ready.city, made)
    version = await fetchval("SELECT version FROM document WHERE id = $1", document)
    number = await documents.issue(ready.city, document, version=version)
    body = {"document": str(document), "source_kind": deciding.SOURCE, "source": str(made), "number": number}
    await deciding.heard_issued(body)
    await deciding.heard_issued(body)
    assert tuple(await fetchrow("SELECT stage, number FROM decision WHERE id = $1", made)) == ("issued", number)


async def test_private_numbers_do_not_reach_the_roll(ready):
    """P3: a mobile number in a summary that is to be published."""
    await ready.consent(ready.nominations["赵立春"], ("roll", "deeds"))
    await fetch(
        'UPDATE nomination SET dossier = \'{"deeds": {"summary": "电话15400007788"}}\'::jsonb WHERE id = $1',
        ready.nominations["赵立春"],
    )
    with pytest.raises(Refusals) as refused:
        await publishing.publish_roll(ready.city, await issued(ready))
    assert codes(refused) == ["roll_private"]


def test_nothing_in_the_way_means_nothing_said():
    assert [one.code for one in rules.obstacles(rules.Facts(issued=True))] == ["roll_empty"]
    assert DECIDED.date().isoformat() == "2026-04-24"
