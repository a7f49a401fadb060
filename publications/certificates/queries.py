"""Reads about certificates: for their officers, their unit, and a stranger with number and code."""

from __future__ import annotations

from typing import Any
from uuid import UUID

import msgspec

from foundation.database import fetch, fetchrow
from foundation.errors import NotFound
from foundation.i18n import N_
from foundation.listing import Column, Filter, Listing
from foundation.web.policy import Actor
from publications.certificates import rules
from publications.certificates.operations import reaches_the_city
from publications.certificates.rules import State
from publications.certificates.schemas import CertificateRow, Verified
from publications.certificates.verification import by_code
from publications.permissions import Permission
from registry.search_keys import keys_for_query

STATES = {
    State.NUMBERED: N_("待生成"),
    State.VALID: N_("有效"),
    State.FAULTY: N_("有问题"),
    State.SUPERSEDED: N_("已换发"),
    State.REVOKED: N_("已撤销"),
}
CHIP = {
    State.NUMBERED: "wait",
    State.VALID: "ok",
    State.FAULTY: "bad",
    State.SUPERSEDED: "neutral",
    State.REVOKED: "neutral",
}
WITHIN, WITHIN_CITY = "o.ancestors && {}::uuid[]", "(o.ancestors && {}::uuid[] OR c.organisation IS NULL)"


def _state_options() -> list[tuple[str, str]]:
    from foundation.i18n import gettext

    return [(state.value, gettext(label)) for state, label in STATES.items()]


LIST = Listing(
    path="/certificates",
    select="c.id, c.number, c.holder, c.award, c.title, c.state, c.fault, c.issued_on, c.file IS NOT NULL AS has_file",
    source="certificate c LEFT JOIN organisation o ON o.id = c.organisation",
    search=lambda q, bind: (
        f"(c.search_keys @> {bind(keys_for_query(q))}::varchar[] OR c.number = {bind(rules.normal_number(q))})"
    ),
    columns=(
        Column(key="number", title=N_("证书编号"), sort="c.number"),
        Column(key="holder", title=N_("持证人"), sort='c.holder COLLATE "C"'),
        Column(key="award", title=N_("奖项"), sort="c.award"),
        Column(key="title", title=N_("颁发事由")),
        Column(key="issued_on", title=N_("发证日期"), sort="c.issued_on"),
        Column(key="state", title=N_("状态"), sort="c.state"),
    ),
    filters=(
        Filter(key="state", title=N_("状态"), where="c.state = {}", options=_state_options),
        Filter(key="source", title=N_("来源"), where="c.source = {}", convert=UUID),
    ),
    order="c.number DESC",
)


async def listed(actor: Actor, asked: Any) -> Any:
    """The certificates of the actor's scope; external holders' for officers of the city."""
    permission = Permission.SEE_CERTIFICATES
    city = await reaches_the_city(actor, permission)
    return await LIST.fetch(asked, WITHIN_CITY if city else WITHIN, list(permission.scope(actor)))


async def one(actor: Actor, certificate: UUID) -> CertificateRow:
    """One certificate with its wording, within scope."""
    permission = Permission.SEE_CERTIFICATES
    row = await fetchrow(
        "SELECT c.*, c.file IS NOT NULL AS has_file, c.credential <> '' AS has_credential FROM certificate c LEFT JOIN organisation o ON o.id = c.organisation"
        " WHERE c.id = $1 AND (o.ancestors && $2::uuid[] OR (c.organisation IS NULL AND $3))",
        certificate, list(permission.scope(actor)), await reaches_the_city(actor, permission),
    )  # fmt: skip
    if row is None:
        raise NotFound
    values = {f.name: row[f.name] for f in msgspec.structs.fields(CertificateRow)}
    return CertificateRow(**{**values, "wording": msgspec.json.decode(row["wording"])})


async def file_of(actor: Actor, certificate: UUID) -> UUID:
    """The stored PDF of a valid certificate within scope."""
    shown = await one(actor, certificate)
    row = await fetchrow("SELECT file FROM certificate WHERE id = $1 AND file IS NOT NULL", shown.id)
    if row is None:
        raise NotFound
    return row["file"]


async def credential_of(actor: Actor, certificate: UUID) -> tuple[str, str]:
    """(number, credential) of a valid certificate within scope."""
    shown = await one(actor, certificate)
    row = await fetchrow(
        "SELECT number, credential FROM certificate WHERE id = $1 AND state = 'valid' AND credential <> ''", shown.id
    )
    if row is None:
        raise NotFound
    return row["number"], row["credential"]


async def verified(number: str, code: str) -> Verified | None:
    """What number and code together open; None tells nothing of whether the number exists."""
    return (await by_code(number, code)).found


async def of_source(source: UUID) -> list[Any]:
    """Number, holder key and state of a source's certificates."""
    return await fetch(
        "SELECT id, number, holder_key, state FROM certificate WHERE source = $1 ORDER BY number", source
    )
