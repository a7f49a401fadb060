"""What each role's first page tells while nothing waits (首页上的“您的工作”)."""

from __future__ import annotations

from foundation.i18n import N_
from foundation.i18n import gettext as _
from foundation.web.home import Guide
from foundation.web.policy import Actor
from registry.accounts.roles import Role

_BOARDS = ("chart-bar", N_("赛项看板"), N_("评到哪里、还缺谁的分、有没有偏离提示，都在这里看。"), "/boards")
_DESK = (
    "list-check",
    N_("我的评分表"),
    N_("裁判长开始评分后，您要评的作品列在这里；断网也能打分，联网后自动上传。"),
    "/desk",
)

_LINES: dict[str, tuple[tuple[str, str, str, str], ...]] = {
    Role.ENTERPRISE_CONTACT: (
        ("trophy", N_("竞赛报名"), N_("竞赛开放报名后，在截止前组队、选职工、上报；退回的报名会列为待办。"), "/entries"),
        ("users", N_("职工"), N_("报名用的职工从这里选；可逐个登记，也可用表格一次导入。"), "/registry/workers"),
    ),
    Role.JUDGE: (_DESK,),
    Role.CHIEF_JUDGE: (_BOARDS,),
    Role.SCOREKEEPER: (_BOARDS,),
    Role.SUPERVISOR: (_BOARDS,),
    Role.CODE_KEEPER: (
        ("id", N_("作品编码"), N_("竞赛启用编码评审时，由您保管作品与选手的对应；到编码、解密之时，事项列在上面。"), ""),
    ),
    Role.REVIEWER: (
        ("clipboard-check", N_("推荐材料评审"), N_("荣誉评审开始并分给您之后，要看的材料按截止日列在上面；与您有关的单位会回避。"), ""),
    ),
    Role.STUDIO_EXPERT: (
        ("clipboard-check", N_("创新工作室评审"), N_("工作室评审或实地走访分给您之后，按日期列在上面；与您有关的单位会回避。"), ""),
    ),
    Role.COUNTY_OFFICER: (
        ("clipboard-check", N_("报名审核"), N_("本县市区单位上报的报名到了，会列为待办。"), "/entries/review"),
        ("users", N_("职工"), N_("职工的登记、导入与调动。"), "/registry/workers"),
    ),
    Role.CITY_OFFICER: (
        ("trophy", N_("竞赛与工种"), N_("立项、设规则、开报名，到发布成绩，从这里开始。"), "/competitions"),
        ("speakerphone", N_("公示办理"), N_("草拟公示，发布后按工作日历自动计满。"), "/publicity"),
    ),
    Role.SYSTEM_ADMIN: (
        ("calendar", N_("工作日历"), N_("公示与各项期限按它计算；每年放假安排公布后录入一次。"), "/calendar"),
    ),
    Role.SECURITY_ADMIN: (
        ("key", N_("账号与角色"), N_("邀请、停用账号，授予和收回角色；三员由三人分任。"), "/accounts"),
    ),
    Role.AUDIT_ADMIN: (
        ("shield-check", N_("留痕"), N_("谁在何时做了什么，只可查看，不可更改。"), "/trail"),
    ),
}  # fmt: skip


def guides(actor: Actor) -> list[Guide]:
    """The lines of the actor's roles in the order of the list of roles, each once."""
    lines = dict.fromkeys(line for role in Role if actor.has(role) for line in _LINES[role])
    return [Guide(icon=icon, title=_(title), note=_(note), href=href) for icon, title, note, href in lines]
