"""Every issued document is sealed: a validator that is not ours finds it intact, and finds any flipped byte (PAdES B-B)."""

from __future__ import annotations

import hashlib
import io
import random
from typing import Any

import pikepdf
import pytest
from asn1crypto import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from foundation import clock
from foundation.database import fetchval
from foundation.errors import Refusal
from foundation.settings import settings
from publications.certificates import keys
from publications.documents import operations, queries, sealing
from publications.documents.schemas import Block, Kind, Paper


async def _issued(house) -> tuple[bytes, str]:
    qian = await house.person("qian", "city_officer", at="city")
    paper = Paper(
        kind=Kind.NOTICE, organs=("宣城市示例总工会",), title="关于召开会议的通知", addressees="各县区总工会",
        body=(Block(text="定于近日召开会议。"),), signed_on=await clock.today(),
    )  # fmt: skip
    document = await operations.draft(qian, house.organisations["city"], "宣工", paper, public=True)
    await operations.issue(qian, document, version=1)
    row = await queries.copy_of(document)
    return bytes(row["pdf"]), row["seal"]


async def _status(pdf: bytes):
    reader = PdfFileReader(io.BytesIO(pdf), strict=False)
    (one,) = reader.embedded_signatures
    trust = [x509.Certificate.load(der) for der in (await keys.published()).certificates]
    context = ValidationContext(trust_roots=trust, allow_fetching=False)
    return one, await async_validate_pdf_signature(one, context, skip_diff=True)


async def test_an_independent_validator_finds_it_intact_and_ours(house):
    pdf, name = await _issued(house)
    one, status = await _status(pdf)
    assert one.evaluate_signature_coverage() == SignatureCoverageLevel.ENTIRE_FILE
    assert (status.intact, status.valid, status.trusted, status.bottom_line) == (True, True, True, True)
    assert one.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert hashlib.sha256(one.signer_cert.dump()).hexdigest() == name
    assert await fetchval("SELECT count(*) FROM certificate_key WHERE kind = 'seal' AND name = $1", name) == 1


async def test_it_stays_an_archival_tagged_file(house):
    """Sealing appended only: the marks of PDF/A-3u and PDF/UA are there, and the file is still PDF 1.7."""
    pdf, _name = await _issued(house)
    assert pdf.startswith(b"%PDF-1.7")
    with pikepdf.open(io.BytesIO(pdf)) as read:
        with read.open_metadata() as said:
            assert (said["pdfaid:part"], said["pdfaid:conformance"], said["pdfuaid:part"]) == ("3", "U", "1")
        assert read.Root.MarkInfo.Marked
        (field,) = read.Root.AcroForm.Fields
        assert (str(field.FT), str(field.TU)) == ("/Sig", "宣城市示例总工会的电子签章")


async def test_one_flipped_byte_anywhere_under_the_seal_is_found(house):
    pdf, _name = await _issued(house)
    one, _ = await _status(pdf)
    ranges: Any = one.byte_range
    _, before, after, length = (int(value) for value in ranges)
    luck = random.Random(9704)
    places = [luck.randrange(1000, before) for _ in range(12)] + [after + luck.randrange(length) for _ in range(4)]
    for place in places:
        damaged = bytearray(pdf)
        damaged[place] ^= 1
        try:
            _one, status = await _status(bytes(damaged))
        except Exception:  # a file that cannot even be read does not pass either
            continue
        assert not (status.intact and status.bottom_line), place


async def test_without_a_key_nothing_is_issued_and_no_number_spent(house, monkeypatch, tmp_path):
    """The signer's key file is gone: the issue is refused with the reason."""
    import msgspec

    broken = msgspec.structs.replace(settings(), signing_pkcs12=str(tmp_path / "gone.p12"))
    monkeypatch.setattr(sealing, "settings", lambda: broken)
    with pytest.raises(Refusal) as refused:
        await _issued(house)
    assert refused.value.code == "proof.signer"
    assert await fetchval("SELECT count(*) FROM document_series") == 0
    assert await fetchval("SELECT count(*) FROM document_copy") == 0
