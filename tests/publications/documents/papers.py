"""Papers that the tests set, all plainly synthetic, and a PDF as it is measured."""

from __future__ import annotations

import shutil
import subprocess
from datetime import date
from pathlib import Path
from typing import NamedTuple
from xml.etree import ElementTree

import msgspec

from publications.documents import wording
from publications.documents.schemas import Annex, Block, Entry, Kind, Of, Paper

MM = 25.4 / 72
ORGAN = "宣城市示例总工会"
TOOLS = shutil.which("pdftotext") and shutil.which("pdftoppm")
GRID = "劳动最光荣技能最宝贵创造最伟大工匠最精神团结就是力量咱们"
FIRST, NEXT = (
    "为表彰先进，弘扬劳模精神、劳动精神、工匠精神，激励全市职工以更加饱满的热情投身改革发展，",
    "全市各级工会要大力宣传先进事迹，营造劳动光荣、技能宝贵、创造伟大的社会风尚，用勤劳的双手创造更加幸福美好的生活。",
)


class Word(NamedTuple):
    """A word of pdftotext: what it says and its box in mm from the page's upper left corner."""

    text: str
    left: float
    top: float
    right: float
    bottom: float

    @property
    def middle(self) -> float:
        return (self.top + self.bottom) / 2


def roll(of: Of, honour: str, count: int) -> Annex:
    if of is Of.PEOPLE:
        entries = [
            Entry(name=f"赵{c}", detail="宣城示例机械制造有限公司焊工")
            for c in "立雨惊春清谷夏满芒暑秋处白寒霜冬"[:count]
        ]
        entries[2] = Entry(name="阿卜杜拉·示例", detail="广德示范电子科技有限公司测试员")
    else:
        entries = [Entry(name=f"宣城示例第{wording.chinese(n + 1)}机械有限公司") for n in range(count - 1)]
        entries.append(Entry(name="宣城示例产业投资控股集团有限公司示例水务与环境科技有限责任公司"))
    return Annex(title=f"2026年宣城市{honour}名单", of=of, honour=honour, entries=tuple(entries))


def decision() -> Paper:
    annexes = (roll(Of.UNITS, "五一劳动奖状", 4), roll(Of.PEOPLE, "五一劳动奖章", 16))
    texts = [FIRST + wording.decision(ORGAN, annexes), *[NEXT * 3] * 4, NEXT]
    return Paper(
        kind=Kind.DECISION, organs=(ORGAN,), number="宣工〔2026〕12号", addressees="各县（市、区）总工会，市直各单位工会",
        title=f"{ORGAN}关于表彰2026年宣城市五一劳动奖和工人先锋号的决定", signed_on=date(2026, 4, 28),
        body=tuple(Block(text=text) for text in texts), annexes=annexes, printed_by=f"{ORGAN}办公室",
        copies="安徽省示例总工会，中共宣城市委办公室，宣城市人民政府办公室",
    )  # fmt: skip


def grid() -> Paper:
    """Full lines of 28 characters only, over two pages and more: nothing to spread, nothing to break early."""
    return Paper(
        kind=Kind.PUBLICITY, organs=(ORGAN,), title="格", signed_on=date(2026, 4, 8),
        body=(Block(text=GRID[2:] + GRID * 60),), sealed=False,
    )  # fmt: skip


def joint() -> Paper:
    return msgspec.structs.replace(
        decision(), organs=(ORGAN, "宣城市示例人力资源局", "共青团示例市委员会"), annexes=(), printed_by="",
    )  # fmt: skip


class Measured:
    """A PDF on disk and its words by page."""

    def __init__(self, pdf: bytes, folder: Path) -> None:
        self.bytes, self.path = pdf, folder / "paper.pdf"
        self.path.write_bytes(pdf)
        said = subprocess.run(["pdftotext", "-bbox", str(self.path), "-"], capture_output=True, check=True).stdout
        space = "{http://www.w3.org/1999/xhtml}"
        self.pages = [
            [
                Word(word.text or "", *(float(word.attrib[side]) * MM for side in ("xMin", "yMin", "xMax", "yMax")))
                for word in page.iter(f"{space}word")
            ]
            for page in ElementTree.fromstring(said.decode()).iter(f"{space}page")
        ]

    def word(self, page: int, text: str) -> Word:
        """The only word of a page that says this."""
        (found,) = [word for word in self.pages[page] if word.text == text]
        return found

    def ink(self, page: int, wanted, *, dpi: int = 300, below: float = 0) -> tuple[float, float, float, float]:
        """(left, top, right, bottom) in mm of the pixels of a page, ``below`` mm from its top, for which ``wanted(r, g, b)``."""
        from PIL import Image

        base = self.path.with_name(f"page{page}")
        subprocess.run(
            [
                "pdftoppm",
                "-r",
                str(dpi),
                "-f",
                str(page + 1),
                "-l",
                str(page + 1),
                "-singlefile",
                str(self.path),
                str(base),
            ],
            check=True,
        )
        image = Image.open(base.with_suffix(".ppm")).convert("RGB")
        data, width = image.tobytes(), image.width
        start = round(below * dpi / 25.4)
        found = [at for at in range(start * width, image.height * width) if wanted(*data[at * 3 : at * 3 + 3])]
        xs, ys = [at % width for at in found], (found[0] // width, found[-1] // width)
        return tuple(side * 25.4 / dpi for side in (min(xs), ys[0], max(xs) + 1, ys[1] + 1))  # type: ignore[return-value]
