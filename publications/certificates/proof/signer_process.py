"""The only process that holds private keys: attests claims and seals PDFs that the job sends it; no network, no programs.

Started as ``python -m publications.certificates.proof.signer_process FOLDER SEED STORE PASSPHRASE``: paths only.
"""

from __future__ import annotations

import sys
from pathlib import Path

from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from msgspec import Struct

from publications.certificates.proof import keyring
from publications.certificates.proof.child import Conversation
from publications.certificates.proof.credential import sign_credential
from publications.certificates.proof.keys import key_id
from publications.certificates.proof.messages import Ask, Attest, Attested, Failed, Ready, Sealed
from publications.certificates.proof.pades import PadesSigner, Signer
from publications.certificates.proof.schemas import Claim, ProofRefused, Published, Statement
from publications.certificates.proof.token import sign_token

MEMORY = 1 << 30


class House:
    """The keys, and what may be asked of them."""

    def __init__(self, folder: Path, seed: str, store: str, passphrase: str) -> None:
        self._key = keyring.statement_key(seed, folder)
        public = self._key.public_key().public_bytes(Encoding.Raw, PublicFormat.Raw)
        self._id = key_id(public)
        self.signer: Signer = PadesSigner(*keyring.seal_store(store, passphrase, folder))
        self.published = Published(keys={self._id: public}, certificates=self.signer.certificates)

    def attest(self, claim: Claim) -> Statement | Failed:
        try:
            return Statement(
                token=sign_token(claim, self._id, self._key.sign),
                credential=sign_credential(claim, self._id, self._key.sign),
            )
        except ProofRefused as why:
            return Failed.of(why)

    def answer(self, ask: Ask) -> Struct:
        if isinstance(ask, Attest):
            return Attested(statements=tuple(self.attest(claim) for claim in ask.claims))
        try:
            return Sealed(pdf=self.signer.sign(ask.pdf))
        except ProofRefused as why:
            return Failed.of(why)


def main() -> int:
    from publications.certificates.rendering import limits

    folder, seed, store, passphrase = sys.argv[1:5]
    speech = Conversation()
    try:
        house = House(Path(folder), seed, store, passphrase)
    except ProofRefused as why:
        speech.say(Failed.of(why))
        return 1
    offline = limits.leave_network()
    limits.limit_memory(MEMORY)
    limits.seal()
    speech.say(Ready(published=house.published, offline=offline))
    speech.serve(Ask, house.answer)
    return 0


if __name__ == "__main__":
    sys.exit(main())
