"""Sealed files by other people's validators: pyHanko's own, poppler's pdfsig, pikepdf's view of the PDF/A and UA marks."""

from __future__ import annotations

import hashlib
import io
import os
import re
import shutil
import stat
import subprocess
from pathlib import Path

import msgspec
import pikepdf
import pytest
from cryptography import x509
from pyhanko.pdf_utils.reader import PdfFileReader
from pyhanko.sign.validation import validate_pdf_signature
from pyhanko.sign.validation.status import SignatureCoverageLevel
from pyhanko_certvalidator import ValidationContext

from foundation.settings import load
from publications.certificates.proof import signing
from publications.certificates.proof.pades import PadesSigner
from publications.certificates.proof.schemas import ProofRefused
from publications.certificates.proof.signing import SignerProcess


def signature_of(pdf: bytes):
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    return signature


def test_pyhanko_finds_one_valid_certifying_signature_over_everything(house):
    from asn1crypto import x509 as asn1

    signature = signature_of(house.sealed)
    context = ValidationContext(
        trust_roots=[asn1.Certificate.load(house.published.certificates[0])], allow_fetching=False
    )
    status = validate_pdf_signature(signature, context)
    assert status.bottom_line
    assert status.coverage is SignatureCoverageLevel.ENTIRE_FILE
    assert signature.sig_object["/SubFilter"] == "/ETSI.CAdES.detached"
    assert signature.docmdp_level.value == 1
    # PAdES B-B: the signing certificate is among the signed attributes, signing time is the dictionary's /M
    attributes = {one["type"].native for one in signature.signer_info["signed_attrs"]}
    assert {"content_type", "message_digest", "signing_certificate_v2"} <= attributes
    assert "signing_time" not in attributes
    assert "/M" in signature.sig_object


