"""The editor of certificate templates: versions, live preview, comparison, confirmation by a second person."""

from __future__ import annotations

import base64
import difflib
from typing import Any

from litestar import Controller, Response, get, post
from litestar.params import FromPath

from foundation.errors import NotFound, Stale
from foundation.forms import Bound, read_form
from foundation.i18n import gettext as _
from foundation.web.pages import HouseRequest, actor_of, page, see_other
from foundation.web.protection import content_security_policy
from publications.certificates.designs import kinds, language, operations, proving, queries
from publications.certificates.designs.samples import SAMPLES
from publications.certificates.designs.schemas import DesignForm, ReasonForm, SeenForm, Version
from publications.certificates.designs.sheets import TemplateText
from publications.permissions import Permission

ROOT = "/certificates/designs"
CONTEXT_LINES = 3
FRAMED = "default-src 'none'; style-src 'self'; img-src 'self' data:; font-src 'self'; object-src 'self'; frame-ancestors 'self'"


def _inline(pdf: bytes) -> Response[bytes]:
    """A PDF for our own frame, and nobody else's."""
    headers = {"Content-Disposition": "inline", "Content-Security-Policy": FRAMED, "Cache-Control": "no-store"}
    return Response(pdf, media_type="application/pdf", headers=headers)


def difference(before: str, after: str) -> list[dict[str, Any]]:
    """Changed lines with three lines of context: ``was`` and ``now`` side by side, None where there is none."""
    rows: list[dict[str, Any]] = []
    old, new = before.splitlines(), after.splitlines()
    for group in difflib.SequenceMatcher(None, old, new, autojunk=False).get_grouped_opcodes(CONTEXT_LINES):
        for tag, a, b, c, d in group:
            for place in range(max(b - a, d - c)):
                was, now = (a + place, b), (c + place, d)
                rows.append(
                    {
                        "same": tag == "equal",
                        "line": min(now[0], d - 1) + 1 if d > c else was[0] + 1,
                        "was": old[was[0]] if was[0] < was[1] else None,
                        "now": new[now[0]] if now[0] < now[1] else None,
                    }
                )
    return rows


