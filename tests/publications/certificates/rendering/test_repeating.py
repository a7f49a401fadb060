"""A repeated sheet is, to the byte, the sheet that is laid out from the beginning."""

from __future__ import annotations

import pytest

from publications.certificates.rendering.page import Job, Underlay
from publications.certificates.rendering.schemas import RenderRefused

NAMES = (
    "赵立春", "李镒", "欧阳惊蛰", "买买提·艾力", "阿卜杜拉·示例", "司马“示例”", "王A", "Smith", "O’Brien-X", "阿卜杜热合曼·买买提吐尔逊·示例",
    "孙谷雨", "〇一二", "AV", "fi", "钱，雨", "周（甲）", "张·", "Li Ming", "赵 春", "1234",
)  # fmt: skip


@pytest.fixture(scope="module")
def under(faces):
    return Underlay(faces)


def sheets(certificate, **other):
    return [
        certificate(
            recipients=(name,), number=f"XCJS-2026-HG-{at + 1:04}", check_code=f"6N2DH8QW3F{at:06}",
            qr_payload=f"HTTPS://EXAMPLE.INVALID/V/{at:04}" + "7Z" * 60, **other,
        )
        for at, name in enumerate(NAMES)
    ]  # fmt: skip


def alone(job: Job, one):
    """From the beginning, with the same cut of the fonts."""
    job._masters.clear()
    return job.render(one)


@pytest.mark.parametrize(
    "other", [{}, {"unit": "宣城示例精密机械有限公司"}, {"statement": '{"a": 1}'}, {"tier": 2, "replaces": "XCJS-2025-HG-0009"}],
    ids=["plain", "unit", "statement", "reissue"],
)  # fmt: skip
def test_to_the_byte(faces, under, certificate, other):
    job, plain = (Job(sheets(certificate, **other), faces, under) for _ in range(2))
    for one in sheets(certificate, **other):
        assert job.render(one) == alone(plain, one), one.recipients
    for one in reversed(sheets(certificate, **other)):
        assert job.render(one) == alone(plain, one), one.recipients


def test_most_sheets_of_a_batch_are_repeated(faces, under, certificate):
    names = [f"{first}立{last}" for first in "赵钱孙李周吴郑王" for last in "春夏秋冬"]
    batch = [certificate(recipients=(name,), number=f"XCJS-2026-HG-{at:04}") for at, name in enumerate(names)]
    job = Job(batch, faces, under)
    for one in batch:
        job.render(one)
    assert len(job._masters) == 1


def test_what_differs_otherwise_is_laid_out(faces, under, certificate):
    batch = [
        certificate(), certificate(award="二等奖", tier=2), certificate(event="电工"), certificate(day_printed=True),
        certificate(issuer="宣州区总工会"), certificate(address="先生"), certificate(sample=False),
        certificate(team="示例代表队", recipients=("赵立春", "李镒")), certificate(recipients=("赵立春", "李镒")),
    ]  # fmt: skip
    job, plain = Job(batch, faces, under), Job(batch, faces, under)
    for _ in range(2):
        for one in batch:
            assert job.render(one) == alone(plain, one)


def test_a_fault_between_two_sheets_leaves_no_trace(faces, under, certificate):
    first, second = certificate(number="A-0001"), certificate(number="A-0002", recipients=("钱雨水",))
    too_dense = certificate(number="A-0004", qr_payload="质" * 300)
    job = Job([first, second, too_dense], faces, under)
    plain = Job([first, second, too_dense], faces, under)
    assert job.render(first) == alone(plain, first)
    with pytest.raises(RenderRefused):
        job.render(too_dense)
    assert job.render(second) == alone(plain, second)


def test_memory_of_layouts_is_bounded(faces, under, certificate):
    batch = [certificate(event=f"焊工{at}") for at in range(20)]
    job = Job(batch, faces, under)
    for one in batch:
        job.render(one)
    assert 0 < len(job._masters) <= 8
