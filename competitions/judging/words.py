"""The words of the desk's script (评分台文字): the page hands them over in the reader's language."""

from __future__ import annotations

from foundation.i18n import N_, gettext

STATUSES = {
    "competed": N_("参赛"),
    "absent": N_("缺考"),
    "withdrawn": N_("弃赛"),
    "disqualified": N_("取消资格"),
}

WORDS = {
    "offline": N_("离线作答中"), "sending": N_("正在上传"), "all_received": N_("已全部送达"),
    "two_versions": N_("有两个版本"), "refused": N_("有分数未被接受"), "signed_out": N_("登录已过期"),
    "gone": N_("此席已不归您评分"), "saved_n": N_("已存 {n}"), "waiting_n": N_("待传 {n} 件"), "details": N_("详情"),
    "place_of": N_("第 {at} / {all} 件"), "signed": N_("已签署"), "sign": N_("签署"), "entry": N_("作品"),
    "back": N_("返回"), "list": N_("作品清单"), "left_hand": N_("左手键盘"), "right_hand": N_("右手键盘"),
    "excused": N_("免评"), "absent": N_("缺考"), "withdrawn": N_("弃赛"), "disqualified": N_("取消资格"),
    "look": N_("请看"), "not_begun": N_("未评"), "n_entries": N_("{n} 件"), "finished_n": N_("评完 {n}"),
    "on_device": N_("已记在本机"), "on_its_way": N_("正在上传"), "received": N_("已送达"),
    "judged_range": N_("评判 0–3"), "step_n": N_("步长 {n}"), "full_n": N_("满分 {n}"),
    "level_says": N_("{n} 级：{words}"), "subtotal": N_("小计"),
    "excused_long": N_("本席不给这件作品评分。"), "absent_long": N_("检录登记为缺考：不给分，也不是 0 分。"),
    "withdrawn_long": N_("登记为弃赛：不给分，也不是 0 分。"), "disqualified_long": N_("登记为取消资格：不给分，也不是 0 分。"),
    "measured": N_("测量与打分"), "judged": N_("评判 0–3"), "tap_to_mark": N_("点数字即记；停留看该级全文"),
    "signed_long": N_("再要改分：写明理由、保留旧值、两人签字。"), "not_yet": N_("还不能签署"),
    "not_yet_why": N_("待传 {waiting} 件未送达；{untouched} 件未评、{begun} 件未完。连网送达并评完后可签"),
    "kept_here": N_("已记在本机"), "entry_done": N_("本件 {done} / {all} 项"), "give_up": N_("放弃这个分数"),
    "see_sheet": N_("查看评分表"), "not_judging": N_("该项目不在评分阶段，只能查看。"),
    "two_why": N_("这一项在别处也改过。两个都在这里，请选一个；另一个留痕。"), "mine": N_("用本机的"), "theirs": N_("用服务器的"),
    "version_n": N_("第 {n} 版"), "blank": N_("空白"), "next": N_("下一项"), "next_entry": N_("下一件"), "done": N_("记下"),
    "no_step": N_("可到小数点后两位"), "step_hint": N_("步长 {step}"), "only_keys": N_("：接下来只能按 {keys}"), "or": N_(" 或 "), "point": N_("小数点"),
    "complete": N_("已到步长的最后一位"), "pad": N_("数字键盘"), "erase": N_("退格"), "full": N_("满分"), "skip": N_("跳过"),
    "blank_it": N_("清空本项"), "pad_help": N_("划去的键此刻按不下：超出 {low}–{high} 或不合步长的数，根本输不进去。"),
    "level_brings": N_("{n} 级折 {worth}"), "tap_levels": N_("在左侧点 0–3 即记；也可按键盘上的数字。"),
    "before": N_("上一件"), "after": N_("下一件"), "turns": N_("换件"), "swipe": N_("左右滑动也可换件"),
    "details_title": N_("本机未送达的分数"), "close": N_("关闭"), "open": N_("打开"), "sign_in": N_("重新登录"),
    "offline_long": N_("现在没有网络。打的分都记在本机，连上后自动补传，每个分只记一次。"),
    "kept_long": N_("这里列出服务器还没有收下的分数。"), "nothing_waits": N_("没有未送达的分数。"), "retry": N_("立即重试"),
    "no_entries": N_("这张表上还没有作品。"), "cannot_open": N_("现在打不开：没有网络，且这张表还没有在本机打开过。"),
}  # fmt: skip


def desk_words() -> dict[str, str]:
    """Every word of the desk in the current language."""
    return {name: gettext(text) for name, text in WORDS.items()}
