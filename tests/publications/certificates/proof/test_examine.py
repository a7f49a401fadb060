"""Tampering: no changed byte of a sealed file, inside the signed range or in the seal itself, is ever called genuine."""

from __future__ import annotations

import asyncio
import io

import pikepdf
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from pyhanko.pdf_utils.incremental_writer import IncrementalPdfFileWriter
from pyhanko.pdf_utils.reader import PdfFileReader

from publications.certificates.proof import examiner_process, keyring
from publications.certificates.proof.examine import examine
from publications.certificates.proof.examiner_process import examine_apart
from publications.certificates.proof.pades import PadesSigner
from publications.certificates.proof.schemas import Finding, Published


def seal_of(pdf: bytes) -> tuple[int, int]:
    """Where the seal's hexadecimal digits stand, with their brackets."""
    (signature,) = PdfFileReader(io.BytesIO(pdf)).embedded_signatures
    _, before, after, _ = (int(value) for value in signature.byte_range)
    return before, after


def flipped(pdf: bytes, place: int, bit: int) -> bytes:
    changed = bytearray(pdf)
    changed[place] ^= 1 << bit
    return bytes(changed)


def test_an_untouched_file_is_genuine(house):
    found = examine(house.sealed, house.published)
    assert (found.finding, found.number) == (Finding.GENUINE, "XCJS-2026-HG-0001")
    assert found.credential == house.statement.credential


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_no_flip_anywhere_is_genuine(house, data):
    place = data.draw(st.integers(0, len(house.sealed) - 1))
    changed = flipped(house.sealed, place, data.draw(st.integers(0, 7)))
    assert examine(changed, house.published).finding is not Finding.GENUINE


@settings(max_examples=250, deadline=None)
@given(data=st.data())
def test_no_flip_inside_the_seal_is_genuine(house, data):
    """Its digits lie outside the signed range: certificates, algorithms, even the case of a digit or idle padding."""
    before, after = seal_of(house.sealed)
    length = 2 * (4 + int(house.sealed[before + 5 : before + 9], 16))  # the CMS: tag, long length, content
    place = data.draw(st.integers(before, before + 1 + length) | st.integers(before, after - 1))
    changed = flipped(house.sealed, place, data.draw(st.integers(0, 7)))
    assert examine(changed, house.published).finding is not Finding.GENUINE


def test_no_flip_in_the_seals_first_bytes_is_genuine(house):
    """Every bit of the outer structure: a length that swallows padding says the same to a parser, and is no file of ours."""
    before, _after = seal_of(house.sealed)
    for place in range(before, before + 61):
        for bit in range(8):
            assert examine(flipped(house.sealed, place, bit), house.published).finding is not Finding.GENUINE
    der = bytes.fromhex(house.sealed[before + 1 : before + 121].decode())
    for place in range(60):
        for bit in range(8):
            changed = bytearray(der)
            changed[place] ^= 1 << bit
            digits = changed.hex().upper().encode()
            whole = house.sealed[: before + 1] + digits + house.sealed[before + 121 :]
            assert examine(whole, house.published).finding is not Finding.GENUINE, (place, bit)


@settings(max_examples=60, deadline=None)
@given(data=st.data())
def test_no_cut_and_no_addition_is_genuine(house, data):
    end = data.draw(st.integers(0, len(house.sealed) - 1))
    assert examine(house.sealed[:end], house.published).finding is not Finding.GENUINE
    more = data.draw(st.binary(min_size=1, max_size=40))
    assert examine(house.sealed + more, house.published).finding is not Finding.GENUINE
    assert examine(more + house.sealed, house.published).finding is not Finding.GENUINE
    assert examine(house.sealed[:end] + more + house.sealed[end:], house.published).finding is not Finding.GENUINE


def test_a_flip_in_every_object_of_the_page_is_called_tampered(house):
    """The finding is said plainly too: a damaged original is no stranger's file."""
    step = len(house.plain) // 60
    for place in range(20, len(house.plain), step):
        assert examine(flipped(house.sealed, place, 0), house.published).finding is Finding.TAMPERED


