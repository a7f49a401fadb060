"""From the register's row to what is printed and what is signed: the sheet with its secrets put back in, the claim."""

from __future__ import annotations

from typing import Any

import msgspec

from foundation.crypto import blind_index, unseal_secret
from foundation.settings import settings
from publications.certificates import rules
from publications.certificates.designs import issuing
from publications.certificates.proof.schemas import Claim, Statement
from publications.certificates.rendering.schemas import CompetitionCertificate

CODE_LABEL = "certificate.code"


def code_index(number: str, code: str) -> bytes:
    """The keyed hash by which number and code are looked up together."""
    return blind_index(f"{number}\n{code}", label=CODE_LABEL)


def qr_payload(number: str, code: str) -> str:
    """The address of number and code, upper case throughout: what the QR held before it carried a token, and still opens."""
    return f"{settings().public_url}/V/{number}/{code}".upper()


def token_payload(token: str) -> str:
    """The address behind the QR, in the alphanumeric set: it verifies on line, and by itself off line."""
    return f"{settings().public_url}/V/{token}".upper()


def sheet_of(row, statement: Statement | None = None) -> Any:
    """The sheet to set, its code put back in; with a statement it carries token and credential."""
    code = unseal_secret(row["code_sealed"], label=CODE_LABEL)
    wording = msgspec.json.decode(row["wording"])
    wording |= {"check_code": rules.grouped(code), "qr_payload": qr_payload(row["number"], code)}
    if statement is not None:
        wording |= {"qr_payload": token_payload(statement.token), "statement": statement.credential}
    return issuing.sheet_from(wording)


def claim_of(row) -> Claim:
    """What is signed of a certificate: exactly what its sheet says."""
    sheet = sheet_of(row)
    if not isinstance(sheet, CompetitionCertificate):
        return _claim_of_designed(row, sheet)
    return Claim(
        home=settings().public_url, number=row["number"], code=unseal_secret(row["code_sealed"], label=CODE_LABEL),
        holder=row["holder"], members=sheet.recipients if sheet.team else (), award=sheet.award,
        competition=sheet.competition, event=sheet.event, year=sheet.year, issuer=sheet.issuer,
        issued_on=sheet.issued_on, unit=sheet.unit, replaces=sheet.replaces,
    )  # fmt: skip


def _claim_of_designed(row, sheet: Any) -> Claim:
    """The same of the other kinds: what it was given for stands where a competition stands."""
    return Claim(
        home=settings().public_url, number=row["number"], code=unseal_secret(row["code_sealed"], label=CODE_LABEL),
        holder=row["holder"], members=(), award=row["award"], competition=row["title"], event="",
        year=sheet.issued_on.year, issuer=sheet.issuer, issued_on=sheet.issued_on, unit=getattr(sheet, "unit", ""),
        replaces=sheet.replaces, kind=issuing.CLAIM_KINDS[sheet.__struct_config__.tag],
    )  # fmt: skip
