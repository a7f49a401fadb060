"""荣誉目录的规则: what a title of the catalogue must be (H1–H4, D6). Pure."""

from __future__ import annotations

from foundation.errors import Refusal, Refusals
from foundation.i18n import N_
from honours.catalogue.schemas import HonourForm

LEVELS: dict[str, str] = {"national": N_("全国"), "province": N_("省级"), "city": N_("市级"), "county": N_("县级")}
KINDS: dict[str, str] = {"person": N_("个人"), "unit": N_("单位"), "team": N_("集体（班组、车间、科室）")}
FAMILIES: dict[str, str] = {
    "may1_medal": N_("五一劳动奖章"),
    "may1_certificate": N_("五一劳动奖状"),
    "pioneer": N_("工人先锋号"),
    "model_worker": N_("劳动模范和先进工作者"),
    "competition": N_("劳动竞赛和技能竞赛"),
    "other": N_("其他荣誉"),
}
TREATMENTS: dict[str, str] = {
    "": N_("未定"),
    "city_model": N_("市级劳模待遇"),
    "province_model": N_("省部级劳模待遇"),
    "national_model": N_("全国劳模待遇"),
}
KIND_OF_FAMILY = {"may1_medal": "person", "may1_certificate": "unit", "pioneer": "team", "model_worker": "person"}
"""H1: a medal goes to a person, a certificate to a unit, a pioneer's title to a team inside one."""
SHEETS = {"person": ("medal", "medal-fold"), "unit": ("commendation", "pioneer"), "team": ("pioneer",)}
"""Which kinds of sheets (``publications.certificates.designs``) each kind of holder can get."""


def require_honour(form: HonourForm) -> None:
    """Raises ``Refusals`` with everything that does not fit together."""
    found = []
    wanted = KIND_OF_FAMILY.get(form.family)
    if wanted and form.kind != wanted:
        messages = {
            "person": "这一类荣誉授予个人，对象应选“个人”",
            "unit": "五一劳动奖状授予单位，对象应选“单位”",
            "team": "工人先锋号授予班组、车间、科室，不授予单位本身，对象应选“集体”",
        }
        found.append(Refusal("kind_of_family", messages[wanted], field="kind", rule="H1"))
    if form.valid_from and form.valid_until and form.valid_until < form.valid_from:
        found.append(Refusal("years_in_order", "停授年份不能早于始授年份", field="valid_until"))
    if form.certificate and form.certificate not in SHEETS[form.kind]:
        found.append(Refusal("sheet_of_kind", "这种证书不是给这类对象的", field="certificate", rule="D5"))
    if form.certificate and not form.series:
        found.append(Refusal("series_missing", "选了证书，就要有编号序列，如 XCWY", field="series", rule="D6"))
    if form.treatment and form.kind != "person":
        found.append(Refusal("treatment_of_person", "劳模待遇只给个人", field="treatment", rule="H4"))
    if form.prize and form.kind != "person":
        found.append(Refusal("prize_of_person", "一次性奖金只发给个人", field="prize", rule="H72"))
    if found:
        raise Refusals(found)


_ALSO = (
    N_("这一类荣誉授予个人，对象应选“个人”"),
    N_("五一劳动奖状授予单位，对象应选“单位”"),
    N_("工人先锋号授予班组、车间、科室，不授予单位本身，对象应选“集体”"),
)
