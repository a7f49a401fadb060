"""Fonts: the right face of a collection, the right characters, and a named fault for the rest."""

from __future__ import annotations

import io

import pytest
from fontTools.ttLib import TTFont

from publications.certificates.rendering import fonts
from publications.certificates.rendering.schemas import RenderRefused


def read(data: bytes) -> TTFont:
    return TTFont(io.BytesIO(data))


def test_the_simplified_chinese_face_is_cut_and_not_the_first_of_the_collection(faces):
    for family in ("Title", "Song", "Hei", "HeiB"):
        if faces[family].path.endswith(".ttc"):
            name = read(faces[family].cut("骨直")).get("name")
            assert "CJK SC" in str(name.getDebugName(1)) + str(name.getDebugName(4)), family


def test_a_cut_holds_the_job_and_keeps_its_features(faces):
    cut = read(faces["Title"].cut("一等奖“"))
    assert set(cut.getBestCmap()) == {ord(char) for char in "一等奖“"}
    features = {record.FeatureTag for record in cut["GSUB"].table.FeatureList.FeatureRecord}
    assert "vert" in features


def test_the_first_candidate_present_wins(faces, tmp_path):
    kai = faces["Kai"].path
    listed = fonts.installed()
    listed += [("KaiTi", "Regular", str(tmp_path / "absent.ttf"), 0)]
    assert fonts.resolve(listed)["Kai"].path == kai, "a file that is gone is passed over"
    listed += [("KaiTi_GB2312", "Regular", faces["Hei"].path, faces["Hei"].index)]
    assert fonts.resolve(listed)["Kai"].path == faces["Hei"].path


def test_absent_fonts_are_named():
    with pytest.raises(RenderRefused) as refused:
        fonts.resolve([])
    assert refused.value.code == "render.fonts"
    assert "LXGW WenKai" in str(refused.value)
    assert "Title" in str(refused.value)


def test_a_missing_glyph_names_character_and_field(faces):
    fonts.require_glyphs("recipients", "䶮𬭩", faces["Kai"])
    with pytest.raises(RenderRefused) as refused:
        fonts.require_glyphs("recipients", "李\U0002abcd\U0003fffd\U0002abcd", faces["Kai"])
    assert (refused.value.code, refused.value.field) == ("render.glyph", "recipients")
    assert "U+2ABCD" in str(refused.value)
    assert "U+3FFFD" in str(refused.value)
    assert "李" not in str(refused.value)


def test_a_character_of_one_family_is_still_missing_in_another(faces):
    fonts.require_glyphs("recipients", "𪨊", faces["Kai"])
    with pytest.raises(RenderRefused):
        fonts.require_glyphs("competition", "𪨊", faces["Title"])


def test_widths_are_the_faces_own(faces):
    assert faces["Title"].width("一等奖") == pytest.approx(3.0)
    assert faces["Kai"].width("“”") == faces["Song"].width("“”"), "宋体 sets the quotation marks of 楷体"
