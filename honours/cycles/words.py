"""规则的说法: who is meant, in plain words both ways; and a whole rule set as sentences, so that two can be compared.

A predicate reads ``企业 且 产业工人 或 农民``: ``或`` (or) joins alternatives of one field, ``且`` (and) what must hold together.
What was typed is read back with the same words, in Chinese, in English, or as codes.
"""

from __future__ import annotations

from collections.abc import Iterator
from decimal import Decimal

import msgspec

from foundation.errors import Refusal
from foundation.i18n import N_, current_locale
from foundation.i18n import gettext as _
from honours.cycles.schemas import (
    CANDIDATE_CLASSES,
    DEPARTMENTS,
    FLAGS,
    UNIT_CLASSES,
    AwardRules,
    Condition,
    Constraint,
    CycleRules,
    Predicate,
    Surplus,
)
from registry.codes.job_categories import JOB_CATEGORIES
from registry.codes.regions import REGIONS

EVERYBODY = N_("全部人选")
KINDS: dict[str, str] = {"person": N_("个人"), "unit": N_("单位"), "team": N_("集体")}
_OR, _AND = ("或", "/", "｜", "or"), ("且", "＋", "+", "&", "and")
_LABELS: dict[str, dict[str, str]] = {"flag": FLAGS, "unit_class": UNIT_CLASSES, "kind": KINDS}
MODES: dict[str, str] = {"none": N_("不查"), "warn": N_("提醒"), "block": N_("不许")}
GATES: dict[str, str] = {"county": N_("县区初审"), "city": N_("市级复审"), "notice": N_("公示前")}


class Word(msgspec.Struct, frozen=True):
    """One thing that a condition can ask: its field, its code and the word for it."""

    field: str
    code: str
    text: str


class Change(msgspec.Struct, frozen=True, kw_only=True):
    """One difference between two rule sets: a sentence that was, a sentence that is; empty where there was or is none."""

    section: str
    was: str
    now: str


def vocabulary() -> list[Word]:
    """Every word a condition may use, in the reader's language, grouped by field."""
    english = current_locale.get() == "en"
    words = [Word("category", code, text) for code, text in JOB_CATEGORIES.options(english=english)]
    words += [Word(field, code, _(label)) for field, labels in _LABELS.items() for code, label in labels.items()]
    return words + [Word("county", code, one.en if english else one.zh) for code, one in REGIONS.items()]


def word_of(field: str, code: str) -> str:
    """The word for one value of a condition; the code itself where it is not known."""
    if field == "category":
        return JOB_CATEGORIES.en(code) if current_locale.get() == "en" else JOB_CATEGORIES.zh(code)
    if field == "county":
        region = REGIONS.get(code)
        return code if region is None else region.en if current_locale.get() == "en" else region.zh
    return _(_LABELS.get(field, {}).get(code, code))


def told(predicate: Predicate) -> str:
    """Who is meant, in words that :func:`read` understands."""
    either, both = _("或"), _("且")
    joined = [f" {either} ".join(word_of(c.field, v) for v in c.values) for c in predicate.all]
    return f" {both} ".join(joined) or _(EVERYBODY)


def read(text: str, *, field: str) -> Predicate:
    """The predicate that a text says; raises ``Refusal`` beside ``field`` where a word is not known or fields are mixed."""
    if not text or _key(text) in {_key(EVERYBODY), _key(_(EVERYBODY))}:
        return Predicate()
    groups: list[list[Word]] = [[]]
    for joined_by_or, word in _parsed(text, field):
        if not joined_by_or:
            groups.append([])
        groups[-1].append(word)
    for group in groups:
        if len({one.field for one in group}) > 1:
            either = _("或")
            said = f" {either} ".join(one.text for one in group)
            raise Refusal(
                "mixed_words", "“或”只能连接同一类条件，“{group}”混了几类", field=field, rule="H28", group=said
            )
    return Predicate(
        all=tuple(
            Condition(field=group[0].field, values=tuple(dict.fromkeys(one.code for one in group)))  # pyright: ignore[reportArgumentType]
            for group in groups
        )
    )


