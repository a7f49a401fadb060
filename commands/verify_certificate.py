"""``gongjiang verify-certificate``: a PDF, a QR's content or a credential, with the published keys; no network, no database."""

from __future__ import annotations

import json
import sys
from pathlib import Path

from publications.certificates.proof.credential import number_of, verify_credential
from publications.certificates.proof.keys import read_document, retired_on
from publications.certificates.proof.schemas import Examined, Finding, ProofRefused, Published
from publications.certificates.proof.token import holder_hash, token_in, verify_token
from publications.certificates.rules import masked_name, normal_code

GENUINE, NOT_GENUINE, UNREADABLE = 0, 1, 2
OFFLINE = "离线查验不知道证书之后是否被撤销或换发 · offline, a later revocation or replacement cannot be seen"


def main(what: str, *, keys: str, holder: str = "", code: str = "") -> int:
    """Verify one thing; 0 genuine, 1 not, 2 when file or keys cannot be read. ``holder`` and ``code`` check the QR's name."""
    try:
        written = json.loads(Path(keys).read_text("utf-8"))
        published = read_document(written)
    except (OSError, ValueError, ProofRefused):
        sys.stderr.write(f"cannot read the published keys from {keys}: save /.well-known/gongjiang-keys.json there\n")
        return UNREADABLE
    try:
        said = _verified(what, published, holder, code)
    except OSError as why:
        sys.stderr.write(f"cannot read {what}: {why.strerror}\n")
        return UNREADABLE
    except ProofRefused as why:
        sys.stdout.write(f"不可信 · NOT GENUINE\n{why.text()}\n")
        return NOT_GENUINE
    if until := retired_on(written, said.get("key", "")):
        said["key"] += f"（已停用 · retired {until[:10]}；此前所签仍然有效 · what it signed before stays good）"
    lines = [f"{name}\t{value}" for name, value in said.items() if value]
    sys.stdout.write("\n".join(["真 · GENUINE", *lines, OFFLINE]) + "\n")
    return GENUINE


def _verified(what: str, published: Published, holder: str, code: str) -> dict[str, str]:
    path = Path(what)
    if path.suffix.lower() == ".pdf":
        return _facts(_of_file(path, published), published)
    if path.suffix.lower() == ".json":
        return _facts(path.read_text("utf-8"), published)
    claim = verify_token(token_in(what), published)
    said = {"number": claim.number, "award": claim.award, "issued": claim.issued_on.isoformat(), "key": claim.key_id}
    if holder and code:
        if holder_hash(claim.number, normal_code(code), holder) != claim.holder_hash:
            raise ProofRefused("proof.holder", "二维码是真的，但持证人或校验码不是它所签的")
        said["holder"] = f"{holder}（与二维码相符）"
    return said


def _of_file(path: Path, published: Published) -> str:
    from publications.certificates.proof.examine import examine

    found: Examined = examine(path.read_bytes(), published)
    if found.finding is not Finding.GENUINE:
        words = {
            Finding.TAMPERED: "文件被改动过，或签章不是真的 · tampered with",
            Finding.FOREIGN: "不是这些公钥所签的证书 · not issued with these keys",
        }
        raise ProofRefused(f"proof.{found.finding}", words[found.finding])
    return found.credential


def _facts(credential: str, published: Published) -> dict[str, str]:
    said = verify_credential(credential, published)
    subject = said["credentialSubject"]
    # A unit's or team's name stands alone; a person's is shown as the site shows it.
    names = [one["identityHash"] for one in subject["identifier"]]
    return {
        "number": number_of(said),
        "holder": names[0] if len(names) > 1 else masked_name(names[0]),
        "award": subject["achievement"]["name"],
        "for": subject["achievement"]["description"],
        "issuer": said["issuer"]["name"],
        "issued": said["validFrom"][:10],
        "key": str(json.loads(credential)["proof"]["verificationMethod"]).rpartition("#")[2],
    }