class DesignPages(Controller):
    """/certificates/designs"""

    path = ROOT

    @get("/", opt={"policy": Permission.EDIT_DESIGNS}, name="designs.list")
    async def listed(self, request: HouseRequest) -> Response[Any]:
        """Every kind, what is in force, what waits."""
        rows = []
        for kind in kinds.KINDS.values():
            known = await queries.versions(kind.key)
            current = next(one for one in known if one.state == "in_force")
            rows.append({"kind": kind, "current": current, "newest": known[0], "count": len(known)})
        crumbs = [{"label": _("证书"), "href": "/certificates"}, {"label": _("证书样式"), "href": None}]
        context = {"rows": rows, "states": queries.STATES, "chips": queries.CHIPS, "crumbs": crumbs}
        return await page(request, "publications/certificates/designs/list.html", **context)

    @get("/{kind:str}", opt={"policy": Permission.EDIT_DESIGNS}, name="designs.edit")
    async def edit(self, request: HouseRequest, kind: FromPath[str]) -> Response[Any]:
        """The editor with the newest version, or the one asked for."""
        known = await queries.versions(kind)
        asked = request.query_params.get("version", "")
        shown = next((one for one in known if str(one.number) == asked), None) if asked else known[0]
        if shown is None:
            raise NotFound
        return await _editor(request, shown, known, _filled(shown, known))

    @post("/{kind:str}/versions", opt={"policy": Permission.EDIT_DESIGNS}, name="designs.save", status_code=303)
    async def save(self, request: HouseRequest, kind: FromPath[str]) -> Response[Any]:
        """Save as a new version."""
        known = await queries.versions(kind)
        form = await read_form(request, DesignForm)
        if form.ok:
            data = form.data
            with form.catching():
                number = await operations.save(
                    actor_of(request), kind, html=data.html, css=data.css, note=data.note, seen=data.seen
                )
                return await see_other(request, f"{ROOT}/{kind}", flash=_("已存为第 %(n)s 版", n=number))
        late = any(fault.code == "stale" for _name, fault in form.all_faults)
        if late:  # what was typed stays; whoever has compared may save it over the other's version
            form.values["seen"] = known[0].number
        return await _editor(request, known[0], known, form, status_code=Stale.status if late else 422)

    @post("/{kind:str}/preview", opt={"policy": Permission.EDIT_DESIGNS}, name="designs.preview", status_code=200)
    async def preview(self, request: HouseRequest, kind: FromPath[str]) -> Response[Any]:
        """What stands in the editor, set with one sample: JSON for the script, a PDF or the faults for a bare frame."""
        if kind not in kinds.KINDS:
            raise NotFound
        form = await read_form(request, DesignForm)
        faults, pdf = [fault.message for _name, fault in form.all_faults], b""
        if form.ok:
            sample = form.data.sample if form.data.sample in SAMPLES[kind] else next(iter(SAMPLES[kind]))
            text = TemplateText(name=f"{kind}/0", html=form.data.html, css=form.data.css)
            proof = (await proving.prove(text, [sample]))[0]
            faults, pdf = [fault.text(_) for fault in proof.faults], proof.pdf
        if "application/json" in request.headers.get("accept", ""):
            return Response({"faults": faults, "pdf": base64.b64encode(pdf).decode()}, status_code=200)
        if pdf and not faults:
            return _inline(pdf)
        answer = await page(request, "publications/certificates/designs/faults.html", faults=faults)
        answer.headers["Content-Security-Policy"] = FRAMED
        return answer

    @get("/{kind:str}/versions/{number:int}/sheet", opt={"policy": Permission.EDIT_DESIGNS}, name="designs.sheet")
    async def sheet(self, request: HouseRequest, kind: FromPath[str], number: FromPath[int]) -> Response[Any]:
        """A saved version, set with one sample."""
        found = await queries.version(kind, number)
        asked = request.query_params.get("sample", "")
        sample = asked if asked in SAMPLES[kind] else next(iter(SAMPLES[kind]))
        proof = (await proving.prove(_text(found), [sample]))[0]
        if proof.pdf:
            return _inline(proof.pdf)
        faults = [fault.text(_) for fault in proof.faults]
        answer = await page(request, "publications/certificates/designs/faults.html", faults=faults)
        answer.headers["Content-Security-Policy"] = FRAMED
        return answer

    @get("/{kind:str}/comparison", opt={"policy": Permission.EDIT_DESIGNS}, name="designs.compare")
    async def compare(self, request: HouseRequest, kind: FromPath[str]) -> Response[Any]:
        """Two versions, changed lines side by side and both sheets."""
        known = {str(one.number): one for one in await queries.versions(kind)}
        newest = next(iter(known.values()))
        now = known.get(request.query_params.get("to", str(newest.number)))
        was = known.get(request.query_params.get("from", str(max(1, (now or newest).number - 1))))
        if now is None or was is None:
            raise NotFound
        parts = [("HTML", difference(was.html, now.html)), ("CSS", difference(was.css, now.css))]
        title = _(kinds.KINDS[kind].title)
        crumbs = [*_crumbs(), {"label": title, "href": f"{ROOT}/{kind}"}, {"label": _("比较"), "href": None}]
        context = {"was": was, "now": now, "parts": parts, "title": title, "kind": kind, "crumbs": crumbs}
        return _framing(request, await page(request, "publications/certificates/designs/compare.html", **context))

    @post(
        "/{kind:str}/versions/{number:int}/submission",
        opt={"policy": Permission.EDIT_DESIGNS}, name="designs.submit", status_code=303,
    )  # fmt: skip
    async def submit(self, request: HouseRequest, kind: FromPath[str], number: FromPath[int]) -> Response[Any]:
        """Hand a draft in: every sample is set first."""
        form: Bound[Any] = Bound()
        with form.catching():
            await operations.submit(actor_of(request), kind, number)
            return await see_other(request, f"{ROOT}/{kind}", flash=_("全部样例排版无误，已提交他人确认"))
        return await _again(request, kind, number, form)

    @post(
        "/{kind:str}/versions/{number:int}/confirmation",
        opt={"policy": Permission.CONFIRM_DESIGNS}, name="designs.confirm", status_code=303,
    )  # fmt: skip
    async def confirm(self, request: HouseRequest, kind: FromPath[str], number: FromPath[int]) -> Response[Any]:
        """Put it into force."""
        form: Bound[Any] = Bound()
        with form.catching():
            await operations.confirm(actor_of(request), kind, number)
            return await see_other(request, f"{ROOT}/{kind}", flash=_("已启用；此前发出的证书不变"))
        return await _again(request, kind, number, form)

    @post(
        "/{kind:str}/versions/{number:int}/return",
        opt={"policy": Permission.CONFIRM_DESIGNS}, name="designs.return", status_code=303,
    )  # fmt: skip
    async def give_back(self, request: HouseRequest, kind: FromPath[str], number: FromPath[int]) -> Response[Any]:
        """Give it back, with a reason."""
        form = await read_form(request, ReasonForm)
        if form.ok:
            with form.catching():
                await operations.give_back(actor_of(request), kind, number, form.data.reason)
                return await see_other(request, f"{ROOT}/{kind}", flash=_("已退回"))
        return await _again(request, kind, number, form)

    @post(
        "/{kind:str}/versions/{number:int}/restoration",
        opt={"policy": Permission.EDIT_DESIGNS}, name="designs.restore", status_code=303,
    )  # fmt: skip
    async def restore(self, request: HouseRequest, kind: FromPath[str], number: FromPath[int]) -> Response[Any]:
        """An old version as a new draft."""
        form = await read_form(request, SeenForm)
        if form.ok:
            with form.catching():
                made = await operations.restore(actor_of(request), kind, number, seen=form.data.seen)
                return await see_other(request, f"{ROOT}/{kind}", flash=_("已恢复为第 %(n)s 版草稿", n=made))
        return await _again(request, kind, number, form)