@pytest.mark.skipif(shutil.which("pdfsig") is None, reason="needs poppler-utils")
def test_pdfsig_agrees(house, tmp_path):
    file = tmp_path / "sealed.pdf"
    file.write_bytes(house.sealed)
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." in said
    assert "Total document signed" in said
    changed = bytearray(house.sealed)
    changed[len(house.plain) // 2] ^= 1
    file.write_bytes(changed)
    said = subprocess.run(["pdfsig", "-nocert", str(file)], capture_output=True, text=True, check=False).stdout
    assert "Signature is Valid." not in said


def test_sealing_only_appends(house):
    assert house.sealed.startswith(house.plain)
    assert len(house.sealed) < len(house.plain) + 20_000


@pytest.mark.parametrize("which", ["plain", "sealed"])
def test_marks_of_pdf_a_and_ua_stand_before_and_after(house, which):
    with pikepdf.open(io.BytesIO(getattr(house, which))) as pdf:
        root = pdf.Root
        assert pdf.pdf_version == "1.7"
        assert "/Version" not in root  # PDF/A-3 knows nothing later
        assert not pdf.is_encrypted
        metadata = root.Metadata.read_bytes()
        assert b'pdfaid:part="3"' in metadata
        assert b'pdfaid:conformance="U"' in metadata
        assert b'pdfuaid:part="1"' in metadata
        assert b"<pdfaSchema:prefix>pdfuaid</pdfaSchema:prefix>" in metadata
        assert metadata.count(b"<rdf:RDF") == 1
        assert root.OutputIntents[0].S == "/GTS_PDFA1"
        assert root.MarkInfo.Marked
        assert root.ViewerPreferences.DisplayDocTitle
        assert str(root.Lang) == "zh-Hans"
        for item in pdf.objects:
            if isinstance(item, pikepdf.Dictionary):
                assert not {"/AA", "/JS", "/Encrypt"} & set(item.keys())
                if item.get("/Type") == "/Font" and "/FontDescriptor" in item:
                    assert {"/FontFile", "/FontFile2", "/FontFile3"} & set(item.FontDescriptor.keys())


@pytest.mark.parametrize("which", ["plain", "sealed"])
def test_the_seals_field_is_tagged_and_printable(house, which):
    with pikepdf.open(io.BytesIO(getattr(house, which))) as pdf:
        (widget,) = pdf.pages[0].Annots
        assert pdf.pages[0].Tabs == "/S"
        assert (
            int(widget.F) & 0b100111 == 0b100
        )  # Print; neither Invisible, Hidden, NoView nor NoZoom (ISO 19005-3, 6.3.2)
        assert [int(value) for value in widget.Rect] == [0, 0, 0, 0]
        assert str(widget.TU)
        nums = list(pdf.Root.StructTreeRoot.ParentTree.Nums)
        places = dict(zip([int(key) for key in nums[::2]], nums[1::2], strict=True))
        form = places[int(widget.StructParent)]
        assert form.S == "/Form"
        assert form.K[0].Type == "/OBJR"
        assert form.K[0].Obj.objgen == widget.objgen
        assert form.objgen in [one.objgen for one in form.P.K]
        assert form.P.S == "/Document"


@pytest.mark.parametrize("which", ["plain", "sealed"])
def test_the_statement_is_an_associated_file(house, which):
    with pikepdf.open(io.BytesIO(getattr(house, which))) as pdf:
        (specification,) = pdf.Root.AF
        assert specification.AFRelationship == "/Data"
        assert str(specification.UF) == str(specification.F) == "certificate.json"
        stream = specification.EF.F
        assert stream.Subtype == "/application/ld+json"
        raw = stream.read_bytes()
        assert raw.decode() == house.statement.credential
        assert int(stream.Params.Size) == len(raw)
        assert bytes(stream.Params.CheckSum) == hashlib.md5(raw, usedforsecurity=False).digest()
        assert re.fullmatch(r"D:20260504000000\+08'00'", str(stream.Params.ModDate))
        assert list(pdf.attachments) == ["certificate.json"]


def test_demonstration_keys_are_made_once_and_for_their_user_only(tmp_path):
    import asyncio

    config = msgspec.structs.replace(load(), data_dir=str(tmp_path))

    async def start():
        async with SignerProcess(config) as signer:
            return signer.published

    async def together():
        return await asyncio.gather(start(), start(), start())

    shown = asyncio.run(together())
    assert shown[0] == shown[1] == shown[2] == asyncio.run(start())
    files = list((tmp_path / "keys").iterdir())
    assert len(files) == 3
    assert {stat.S_IMODE(file.stat().st_mode) for file in files} == {0o600}


@pytest.mark.parametrize("what", ["open to others", "no such file", "no key", "wrong passphrase"])
async def test_a_key_that_cannot_be_used_stops_the_signer_with_a_name(tmp_path, house, what):
    file = tmp_path / "key"
    config = msgspec.structs.replace(load(), data_dir=str(tmp_path), certificate_key=str(file))
    if what != "no such file":
        file.write_text("zz" if what == "no key" else "ab" * 32)
        file.chmod(0o644 if what == "open to others" else 0o600)
    if what == "wrong passphrase":
        other = tmp_path / "other"
        async with SignerProcess(msgspec.structs.replace(load(), data_dir=str(other))):
            pass
        config = msgspec.structs.replace(
            config, signing_pkcs12=str(other / "keys/demonstration.p12"), signing_passphrase_file=str(file)
        )
    with pytest.raises(ProofRefused) as refused:
        async with SignerProcess(config):
            pass
    assert refused.value.code == "proof.signer"
    assert "ab" * 32 not in str(refused.value)


@pytest.mark.skipif(not Path("/proc/self/environ").exists(), reason="needs /proc")
async def test_the_signer_has_no_secret_in_its_environment_and_no_key_in_its_arguments(tmp_path, monkeypatch):
    monkeypatch.setenv("GONGJIANG_SMTP_URL", "never to be seen")
    async with SignerProcess(msgspec.structs.replace(load(), data_dir=str(tmp_path))) as signer:
        assert signer._child is not None
        process = Path(f"/proc/{signer._child.pid}")
        assert b"never to be seen" not in (process / "environ").read_bytes()
        seed = (tmp_path / "keys/certificate-key").read_bytes()
        assert seed not in (process / "cmdline").read_bytes()
        if signer.offline:
            assert os.readlink(process / "ns/net") != os.readlink("/proc/self/ns/net")


async def test_what_is_no_pdf_is_refused_and_the_signer_lives_on(tmp_path, house):
    async with SignerProcess(msgspec.structs.replace(load(), data_dir=str(tmp_path))) as signer:
        for wrong in (b"", b"%PDF-1.7 nothing", house.sealed):
            with pytest.raises(ProofRefused) as refused:
                await signer.seal(wrong)
            assert refused.value.code == "proof.signer"
        assert (await signer.seal(house.plain)).startswith(house.plain)


def alive(processes: list[int]) -> set[int]:
    return {one for one in processes if Path(f"/proc/{one}/exe").exists()}


async def test_a_signer_that_sealed_much_is_replaced_between_two_files(tmp_path, house, monkeypatch):
    monkeypatch.setattr(signing, "_SEALS_PER_PROCESS", 2)
    async with SignerProcess(msgspec.structs.replace(load(), data_dir=str(tmp_path))) as signer:
        seen, shown = [], signer.published
        for _ in range(5):
            assert (await signer.seal(house.plain)).startswith(house.plain)
            assert signer._child is not None
            seen.append(signer._child.pid)
        assert [seen.count(one) for one in dict.fromkeys(seen)] == [2, 2, 1]
        assert signer.published == shown
        assert len(alive(seen)) <= 1
        (tmp_path / "keys/certificate-key").write_text("ab" * 32)
        await signer.seal(house.plain)
        with pytest.raises(ProofRefused) as refused:
            await signer.seal(house.plain)
        assert refused.value.code == "proof.process"


def test_an_rsa_key_of_a_city_seals_too(house):
    from datetime import UTC, datetime, timedelta

    from cryptography.hazmat.primitives import hashes, serialization
    from cryptography.hazmat.primitives.asymmetric import rsa
    from cryptography.hazmat.primitives.serialization import pkcs12

    key = rsa.generate_private_key(65537, 2048)
    name = x509.Name([x509.NameAttribute(x509.NameOID.COMMON_NAME, "示例 RSA")])
    now = datetime.now(UTC)
    builder = x509.CertificateBuilder().subject_name(name).issuer_name(name).public_key(key.public_key())
    dated = builder.serial_number(7).not_valid_before(now).not_valid_after(now + timedelta(days=1))
    store = pkcs12.serialize_key_and_certificates(
        b"x", key, dated.sign(key, hashes.SHA256()), None, serialization.BestAvailableEncryption(b"open")
    )
    sealed = PadesSigner(store, b"open").sign(house.plain)
    assert signature_of(sealed).evaluate_signature_coverage() is SignatureCoverageLevel.ENTIRE_FILE
    with pikepdf.open(io.BytesIO(sealed)) as pdf:
        assert "/Version" not in pdf.Root