def test_an_update_appended_after_the_seal_is_found(house):
    writer = IncrementalPdfFileWriter(io.BytesIO(house.sealed))
    writer.root["/Lang"] = writer.root["/Lang"]
    writer.update_root()
    out = io.BytesIO()
    writer.write(out)
    assert out.getvalue().startswith(house.sealed)
    found = examine(out.getvalue(), house.published)
    assert (found.finding, found.number) == (Finding.TAMPERED, "XCJS-2026-HG-0001")


def test_a_file_saved_anew_is_found(house):
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(house.sealed)) as pdf:
        pdf.save(out)
    assert examine(out.getvalue(), house.published).finding is Finding.TAMPERED


def test_a_genuine_statement_in_an_unsealed_file_is_not_genuine(house):
    assert examine(house.plain, house.published).finding is Finding.TAMPERED


def test_a_strangers_seal_on_our_file_is_not_genuine(house, tmp_path):
    stranger = PadesSigner(*keyring.seal_store("", "", tmp_path))
    sealed = stranger.sign(house.plain)
    assert examine(sealed, house.published).finding is Finding.TAMPERED
    theirs = Published(keys={}, certificates=stranger.certificates)
    assert examine(sealed, theirs).finding is Finding.FOREIGN
    assert examine(house.sealed, theirs).finding is Finding.FOREIGN  # to another city, ours is simply not its own


def test_our_seal_on_another_statement_is_not_genuine(house, tmp_path):
    """The published seal key misused on an altered statement: both signatures must hold."""
    signer = PadesSigner(*keyring.seal_store("", "", tmp_path))
    trusted = Published(keys=house.published.keys, certificates=signer.certificates)
    assert examine(signer.sign(house.plain), trusted).finding is Finding.GENUINE
    out = io.BytesIO()
    with pikepdf.open(io.BytesIO(house.plain)) as pdf:
        forged = house.statement.credential.replace("一等奖", "特等奖").encode()
        pdf.Root.AF[0].EF.F.write(forged)
        pdf.save(out, min_version="1.7")
    found = examine(signer.sign(out.getvalue()), trusted)
    assert (found.finding, found.reason) == (Finding.TAMPERED, "proof.signature")


@pytest.mark.parametrize("body", [b"", b"%PDF-1.7", b"%PDF-1.7\n" + b"x" * 5000, b"%PDF-1.4\n%%EOF", b"PK\x03\x04"])
def test_other_peoples_files_are_foreign(house, body):
    assert examine(body, house.published).finding is Finding.FOREIGN


def bomb() -> bytes:
    """A page tree that names itself, and a stream that grows a thousandfold."""
    import zlib

    packed = zlib.compress(bytes(200 << 20), 9)
    head = b"%PDF-1.7\n1 0 obj\n<< /Type /Catalog /Names 2 0 R >>\nendobj\n"
    names = b"2 0 obj\n<< /EmbeddedFiles << /Names [(certificate.json) 3 0 R] >> >>\nendobj\n"
    file = b"3 0 obj\n<< /EF << /F 4 0 R >> >>\nendobj\n"
    stream = (
        b"4 0 obj\n<< /Filter /FlateDecode /Length %d >>\nstream\n" % len(packed) + packed + b"\nendstream\nendobj\n"
    )
    parts, places, at = (head, names, file, stream), [], 0
    for part in parts:
        places.append(at if part is not head else 9)
        at += len(part)
    table = b"xref\n0 5\n0000000000 65535 f \n" + b"".join(b"%010d 00000 n \n" % place for place in places)
    return b"".join(parts) + table + b"trailer\n<< /Size 5 /Root 1 0 R >>\nstartxref\n%d\n%%%%EOF\n" % at


async def test_a_bomb_is_answered_within_its_limits(house):
    assert (await examine_apart(bomb(), house.published)).finding is not Finding.GENUINE


async def test_the_process_answers_as_the_function_does(house):
    here = await asyncio.to_thread(examine, house.sealed, house.published)
    assert await examine_apart(house.sealed, house.published) == here
    assert (await examine_apart(b"%PDF-1.7", house.published)).finding is Finding.FOREIGN


async def test_a_process_that_does_not_answer_is_ended(house, monkeypatch):
    monkeypatch.setattr(examiner_process, "SECONDS", 0.01)
    assert (await examine_apart(house.sealed, house.published)).finding is Finding.FOREIGN