def _text(version: Version) -> TemplateText:
    return TemplateText(name=f"{version.kind}/{version.number}", html=version.html, css=version.css)


def _filled(shown: Version, known: list[Version]) -> Bound[Any]:
    return Bound({"html": shown.html, "css": shown.css, "seen": known[0].number, "note": ""})


def _crumbs() -> list[dict[str, Any]]:
    return [{"label": _("证书"), "href": "/certificates"}, {"label": _("证书样式"), "href": ROOT}]


def _framing(request: HouseRequest, answer: Response[Any]) -> Response[Any]:
    """This page may frame our own sheets and the ones its script was sent."""
    policy = content_security_policy(request.scope["state"]["csp_nonce"])
    answer.headers["Content-Security-Policy"] = policy + "; frame-src 'self' blob:"
    return answer


async def _again(request: HouseRequest, kind: str, number: int, form: Bound[Any]) -> Response[Any]:
    known = await queries.versions(kind)
    shown = next(one for one in known if one.number == number)
    filled = _filled(shown, known)
    filled.faults = form.faults
    filled.values |= {"reason": form.values.get("reason", "")}
    return await _editor(request, shown, known, filled, status_code=422)


async def _editor(
    request: HouseRequest, shown: Version, known: list[Version], form: Bound[Any], *, status_code: int = 200
) -> Response[Any]:
    actor, kind = actor_of(request), kinds.KINDS[shown.kind]
    title = _(kind.title)
    told = [fault.text(_) for fault in language.faults(str(form.values.get("html", "")), kinds.names(kind.key))]
    context = {
        "it": shown, "kind": kind, "title": title, "known": known, "form": form, "told": told, "states": queries.STATES,
        "chips": queries.CHIPS, "newest": known[0].number,
        "current": next(one.number for one in known if one.state == "in_force"),
        "samples": [(key, _(label)) for key, (label, _sheet) in SAMPLES[kind.key].items()],
        "words": _words(kind.key), "filters": language.FILTERS,
        "may_confirm": Permission.CONFIRM_DESIGNS.allows(actor) and actor.account not in (shown.made_by, shown.submitter),
        "crumbs": [*_crumbs(), {"label": title, "href": None}],
    }  # fmt: skip
    answer = await page(request, "publications/certificates/designs/edit.html", status_code=status_code, **context)
    return _framing(request, answer)


def _words(kind: str) -> list[str]:
    """What a template may print, as it is written there."""
    known = kinds.names(kind)
    return [f"{name}.{field}" for name, fields in known.items() for field in sorted(fields)] + [
        name for name, fields in known.items() if not fields
    ]
