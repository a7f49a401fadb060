"""A house with demonstration keys of its own, and a file that it sealed."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Callable
from datetime import date
from typing import Any, NamedTuple

import msgspec
import pytest

from foundation.settings import load
from publications.certificates.proof.schemas import Claim, ProofRefused, Published, Statement
from publications.certificates.proof.signing import SignerProcess
from publications.certificates.rendering import fonts, page
from publications.certificates.rendering.schemas import CompetitionCertificate, RenderRefused

PLAIN: dict[str, Any] = {
    "home": "https://testserver.local", "number": "XCJS-2026-HG-0001", "code": "6N2DH8QW3F7KQ0A1", "holder": "赵立春",
    "members": (), "award": "一等奖", "competition": "宣城市示例职工职业技能大赛", "event": "焊工", "year": 2026,
    "issuer": "宣城市总工会", "issued_on": date(2026, 5, 4),
}  # fmt: skip


class House(NamedTuple):
    """What a signer made and showed."""

    claim: Claim
    statement: Statement
    published: Published
    plain: bytes
    sealed: bytes


@pytest.fixture(scope="session")
def claimed() -> Callable[..., Claim]:
    return lambda **given: Claim(**(PLAIN | given))


@pytest.fixture(scope="session")
def faces() -> dict[str, fonts.Face]:
    if shutil.which("fc-list") is None:
        pytest.skip("needs fontconfig's fc-list")
    try:
        return fonts.resolve()
    except RenderRefused as absent:
        pytest.skip(f"needs the fonts of the certificates: {absent}")


def _sheet(claim: Claim, statement: Statement) -> CompetitionCertificate:
    return CompetitionCertificate(
        recipients=(claim.holder,), competition=claim.competition, event=claim.event, award=claim.award, tier=1,
        year=claim.year, issuer=claim.issuer, issued_on=claim.issued_on, number=claim.number, check_code=claim.code,
        qr_payload=f"{claim.home}/V/{statement.token}".upper(), statement=statement.credential,
    )  # fmt: skip


@pytest.fixture(scope="session")
def sheet_of() -> Callable[[Claim, Statement], CompetitionCertificate]:
    return _sheet


@pytest.fixture(scope="session")
def house(tmp_path_factory, faces, claimed) -> House:
    config = msgspec.structs.replace(load(), data_dir=str(tmp_path_factory.mktemp("house")))
    under = page.Underlay(faces)

    async def make() -> House:
        async with SignerProcess(config) as signer:
            claim = claimed()
            (statement,) = await signer.attest([claim])
            if isinstance(statement, ProofRefused):
                raise statement
            sheet = _sheet(claim, statement)
            plain = page.Job([sheet], faces, under).render(sheet)
            return House(claim, statement, signer.published, plain, await signer.seal(plain))

    return asyncio.run(make())
