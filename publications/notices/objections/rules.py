"""Who may object, when, and how an objection goes its way (H34). Pure."""

from __future__ import annotations

import re
import secrets
from datetime import date, datetime
from enum import StrEnum

from foundation.clock import local
from foundation.errors import Refusal
from foundation.i18n import N_
from foundation.moves import Moves
from publications.notices.rules import ends_at
from publications.permissions import Permission

RULE = "H34"
VERIFY_DAYS = 10
"""Working days for the verification, unless the officer sets other. [D]"""
MOST_VERIFY_DAYS = 60
ALPHABET = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
NO_NAMES = frozenset({"匿名", "群众", "职工", "知情人", "某某", "某某某", "佚名", "无名", "保密"})
PHONE = re.compile(r"\+?[0-9][0-9\- ]{6,18}[0-9]")
EMAIL = re.compile(r"[^@\s]{1,64}@[^@\s.]+(\.[^@\s.]+)+")


class Stage(StrEnum):
    """收到→受理→核查→结论→告知, or not accepted and told why."""

    RECEIVED = "received"
    ACCEPTED = "accepted"
    VERIFYING = "verifying"
    CONCLUDED = "concluded"
    DECLINED = "declined"
    TOLD = "told"


_BY = Permission.HANDLE_OBJECTIONS
MOVES: Moves[Stage] = {
    (Stage.RECEIVED, "accept"): (Stage.ACCEPTED, _BY),
    (Stage.RECEIVED, "decline"): (Stage.DECLINED, _BY),
    (Stage.ACCEPTED, "verify"): (Stage.VERIFYING, _BY),
    (Stage.VERIFYING, "uphold"): (Stage.CONCLUDED, _BY),
    (Stage.VERIFYING, "dismiss"): (Stage.CONCLUDED, _BY),
    (Stage.CONCLUDED, "tell"): (Stage.TOLD, _BY),
    (Stage.DECLINED, "tell"): (Stage.TOLD, _BY),
}
OUTCOME_OF = {"uphold": "upheld", "dismiss": "dismissed", "decline": "declined"}

STAGES = {
    Stage.RECEIVED: N_("收到"),
    Stage.ACCEPTED: N_("已受理"),
    Stage.VERIFYING: N_("核查中"),
    Stage.CONCLUDED: N_("已有结论"),
    Stage.DECLINED: N_("不予受理"),
    Stage.TOLD: N_("已告知"),
}
OUTCOMES = {"": "", "upheld": N_("成立"), "dismissed": N_("不成立"), "declined": N_("不予受理")}
ACTIONS = {
    "accept": N_("受理"),
    "decline": N_("不予受理"),
    "verify": N_("开始核查"),
    "uphold": N_("结论：成立"),
    "dismiss": N_("结论：不成立"),
    "tell": N_("告知反映人"),
}
CHANNELS = {"web": N_("网页"), "letter": N_("来信"), "phone": N_("来电"), "visit": N_("来访")}
KINDS = {"person": N_("个人"), "unit": N_("单位")}
HOW = {"written": N_("书面"), "phone": N_("电话"), "email": N_("电子邮件"), "visit": N_("当面")}


def new_number(year: int) -> str:
    """``YY2026-7K3MQ8RD``: given at once, telling nothing of how many there are."""
    return f"YY{year}-" + "".join(secrets.choice(ALPHABET) for _ in range(8))


def require_open(now: datetime, opened_at: datetime, last_day: date) -> None:
    """The public form's window, to the second: from the opening until the last day's midnight."""
    if not opened_at <= now < ends_at(last_day):
        raise Refusal(
            "objection_late",
            "公示已于 {last} 24:00 期满，不再接受异议",
            rule=RULE,
            last=last_day.isoformat(),
        )


