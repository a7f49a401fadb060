"""What a competition certificate (竞赛获奖证书) says, and why a sheet is refused. Plain values only: no tables, no files."""

from __future__ import annotations

from datetime import date
from typing import Annotated

from msgspec import Meta, Struct

from foundation.errors import Refusal

Line = Annotated[str, Meta(min_length=1, max_length=200)]
Optional = Annotated[str, Meta(max_length=200)]


class CompetitionCertificate(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """One award on one sheet, worded as rule D5 says and numbered as D6 says.

    ``recipients`` is one person, or the members of a team in their order; a team prints ``team`` where a person's name
    stands and its members under it. ``address`` is the form of address (同志), left empty where none is due.
    ``tier`` 1 is gold, 2 silver, 3 and beyond bronze. ``year`` is the year of the competition, ``issued_on`` the date
    under the seal; ``day_printed`` adds the day to it. ``replaces`` is the number of the certificate that this one is
    reissued for (补发). ``sample`` prints 示例 in the seal and names the empty roundel. ``statement`` is the signed JSON that
    the file carries; with it comes an empty field for the seal.
    """

    recipients: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=24)]
    competition: Line
    event: Optional
    award: Annotated[str, Meta(min_length=1, max_length=24)]
    tier: Annotated[int, Meta(ge=1, le=99)]
    year: Annotated[int, Meta(ge=1949, le=2999)]
    issuer: Line
    issued_on: date
    number: Annotated[str, Meta(min_length=1, max_length=40)]
    check_code: Annotated[str, Meta(min_length=1, max_length=40)]
    qr_payload: Annotated[str, Meta(min_length=1, max_length=400)]
    address: Annotated[str, Meta(max_length=12)] = "同志"
    team: Optional = ""
    unit: Optional = ""
    replaces: Annotated[str, Meta(max_length=40)] = ""
    day_printed: bool = False
    sample: bool = True
    statement: Annotated[str, Meta(max_length=65536)] = ""


class RenderRefused(Refusal):
    """A sheet that is not issued, with the reason; ``field`` names the certificate's field where one is to blame.

    Codes: ``render.glyph`` (characters that the font lacks) · ``render.field`` (a value that cannot be printed) ·
    ``render.overflow`` (a text too long for its place) · ``render.qr`` (payload too long) · ``render.fonts`` (no font
    for a family) · ``render.fetch`` (the page asked for something outside its own table) · ``render.pages`` (not
    exactly one page) · ``render.fault`` (the renderer complained) · ``render.memory`` · ``render.cpu`` ·
    ``render.timeout`` · ``render.crashed`` · ``render.busy`` · ``render.closed``.
    """
