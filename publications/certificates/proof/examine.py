"""Does a PDF prove itself? (验真) Pure: bytes and published keys in, a finding out. Run it in a process with limits.

Genuine means: exactly one signature, in our field, by a published certificate, over every byte of the file but the
signature itself; that signature written in the one form our signer writes, so that nothing outside the signed bytes is
left open either; and inside, exactly one statement, signed by a published key.
"""

from __future__ import annotations

import asyncio
import io
from collections.abc import Callable, Sequence
from typing import Any

from asn1crypto import cms, x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import async_validate_pdf_signature
from pyhanko.sign.validation.pdf_embedded import EmbeddedPdfSignature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from publications.certificates.proof.credential import FILE_NAME, LONGEST, number_of, verify_credential
from publications.certificates.proof.examine_limits import LARGEST
from publications.certificates.proof.schemas import Examined, Finding, ProofRefused, Published
from publications.certificates.rendering.carrying import FIELD

_TRACES = (FILE_NAME.encode(), b"/ETSI.CAdES.detached")


def examine(pdf: bytes, published: Published, run: Callable[[Any], Any] = asyncio.run) -> Examined:
    """What the file proves. Never raises for what is wrong with the file. ``run`` brings a coroutine to its end."""
    if not pdf.startswith(b"%PDF-1.7") or len(pdf) > LARGEST:
        return Examined(finding=Finding.TAMPERED if _looks_ours(pdf) else Finding.FOREIGN, reason="header")
    credential, number = "", ""
    try:
        reader = PdfFileReader(io.BytesIO(pdf), strict=True)
        raw = _statement(reader)
        number = number_of(verify_credential(raw, published))
        credential = raw.decode()
        _require_sealed(reader, pdf, published, run)
    except ProofRefused as why:
        return Examined(finding=_finding(pdf, number, why.code), reason=why.code, number=number, credential=credential)
    except Exception as why:  # a parser's every complaint about foreign or damaged bytes
        return Examined(finding=_finding(pdf, number), reason=type(why).__name__, number=number, credential=credential)
    return Examined(finding=Finding.GENUINE, number=number, credential=credential)


def _finding(pdf: bytes, number: str, code: str = "") -> Finding:
    """A genuine statement in a broken shell was tampered with; a statement by another house's key is merely foreign."""
    if number:
        return Finding.TAMPERED
    if code == "proof.key":
        return Finding.FOREIGN
    return Finding.TAMPERED if _looks_ours(pdf) else Finding.FOREIGN


def _looks_ours(pdf: bytes) -> bool:
    """Signs that this was, or was made to look like, a file of ours."""
    return any(trace in pdf for trace in _TRACES)


def _statement(reader: PdfFileReader) -> bytes:
    """The one embedded file."""
    names = reader.root["/Names"]["/EmbeddedFiles"]["/Names"]
    if len(names) != 2 or str(names[0]) != FILE_NAME:
        raise ProofRefused("proof.form", "文件中没有证书的签名数据")
    stream = names[1]["/EF"]["/F"]
    if len(stream.encoded_data) > LONGEST or len(raw := stream.data) > LONGEST:
        raise ProofRefused("proof.form", "证书的签名数据过长")
    return raw


def _require_sealed(reader: PdfFileReader, pdf: bytes, published: Published, run: Callable[[Any], Any]) -> None:
    signatures: Sequence[EmbeddedPdfSignature] = reader.embedded_signatures
    if len(signatures) != 1 or signatures[0].field_name != FIELD:
        raise ProofRefused("proof.seal", "文件应有且只有一个电子签章")
    one = signatures[0]
    if one.evaluate_signature_coverage() != SignatureCoverageLevel.ENTIRE_FILE:
        raise ProofRefused("proof.seal", "签章之后文件又有增改")
    _require_our_form(one, pdf, published)
    trust = [x509.Certificate.load(der) for der in published.certificates]
    # At the time that the seal names: a file outlives the certificate that sealed it, and the register says what still holds.
    context = ValidationContext(trust_roots=trust, allow_fetching=False, moment=one.self_reported_timestamp)
    status = run(async_validate_pdf_signature(one, context, skip_diff=True))
    if not (status.intact and status.valid and status.trusted and status.bottom_line):
        raise ProofRefused("proof.seal", "签章与文件内容不符")


def _require_our_form(one: EmbeddedPdfSignature, pdf: bytes, published: Published) -> None:
    """Whatever the signature does not cover is as our signer writes it, to the last zero of the padding."""
    ranges: Any = one.byte_range
    _, before, after, _ = (int(value) for value in ranges)
    kept = pdf[before:after]
    content = cms.ContentInfo.load(bytes.fromhex(kept[1:-1].decode("ascii")), strict=False)
    # Encoded anew: a length that were to swallow some of the padding would otherwise be read over.
    der = content.dump(force=True)
    written = b"<" + der.hex().upper().encode().ljust(len(kept) - 2, b"0") + b">"
    signed: Any = content["content"]
    info = signed["signer_infos"][0]
    fits = (
        kept == written
        and content["content_type"].native == "signed_data"
        and signed["version"].native == "v1"
        and [algorithm.dump().hex() for algorithm in signed["digest_algorithms"]] == [_SHA256]
        and signed["encap_content_info"].dump().hex() == _DATA
        and not signed["crls"]
        and sorted(c.dump() for c in signed["certificates"]) == sorted(published_chain(one, published))
        and len(signed["signer_infos"]) == 1
        and info["version"].native == "v1"
        and info["digest_algorithm"].dump().hex() == _SHA256
        and not info["unsigned_attrs"]
    )
    if not fits:
        raise ProofRefused("proof.seal", "签章数据被改动")


_SHA256 = "300d06096086480165030402010500"
_DATA = "300b06092a864886f70d010701"


def published_chain(one: EmbeddedPdfSignature, published: Published) -> list[bytes]:
    """The signer's certificate and those of its chain that the file carries: every one must be published."""
    carried = [one.signer_cert.dump(), *(other.dump() for other in one.other_embedded_certs)]
    if not set(carried) <= set(published.certificates):
        raise ProofRefused("proof.key", "签章所用的证书不在公布之列")
    return carried