def require_in_time(
    channel: str, received_at: datetime, postmark: date | None, *, now: datetime, opened_at: datetime, last_day: date
) -> None:
    """What an officer enters: a letter counts by its postmark, a call or a visit by its minute. None lies ahead."""
    if received_at > now:
        raise Refusal("objection_ahead", "收到时间晚于现在", field="received_at", rule=RULE)
    first = local(opened_at).date()
    span = {"first": first.isoformat(), "last": last_day.isoformat()}
    if channel == "letter":
        if postmark is None:
            raise Refusal(
                "objection_postmark", "来信须填邮戳日期：是否在公示期内以邮戳为准", field="postmark", rule=RULE
            )
        if not first <= postmark <= last_day:
            raise Refusal(
                "objection_postmark_late", "邮戳日期不在公示期内（{first} 至 {last}），不能作为异议受理",
                field="postmark", rule=RULE, **span,
            )  # fmt: skip
        if local(received_at).date() < postmark:
            raise Refusal("objection_before_postmark", "收到时间早于邮戳日期", field="received_at", rule=RULE)
        return
    if not opened_at.replace(second=0, microsecond=0) <= received_at < ends_at(last_day):
        raise Refusal(
            "objection_outside", "收到时间不在公示期内（{first} 至 {last} 24:00），不能作为异议受理",
            field="received_at", rule=RULE, **span,
        )  # fmt: skip


def require_name(kind: str, name: str) -> None:
    """A real name of a person, or a unit's full name."""
    bare = re.sub(r"[\s·•]", "", name)
    if kind == "person" and (len(bare) < 2 or bare in NO_NAMES or any(sign.isdigit() for sign in bare)):
        raise Refusal("objection_name", "以个人名义反映须署真实姓名", field="name", rule=RULE)
    if kind == "unit" and len(bare) < 4:
        raise Refusal("objection_unit", "以单位名义反映须写单位全称", field="name", rule=RULE)


def require_contact(phone: str, email: str) -> None:
    """A way to be told the result, well formed."""
    if not phone and not email:
        raise Refusal("objection_contact", "须留电话或电子邮箱，以便核实和告知结果", field="phone", rule=RULE)
    if phone and not PHONE.fullmatch(phone):
        raise Refusal("objection_phone", "电话只由数字、空格和连字符组成，7 位以上", field="phone", rule=RULE)
    if email and not EMAIL.fullmatch(email):
        raise Refusal("objection_email", "电子邮箱的格式不对", field="email", rule=RULE)


def require_seal(kind: str, channel: str, *, scan: bool, original: bool) -> None:
    """A unit puts its seal to it: a scan on the web form, the original by letter or visit; a call alone is not enough."""
    if kind != "unit":
        return
    if channel == "phone":
        raise Refusal("objection_seal_phone", "以单位名义反映须加盖公章，不能只凭电话", field="kind", rule=RULE)
    if channel == "web" and not scan:
        raise Refusal("objection_seal", "以单位名义反映须上传加盖公章的扫描件", field="file", rule=RULE)
    if channel != "web" and not (scan or original):
        raise Refusal("objection_seal_original", "请核对原件已加盖公章，或上传扫描件", field="original", rule=RULE)


def require_signed(kind: str, channel: str, *, original: bool) -> None:
    """A person's letter is signed with the real name."""
    if kind == "person" and channel == "letter" and not original:
        raise Refusal("objection_signature", "请核对来信已签署真实姓名", field="original", rule=RULE)


def require_text(action: str, text: str) -> None:
    """Declining, concluding and telling say why and what."""
    if action in ("decline", "uphold", "dismiss", "tell") and len(text) < 5:
        raise Refusal("objection_text", "请写明依据（至少 5 个字）", field="text", rule=RULE)


def require_signed_by(action: str, signed_by: str) -> None:
    """A conclusion is signed by the leader."""
    if action in ("uphold", "dismiss") and not signed_by:
        raise Refusal("objection_signed_by", "结论须由负责人签字：请填负责人姓名", field="signed_by", rule=RULE)


def require_told(how: str, on_day: date | None, received: date, today: date) -> None:
    """The result is told on a day, in a way."""
    if how not in HOW:
        raise Refusal("objection_how", "请选择告知方式", field="how", rule=RULE)
    if on_day is None or not received <= on_day <= today:
        raise Refusal("objection_told_on", "告知日期应在收到之日与今天之间", field="on_day", rule=RULE)


def require_verify_days(days: int) -> None:
    if not 1 <= days <= MOST_VERIFY_DAYS:
        raise Refusal(
            "objection_days", "核查期限应为 1 至 {most} 个工作日", field="days", rule=RULE, most=MOST_VERIFY_DAYS
        )
