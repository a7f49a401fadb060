"""Proving a template: every sample set in a sealed worker, every fault told at once."""

from __future__ import annotations

import asyncio
from collections.abc import Sequence

from msgspec import Struct

from foundation.errors import Refusal
from publications.certificates.designs import kinds, language
from publications.certificates.designs.samples import SAMPLES
from publications.certificates.designs.sheets import TemplateText
from publications.certificates.rendering.pool import RenderPool
from publications.certificates.rendering.schemas import RenderRefused

MEMORY, CPU_SECONDS, TIMEOUT = 768 << 20, 10, 20.0
_one_at_a_time = asyncio.Semaphore(1)


class Proof(Struct, frozen=True, kw_only=True):
    """A sample set by a template: ``pdf`` is empty where none could be made."""

    sample: str
    label: str
    pdf: bytes
    faults: tuple[Refusal, ...]

    @property
    def key(self) -> str:
        return self.sample


async def prove(template: TemplateText, samples: Sequence[str] = ()) -> list[Proof]:
    """Set the named samples (all of them if none is named). A template whose text is at fault is not set at all."""
    chosen = {key: SAMPLES[template.kind][key] for key in samples or SAMPLES[template.kind]}
    wrong = language.faults(template.html, kinds.names(template.kind))
    if len(template.css) > language.LARGEST:
        wrong.append(RenderRefused("template.size", "模板过长，最多 {most} 个字符", field="css", most=language.LARGEST))
    if wrong:
        return [Proof(sample=key, label=label, pdf=b"", faults=tuple(wrong)) for key, (label, _) in chosen.items()]
    made: list[tuple[bytes, list[RenderRefused]]] = []
    async with _one_at_a_time, RenderPool(memory=MEMORY, cpu_seconds=CPU_SECONDS, timeout=TIMEOUT) as pool:
        try:
            async for one in pool.proofs(template, [sheet for _, sheet in chosen.values()]):
                made.append(one)
        except RenderRefused as ended:  # out of time or memory: the process is gone, and with it the rest
            made += [(b"", [ended])] * (len(chosen) - len(made))
    return [
        Proof(sample=key, label=label, pdf=pdf, faults=tuple(faults))
        for (key, (label, _)), (pdf, faults) in zip(chosen.items(), made, strict=True)
    ]


def all_faults(proofs: Sequence[Proof]) -> list[Refusal]:
    """Every fault once, whatever samples it came up with."""
    return list({fault.text(): fault for proof in proofs for fault in proof.faults}.values())
