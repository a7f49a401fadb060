"""The words of the tablet's script (走访评分文字): the page hands them over in the reader's language."""

from __future__ import annotations

from foundation.i18n import N_, gettext

WORDS = {
    "offline": N_("离线"), "sending": N_("正在上传"), "received": N_("已全部送达"), "signed_out": N_("登录已过期"),
    "gone": N_("此次走访已不由您评分"), "saved_n": N_("已存 {n}"), "waiting_n": N_("待传 {n} 项 {k} 图"), "sign": N_("签字交表"),
    "signed": N_("已签字交表"), "back": N_("返回"), "out_of": N_("/ {n}"), "full_start": N_("{n} 分起扣，扣完为止"),
    "judged_range": N_("0–{n} 分，{step} 分一档"), "yes": N_("有"), "no": N_("无"), "fits": N_("一致"), "fits_not": N_("不一致"),
    "to_mend": N_("记整改不扣分"), "less": N_("减一"), "more": N_("加一"), "evidence": N_("现场凭据"),
    "photos_n": N_("{n} 张，带时间；离线先存本机"), "photo": N_("拍照"), "note": N_("记一句"), "note_label": N_("现场记录"),
    "before": N_("上一项"), "next": N_("下一项"), "done_n": N_("已评 {n} / {all} 项"), "rest": N_("未评的还有 {n} 分，总分在 {low}–{high}"),
    "lines": N_("{c} 限期整改 · {b} 合格 · {a} 优秀"), "outputs": N_("成果台账"), "last_year": N_("上年"), "this_year": N_("申报"),
    "twice_n": N_("已报过 {n}"), "panel_n": N_("评审组 {n} 人"), "own_only": N_("各自评，互不可见"), "me": N_("我"),
    "expert_n": N_("评审 {n}"), "st_signed": N_("已交"), "st_begun": N_("在评"), "st_none": N_("未开始"),
    "earlier_n": N_("上年整改 {n} 条"), "mended": N_("已改"), "unmended": N_("未改"),
    "cannot_sign": N_("缺 {missing} 项、待传 {waiting} 项，交不了表：评完并连网后可签"), "can_sign": N_("全部评完并已送达，可以签字交表"),
    "sure": N_("签字后不能再改。确定交表？"), "refused": N_("有内容未被接受"), "two": N_("“{item}”在别处也改过（第 {n} 版）"),
    "mine": N_("用本机的"), "theirs": N_("用服务器的"), "drop": N_("放弃"), "on_device": N_("在本机"), "on_server": N_("已送达"),
    "bonus": N_("加分"), "each_cap": N_("每项 {each} 分，最多 {cap} 分"), "cannot_open": N_("现在打不开：没有网络，且这次走访还没有在本机打开过。"),
    "no_outputs": N_("没有申报成果数"), "placed": N_("带位置"), "total": N_("合计"), "caption": N_("照片说明"), "items": N_("评分项目"),
    "clear": N_("未评"), "closed": N_("走访已经结束"), "retry": N_("立即重试"), "sign_in": N_("重新登录"),
}  # fmt: skip


def desk_words() -> dict[str, str]:
    """Every word of the tablet in the current language."""
    return {name: gettext(text) for name, text in WORDS.items()}