def _parsed(text: str, field: str) -> Iterator[tuple[bool, Word]]:
    """(joined to the word before by "or", word), the longest known word first: 小微或科技型企业 is one word."""
    known = _known()
    longest = sorted(known, key=len, reverse=True)
    rest, by_or = _key(text), True
    while rest:
        found = next((key for key in longest if rest.startswith(key)), None)
        after = rest[len(found) :] if found else ""
        sign = next((s for s in (*_OR, *_AND) if after.startswith(s)), None)
        if found is None or (after and sign is None):
            raise Refusal(
                "unknown_word", "没有“{word}”这一类人选，请从词表中选", field=field, rule="H17", word=_first(rest)[:40]
            )
        yield by_or, known[found]
        if sign is None:
            return
        by_or, rest = sign in _OR, after[len(sign) :]
        if not rest:
            raise Refusal("word_missing", "“{sign}”后面还缺一类人选", field=field, rule="H17", sign=sign)


def _first(rest: str) -> str:
    """What stands before the next sign."""
    return min((rest.partition(sign)[0] for sign in ("或", "/", "且", "+", "&")), key=len) or rest


def _known() -> dict[str, Word]:
    """Every spelling of every word: Chinese, English and code."""
    known: dict[str, Word] = {}
    for locale in ("zh", "en"):
        token = current_locale.set(locale)
        try:
            for word in vocabulary():
                known[_key(word.text)] = word
                known.setdefault(_key(word.code), word)
        finally:
            current_locale.reset(token)
    return known


def _key(text: str) -> str:
    return "".join(text.split()).casefold()


def sentence(constraint: Constraint) -> str:
    """``产业工人在全部人选中不少于 35%``."""
    said = {"who": told(constraint.subset), "base": told(constraint.base)}
    if constraint.count is not None:
        return _("%(who)s不少于 %(n)s 名", n=constraint.count, **said) if constraint.op == "min" else _("%(who)s不多于 %(n)s 名", n=constraint.count, **said)  # fmt: skip
    share = constraint.percent
    return _("%(who)s在%(base)s中不低于 %(share)s%%", share=share, **said) if constraint.op == "min" else _("%(who)s在%(base)s中不高于 %(share)s%%", share=share, **said)  # fmt: skip


def surplus_sentence(surplus: Surplus) -> str:
    """``差额推荐：各地可多报名额的 20%（向上取整）``."""
    if surplus.count is not None:
        return _("差额推荐：各地可多报 %(n)s 名", n=surplus.count) if surplus.count else _("等额推荐：各地不得多报")
    if not Decimal(surplus.percent or "0"):
        return _("等额推荐：各地不得多报")
    how = _("向上取整") if surplus.rounding == "up" else _("向下取整")
    return _("差额推荐：各地可多报名额的 %(share)s%%（%(how)s）", share=surplus.percent, how=how)


def sentences(rules: CycleRules, titles: dict[str, str]) -> Iterator[tuple[str, str, str]]:
    """(key, section, sentence) of everything in a rule set; equal keys are the same rule in two sets. ``titles``: by honour's code."""
    yield "title", _("总则"), rules.title
    yield "source", _("总则"), _("依据：%(source)s", source=rules.source)
    for award in rules.awards:
        yield from _award(award, titles.get(award.honour, award.honour))
    applies = {"unit": _("单位"), "leader": _("负责人"), "person": _("个人")}
    for veto in rules.vetoes:
        text = _("%(what)s：近 %(n)s 年内有，%(who)s不予推荐", what=veto.label, n=veto.years, who="、".join(applies[w] for w in veto.applies_to))  # fmt: skip
        yield f"veto:{veto.code}", _("一票否决"), text
    for clearance in rules.clearances:
        names = "、".join(_(DEPARTMENTS[d]) for d in DEPARTMENTS if d in clearance.departments)
        text = _("%(who)s：征求%(names)s意见，%(n)s 天内有效", who=_(CANDIDATE_CLASSES.get(clearance.candidate, clearance.candidate)), names=names, n=clearance.valid_days)  # fmt: skip
        yield f"clearance:{clearance.candidate}", _("征求意见"), text
    for paper in rules.materials:
        text = _("%(what)s %(n)s 份", what=paper.label, n=paper.copies)
        text += "（" + "、".join(_(KINDS[k]) for k in paper.nominee) + "）"
        if paper.when_flag:
            text += _("，仅%(flag)s", flag=_(FLAGS.get(paper.when_flag, paper.when_flag)))
        yield f"material:{paper.kind}", _("申报材料"), text
    yield from _rest(rules)


