"""Orders of plainly invented people, and what only the register knows of them."""

from __future__ import annotations

from uuid import uuid4

from foundation.crypto import unseal_secret
from foundation.database import fetchval, transaction
from publications.certificates import operations, papers
from publications.certificates.schemas import CertificateOrder

PREFIX = "XCJS-2026-HG"


def order(key: str, name: str = "赵立春", **other) -> CertificateOrder:
    base = {
        "holder_key": key, "holder": name, "recipients": (name,), "award": "一等奖", "tier": 1, "year": 2026,
        "competition": "2026年宣城市示例职工职业技能大赛", "event": "焊工",
    }  # fmt: skip
    return CertificateOrder(**{**base, **other})


async def issue(actor, orders, source=None, prefix=PREFIX):
    """(source, job) of certificates that are numbered and wait for the job."""
    source = source or uuid4()
    async with transaction():
        job = await operations.order_certificates(actor, orders, prefix=prefix, source_kind="result", source=source)
    return source, job


async def code_of(number: str) -> str:
    sealed = await fetchval("SELECT code_sealed FROM certificate WHERE number = $1", number)
    return unseal_secret(sealed, label=papers.CODE_LABEL)
