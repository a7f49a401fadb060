"""Reads about documents: for officers within their scope, and the issued public ones for everybody."""

from __future__ import annotations

import re
from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_
from foundation.listing import Column, Filter, Listing
from foundation.web.policy import Actor
from publications.documents.operations import paper_of
from publications.documents.orders import Shown
from publications.documents.rules import Stage
from publications.documents.schemas import Kind, Of
from publications.permissions import Permission
from registry.search_keys import keys_for_query

STAGES = {Stage.DRAFT: N_("草稿"), Stage.ISSUED: N_("已印发"), Stage.WITHDRAWN: N_("已撤回")}
CHIP = {Stage.DRAFT: "neutral", Stage.ISSUED: "ok", Stage.WITHDRAWN: "bad"}
KINDS = {Kind.DECISION: N_("表彰决定"), Kind.NOTICE: N_("通知"), Kind.LETTER: N_("函"), Kind.PUBLICITY: N_("公示")}
ROLLS = {Of.PEOPLE: N_("个人名单"), Of.UNITS: N_("单位名单"), Of.TEAMS: N_("集体名单"), Of.TEXT: N_("文字")}
WITHIN = "o.ancestors && {}::uuid[]"


_BRACKETS = re.compile(r"[\[(（【〔](\d{4})[\])）】〕]")


def _search(q: str, bind: Any) -> str:
    """A number, typed with whatever brackets, finds the numbers that begin so; anything else searches titles."""
    number = _BRACKETS.sub(r"〔\1〕", q.strip())
    if "〔" in number:
        return f"starts_with(d.number, {bind(number)})"
    return f"d.search_keys @> {bind(keys_for_query(q))}::varchar[]"


def _word(label: str) -> str:
    from foundation.i18n import gettext

    return gettext(label)


def _year(text: str) -> int:
    """A year of an address; ``ValueError`` for what is none."""
    if not (text.isascii() and text.isdigit() and len(text) == 4):
        raise ValueError(text)
    return int(text)


def options(words: Any) -> list[tuple[str, str]]:
    """(value, words) pairs for a select."""
    return [(one.value, _word(label)) for one, label in words.items()]


LIST = Listing(
    path="/official-documents",
    select="d.id, d.number, d.title, d.kind, d.stage, d.signed_on, d.public, o.name AS organisation",
    source="document d JOIN organisation o ON o.id = d.organisation",
    search=_search,
    columns=(
        Column(key="number", title=N_("发文字号"), sort="d.number"),
        Column(key="title", title=N_("标题"), sort='d.title COLLATE "C"'),
        Column(
            key="kind",
            title=N_("文种"),
            sort="d.kind",
            show=lambda row: _word(KINDS[Kind(row["kind"])]),
        ),
        Column(key="organisation", title=N_("起草单位")),
        Column(key="signed_on", title=N_("成文日期"), sort="d.signed_on"),
        Column(
            key="stage",
            title=N_("状态"),
            sort="d.stage",
            show=lambda row: _word(STAGES[Stage(row["stage"])]),
        ),
    ),
    filters=(
        Filter(key="kind", title=N_("文种"), where="d.kind = {}", options=lambda: options(KINDS)),
        Filter(key="stage", title=N_("状态"), where="d.stage = {}", options=lambda: options(STAGES)),
        Filter(
            key="year",
            title=N_("年份"),
            where="extract(year from d.signed_on) = {}",
            convert=_year,
        ),
    ),
    order="d.made_at DESC, d.id",
)
PUBLIC_LIST = Listing(
    path="/documents",
    select="d.id, d.number, d.title, d.kind, d.stage, d.signed_on, d.paper->'organs' AS organs",
    source="document d",
    search=_search,
    columns=(),
    filters=(
        Filter(key="kind", title=N_("文种"), where="d.kind = {}", options=lambda: options(KINDS)),
        Filter(key="year", title=N_("年份"), where="extract(year from d.signed_on) = {}", convert=_year),
    ),
    order="d.signed_on DESC, d.issued_at DESC, d.id",
)
PUBLIC = "d.public AND d.stage <> 'draft'"
"""A withdrawn document stays in the list, marked; its title names nobody but perhaps the award."""


async def years() -> list[int]:
    """The years that the public list holds, the newest first."""
    rows = await fetch(
        f"SELECT DISTINCT extract(year from d.signed_on)::int AS y FROM document d WHERE {PUBLIC} ORDER BY y DESC"
    )
    return [row["y"] for row in rows]


async def listed(actor: Actor, asked: Any) -> Any:
    """The documents within the actor's scope."""
    return await LIST.fetch(asked, WITHIN, list(Permission.DRAFT_DOCUMENTS.scope(actor)))


async def one(actor: Actor, document: UUID) -> Shown:
    """One document within scope."""
    row = await fetchrow(
        "SELECT d.*, o.name AS organisation_name FROM document d JOIN organisation o ON o.id = d.organisation"
        " WHERE d.id = $1 AND o.ancestors && $2::uuid[]",
        document, list(Permission.DRAFT_DOCUMENTS.scope(actor)),
    )  # fmt: skip
    return _shown(row)


def _shown(row: Any) -> Shown:
    if row is None:
        raise NotFound
    values = {f.name: row[f.name] for f in msgspec.structs.fields(Shown) if f.name != "paper"}
    return msgspec.convert({**values, "paper": paper_of(row)}, Shown, strict=False)


async def public_one(number: str) -> Shown:
    """An issued or withdrawn public document by its number; a draft or an internal one is not found."""
    row = await fetchrow(
        "SELECT d.*, o.name AS organisation_name FROM document d JOIN organisation o ON o.id = d.organisation"
        " WHERE d.number = $1 AND d.public AND d.stage <> 'draft'",
        number,
    )
    return _shown(row)


async def copy_of(document: UUID) -> Any:
    """The frozen bytes: ``wording``, ``pdf`` and their hashes. Raises ``NotFound`` before the issue."""
    row = await fetchrow(
        "SELECT wording, wording_sha256, pdf, pdf_sha256, seal, issued_at FROM document_copy WHERE document = $1",
        document,
    )
    if row is None:
        raise NotFound
    return row


async def organisations(actor: Actor) -> list[tuple[str, str]]:
    """The federations in whose name the actor may write: his own and the counties below it."""
    rows = await fetch(
        "SELECT id, name FROM organisation WHERE ancestors && $1::uuid[] AND kind IN ('city', 'county', 'industry')"
        " AND closed_at IS NULL ORDER BY cardinality(ancestors), region, name LIMIT 100",
        list(Permission.DRAFT_DOCUMENTS.scope(actor)),
    )
    return [(str(row["id"]), row["name"]) for row in rows]