def _award(award: AwardRules, title: str) -> Iterator[tuple[str, str, str]]:
    key, rule = f"award:{award.honour}", award.eligibility
    places = _("%(title)s：名额 %(n)s", title=title, n=award.places)
    yield key, title, places + (_("，单列 %(n)s", n=award.separate_places) if award.separate_places else "")
    if award.surplus is not None:
        yield f"{key}/surplus", title, surplus_sentence(award.surplus)
    for line in award.composition:
        yield f"{key}:{line.code}", title, sentence(line)
    years = _("近 %(n)s 年", n=rule.basis_years) if rule.basis_years else _("不限年份")
    yield f"{key}/basis", title, _("荣誉基础：低 %(n)s 级以内的荣誉，%(years)s，缺则%(mode)s", n=rule.basis_levels_below, years=years, mode=_(MODES[rule.basis_required]))  # fmt: skip
    yield f"{key}/window", title, _("业绩看近 %(n)s 年", n=rule.window_years)
    yield f"{key}/repeat", title, _("已有同一荣誉：%(mode)s", mode=_(MODES[rule.no_repeat]))
    barred = [word_of("flag", f) for f in rule.excluded_flags] + [
        word_of("category", c) for c in rule.excluded_categories
    ]
    if barred:
        yield f"{key}/barred", title, _("不予推荐：%(names)s", names="、".join(barred))
    if rule.foreigners:
        yield f"{key}/foreigners", title, _("外籍职工可以参评")
    if rule.leader_needs_worker:
        yield f"{key}/leader", title, _("推荐企业负责人须配一名一线职工作递补")
    yield f"{key}/substitutes", title, _("每单位可报递补 %(n)s 名", n=rule.substitutes_per_unit)


def _rest(rules: CycleRules) -> Iterator[tuple[str, str, str]]:
    vote, text, gates = rules.vote, rules.text, rules.gates
    yield "vote/present", _("民主推荐和表决"), _("到会不少于应到的 %(n)s", n=fraction(vote.present))
    yield "vote/agree", _("民主推荐和表决"), _("同意超过应到的 %(n)s", n=fraction(vote.agree))
    if vote.leader_agree:
        yield "vote/leader", _("民主推荐和表决"), _("负责人：同意不少于到会的 %(n)s", n=fraction(vote.leader_agree))
    yield "text/summary", _("文字要求"), _("事迹简介不超过 %(n)s 字", n=text.summary_max)
    yield (
        "text/deeds",
        _("文字要求"),
        _("详细事迹约 %(n)s 字，上下 %(t)s%% 内不提醒", n=text.deeds_about, t=text.deeds_tolerance),
    )
    yield "gates/unit", _("各级期限"), _("单位公示 %(n)s 个工作日", n=gates.unit_notice_days)
    if gates.county_notice:
        yield "gates/county", _("各级期限"), _("县区公示 %(n)s 个工作日", n=gates.county_notice_days)
    yield "gates/city", _("各级期限"), _("市级公示 %(n)s 个工作日", n=gates.city_notice_days)
    yield "gates/return", _("各级期限"), _("退回后 %(n)s 个工作日内补正", n=gates.return_days)
    yield "gates/complaint", _("各级期限"), _("异议须在 %(n)s 个工作日内核查", n=gates.complaint_verify_days)
    for gate, mode in gates.compose_at.items():
        yield (
            f"gates/compose/{gate}",
            _("各级期限"),
            _("%(gate)s结构不合：%(mode)s", gate=_(GATES.get(gate, gate)), mode=_(MODES[mode])),
        )


def fraction(value: tuple[int, int]) -> str:
    """``2/3``."""
    return f"{value[0]}/{value[1]}"


def difference(before: CycleRules, after: CycleRules, titles: dict[str, str]) -> list[Change]:
    """What differs between two rule sets, as sentences, in the new one's order; what is gone stands at its section's end."""
    old = {key: (section, text) for key, section, text in sentences(before, titles)}
    new = {key: (section, text) for key, section, text in sentences(after, titles)}
    changes = [
        Change(section=section, was=old[key][1] if key in old else "", now=text)
        for key, (section, text) in new.items()
        if key not in old or old[key][1] != text
    ]
    changes += [Change(section=section, was=text, now="") for key, (section, text) in old.items() if key not in new]
    order = list(dict.fromkeys([s for s, _t in new.values()] + [s for s, _t in old.values()]))
    return sorted(changes, key=lambda change: order.index(change.section))
