"""``gongjiang verify-certificate`` in a process of its own, with nothing but the saved keys."""

from __future__ import annotations

import json
import os
import subprocess
import sys

import pytest

from publications.certificates.proof.keys import document
from tests.support import ROOT


@pytest.fixture
def folder(house, tmp_path):
    written = document(house.claim.home, house.claim.issuer, house.published)
    (tmp_path / "gongjiang-keys.json").write_text(json.dumps(written, ensure_ascii=False), "utf-8")
    (tmp_path / "certificate.pdf").write_bytes(house.sealed)
    (tmp_path / "certificate.json").write_text(house.statement.credential, "utf-8")
    return tmp_path


def verify(folder, *arguments: str) -> tuple[int, str]:
    environment = {"PATH": os.environ["PATH"], "PYTHONPATH": str(ROOT), "LANG": "C.UTF-8"}  # no database, no settings
    command = [sys.executable, "-m", "commands.cli", "verify-certificate", *arguments]
    done = subprocess.run(command, capture_output=True, text=True, cwd=folder, env=environment, check=False)
    assert "Traceback" not in done.stderr
    return done.returncode, done.stdout + done.stderr


@pytest.mark.parametrize("what", ["certificate.pdf", "certificate.json"])
def test_a_genuine_file_says_what_it_certifies_and_what_it_cannot_know(folder, what):
    status, said = verify(folder, what)
    assert status == 0
    for words in ("GENUINE", "XCJS-2026-HG-0001", "一等奖", "2026-05-04", "赵*春", "a later revocation"):
        assert words in said
    assert "赵立春" not in said


def test_the_qr_as_scanned_and_the_name_behind_it(folder, house):
    scanned = f"HTTPS://TESTSERVER.LOCAL/V/{house.statement.token}"
    status, said = verify(folder, scanned)
    assert (status, "XCJS-2026-HG-0001" in said, "a later revocation" in said) == (0, True, True)
    grouped = "-".join(house.claim.code[at : at + 4] for at in range(0, 16, 4)).lower()
    assert verify(folder, scanned, "--holder", "赵立春", "--code", grouped)[0] == 0
    assert verify(folder, scanned, "--holder", "钱雨水", "--code", grouped)[0] == 1
    assert verify(folder, scanned, "--holder", "赵立春", "--code", "0" * 16)[0] == 1


def test_changed_or_strange_is_not_genuine(folder, house):
    changed = bytearray(house.sealed)
    changed[5000] ^= 1
    (folder / "changed.pdf").write_bytes(changed)
    status, said = verify(folder, "changed.pdf")
    assert (status, "NOT GENUINE" in said, "tampered" in said) == (1, True, True)
    token = house.statement.token
    assert verify(folder, token[:30] + ("1" if token[30] != "1" else "2") + token[31:])[0] == 1
    (folder / "gongjiang-keys.json").write_text(json.dumps({"verificationMethod": [], "pdfCertificates": []}))
    status, said = verify(folder, "certificate.pdf")
    assert (status, "not issued with these keys" in said) == (1, True)


def test_what_cannot_be_read_is_no_verdict(folder):
    assert verify(folder, "missing.pdf")[0] == 2
    assert verify(folder, "certificate.pdf", "--keys", "missing.json")[0] == 2
    (folder / "keys.json").write_text("[]")
    assert verify(folder, "certificate.pdf", "--keys", "keys.json")[0] == 2
