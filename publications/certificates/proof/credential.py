"""The signed statement: an Open Badges 3.0 credential whose proof is ``eddsa-jcs-2022`` (W3C Data Integrity).

One JSON text serves the PDF's attachment, the download and the register: canonical (RFC 8785), signed by Ed25519 over
``SHA-256(proof options) + SHA-256(document)``. Extra facts that Open Badges has no place for stand in the achievement's
description, as on the paper; the number is ``licenseNumber``.
"""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from typing import Any

import msgspec
from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from publications.certificates.proof.keys import DOCUMENT, base58, from_base58, method_of
from publications.certificates.proof.schemas import Claim, ProofRefused, Published

SUITE = "eddsa-jcs-2022"
FILE_NAME = "certificate.json"
MEDIA_TYPE = "application/ld+json"
LONGEST = 64 << 10
_CONTEXT = ["https://www.w3.org/ns/credentials/v2", "https://purl.imsglobal.org/spec/ob/v3p0/context-3.0.3.json"]


def canonical(value: Any) -> bytes:
    """RFC 8785 for objects, arrays, strings, whole numbers and booleans; a float is a ``TypeError``: we sign none."""
    if isinstance(value, dict):
        names = sorted(value, key=lambda name: name.encode("utf-16-be"))
        return b"{" + b",".join(canonical(name) + b":" + canonical(value[name]) for name in names) + b"}"
    if isinstance(value, (list, tuple)):
        return b"[" + b",".join(map(canonical, value)) + b"]"
    if value is None or isinstance(value, (str, bool)) or (isinstance(value, int) and abs(value) < 1 << 53):
        return msgspec.json.encode(value)
    raise TypeError(f"cannot be signed: {type(value).__name__}")


def document_of(claim: Claim) -> dict[str, Any]:
    """The credential without its proof."""
    names = [{"type": "IdentityObject", "hashed": False, "identityType": "name", "identityHash": claim.holder}]
    names += [
        {"type": "IdentityObject", "hashed": False, "identityType": "ext:member", "identityHash": member}
        for member in claim.members
    ]
    contest = f"{claim.competition} {claim.event}".strip()
    facts = [contest, claim.unit, f"补发，原编号 {claim.replaces}" if claim.replaces else ""]
    return {
        "@context": _CONTEXT,
        "id": f"{claim.home}/verify?number={claim.number}",
        "type": ["VerifiableCredential", "OpenBadgeCredential"],
        "name": f"{claim.award}证书 {claim.number}",
        "issuer": {"id": claim.home + DOCUMENT, "type": ["Profile"], "name": claim.issuer, "url": claim.home},
        "validFrom": f"{claim.issued_on.isoformat()}T00:00:00+08:00",
        "credentialSubject": {
            "type": ["AchievementSubject"],
            "identifier": names,
            "licenseNumber": claim.number,
            "achievement": {
                "id": f"urn:gongjiang:{'competition' if claim.kind == 1 else 'honour'}:{claim.number.rsplit('-', 1)[0]}:{_slug(claim.award)}",
                "type": ["Achievement"],
                "achievementType": "Award",
                "name": claim.award,
                "description": "；".join(fact for fact in facts if fact),
                "criteria": {"narrative": _narrative(claim, contest)},
            },
        },
    }


def _narrative(claim: Claim, contest: str) -> str:
    """What it was given for: an award of a competition, or (kinds 2 and up) a title conferred."""
    return f"在{contest}中荣获{claim.award}" if claim.kind == 1 else f"被授予{claim.award}"


def _slug(award: str) -> str:
    return hashlib.sha256(award.encode()).hexdigest()[:12]


def sign_credential(claim: Claim, key_id: str, sign: Callable[[bytes], bytes]) -> str:
    """The credential with its proof, as canonical JSON. The same claim and key give the same text."""
    document = document_of(claim)
    proof = {
        "type": "DataIntegrityProof",
        "cryptosuite": SUITE,
        "created": document["validFrom"],
        "verificationMethod": method_of(claim.home, key_id),
        "proofPurpose": "assertionMethod",
    }
    proof["proofValue"] = base58(sign(_hashes(document, proof)))
    return canonical({**document, "proof": proof}).decode()


def _hashes(document: dict[str, Any], proof: dict[str, Any]) -> bytes:
    options = {name: value for name, value in proof.items() if name != "proofValue"} | {"@context": _CONTEXT}
    return hashlib.sha256(canonical(options)).digest() + hashlib.sha256(canonical(document)).digest()


def verify_credential(text: str | bytes, published: Published) -> dict[str, Any]:
    """The credential's document, if it is one of ours, unaltered. Raises ``ProofRefused`` (form, key, signature)."""
    document, proof = _read(text)
    key_id = str(proof["verificationMethod"]).rpartition("#")[2]
    public = published.keys.get(key_id)
    if public is None:
        raise ProofRefused("proof.key", "签名所用的钥匙不在公布之列：{key}", key=key_id[:40])
    try:
        Ed25519PublicKey.from_public_bytes(public).verify(
            from_base58(str(proof["proofValue"])), _hashes(document, proof)
        )
    except InvalidSignature:
        raise ProofRefused("proof.signature", "签名与内容不符") from None
    return document


def _read(text: str | bytes) -> tuple[dict[str, Any], dict[str, Any]]:
    raw = text.encode("utf-8", "surrogatepass") if isinstance(text, str) else text
    wrong = ProofRefused("proof.form", "凭证不是规范的 JSON")
    try:
        if len(raw) > LONGEST:
            raise wrong
        document = msgspec.json.decode(raw, type=dict[str, Any])
        if canonical(document) != raw:  # one way to write it: not even a space may be added
            raise wrong
        proof = document.pop("proof")
        fits = (
            isinstance(proof, dict)
            and proof.get("type") == "DataIntegrityProof"
            and proof.get("cryptosuite") == SUITE
            and proof.get("proofPurpose") == "assertionMethod"
            and {"proofValue", "verificationMethod"} <= set(proof)
            and document["@context"] == _CONTEXT
            and isinstance(number_of(document), str)
        )
    except (msgspec.DecodeError, UnicodeError, KeyError, TypeError, RecursionError) as why:
        raise wrong from why
    if not fits:
        raise wrong
    return document, proof


def number_of(document: dict[str, Any]) -> str:
    """The certificate's number."""
    return document["credentialSubject"]["licenseNumber"]
