"""The signer as the job sees it: a process that is started with paths, asked, and ended."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Self

from foundation.settings import Settings
from publications.certificates.proof.child import Child
from publications.certificates.proof.messages import Answer, Attest, Attested, Failed, Ready, Seal, Sealed
from publications.certificates.proof.schemas import Claim, ProofRefused, Published, Statement

MODULE = "publications.certificates.proof.signer_process"
_START, _EACH = 30.0, 60.0
_SEALS_PER_PROCESS = 2000  # each leaves some 4 KB behind in the native libraries


def key_folder(settings: Settings) -> Path:
    """Where demonstration keys are made, readable by their user only."""
    return settings.data / "keys"


class SignerProcess:
    """``async with SignerProcess(settings()) as signer``: its keys never enter this process."""

    def __init__(self, settings: Settings) -> None:
        self._arguments = (
            str(key_folder(settings)), settings.certificate_key, settings.signing_pkcs12, settings.signing_passphrase_file,
        )  # fmt: skip
        self._child: Child[Answer] | None = None
        self.published = Published(keys={})
        self.offline = False
        self._sealed = 0

    async def __aenter__(self) -> Self:
        """Start; raises ``ProofRefused`` ``proof.signer`` where a key cannot be read."""
        await self._start()
        return self

    async def _start(self) -> None:
        self._sealed = 0
        self._child = await Child.start(MODULE, *self._arguments, answers=Answer)
        try:
            match await self._child.ask(None, seconds=_START):
                case Ready(published=published, offline=offline):
                    self.published, self.offline = published, offline
                case Failed() as failed:
                    raise failed.error()
                case _:
                    raise ProofRefused("proof.process", "签验进程的答复无法识别")
        except BaseException:
            await self._child.end()
            raise

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._child is not None:
            await self._child.end()

    async def attest(self, claims: Sequence[Claim]) -> list[Statement | ProofRefused]:
        """A statement, or why there is none, for each claim, in order."""
        match await self._ask(Attest(claims=tuple(claims))):
            case Attested(statements=statements) if len(statements) == len(claims):
                return [one.error() if isinstance(one, Failed) else one for one in statements]
            case _:
                raise ProofRefused("proof.process", "签验进程的答复无法识别")

    async def seal(self, pdf: bytes) -> bytes:
        """The PDF with its signature. Raises ``ProofRefused``."""
        if self._sealed >= _SEALS_PER_PROCESS and self._child is not None:
            await self._renew(self._child)
        self._sealed += 1
        match await self._ask(Seal(pdf=pdf)):
            case Sealed(pdf=sealed):
                return sealed
            case Failed() as failed:
                raise failed.error()
            case _:
                raise ProofRefused("proof.process", "签验进程的答复无法识别")

    async def _renew(self, worn: Child[Answer]) -> None:
        """A fresh process with the same keys: others, set meanwhile, wait for the next job, which publishes them first."""
        shown = self.published
        await worn.end()
        await self._start()
        if self.published != shown:
            raise ProofRefused("proof.process", "签名钥匙已更换，请重新开始任务")

    async def _ask(self, message: Attest | Seal) -> Answer:
        assert self._child is not None
        return await self._child.ask(message, seconds=_EACH)
