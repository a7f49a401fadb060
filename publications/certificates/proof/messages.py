"""What the job and the signer's process say to each other."""

from __future__ import annotations

from msgspec import Struct

from publications.certificates.proof.schemas import Claim, ProofRefused, Published, Statement


class Attest(Struct, frozen=True, kw_only=True, tag="attest"):
    """Sign each of these claims."""

    claims: tuple[Claim, ...]


class Seal(Struct, frozen=True, kw_only=True, tag="seal"):
    pdf: bytes


class Ready(Struct, frozen=True, kw_only=True, tag="ready"):
    """The keys are read. ``offline`` is true where the kernel gave the process an empty network."""

    published: Published
    offline: bool


class Attested(Struct, frozen=True, kw_only=True, tag="attested"):
    """A statement, or why there is none, for each claim."""

    statements: tuple[Statement | Failed, ...]


class Sealed(Struct, frozen=True, kw_only=True, tag="sealed"):
    pdf: bytes


class Failed(Struct, frozen=True, kw_only=True, tag="failed"):
    """A ``ProofRefused``, its facts already filled in."""

    code: str
    message: str

    @classmethod
    def of(cls, why: ProofRefused) -> Failed:
        return cls(code=why.code, message=why.text())

    def error(self) -> ProofRefused:
        return ProofRefused(self.code, self.message.replace("{", "{{").replace("}", "}}"))


Ask = Attest | Seal
Answer = Ready | Attested | Sealed | Failed
