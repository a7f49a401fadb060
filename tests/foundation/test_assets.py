"""The static pipeline (静态资源): hashed names, rewritten addresses, the sprite cut to what is used, and the first visit's weight."""

import gzip
import hashlib
import os
import re
from pathlib import Path

import pytest

from foundation import assets

ROOT = Path(assets.__file__).resolve().parent.parent
needs_packages = pytest.mark.skipif(
    not assets.PACKAGES.is_dir(), reason="front-end packages are not installed (npm ci)"
)

ICONS = ("bell", "check", "zebra-mark", *sorted(assets.ALWAYS))


@pytest.fixture
def house(tmp_path: Path) -> Path:
    """A small house: invented packages and one wing with a template that names one icon."""
    packages = tmp_path / "node_modules"
    symbols = "".join(f'<symbol id="tabler-{n}" viewBox="0 0 24 24"><path d="M1 1"/></symbol>' for n in ICONS)
    for path, text in {
        assets.SPRITE: f"<svg><defs>{symbols}</defs></svg>",
        assets.PACKAGED["tabler.css"]: '@charset "UTF-8";.btn{color:red}\n/*# sourceMappingURL=tabler.min.css.map */',
        assets.PACKAGED["htmx.js"]: "var htmx=1",
        assets.PACKAGED["idb.js"]: "export const openDB = 1;\n//# sourceMappingURL=index.js.map",
    }.items():
        (packages / path).parent.mkdir(parents=True, exist_ok=True)
        (packages / path).write_text(text, "utf-8")
    src = tmp_path / "foundation" / "static" / "src"
    (src / "face").mkdir(parents=True)
    (src / "face" / "20-b.css").write_text("b { background: url(/static/dot.svg); }", "utf-8")
    (src / "face" / "10-a.css").write_text("/* a note */\na { color: red; }\n", "utf-8")
    (src / "dot.svg").write_text("<svg/>", "utf-8")
    (src / "desk.js").write_text('import { openDB } from "/static/idb.js";\n', "utf-8")
    pages = tmp_path / "foundation" / "templates"
    pages.mkdir()
    (pages / "page.html").write_text("{{ ui.icon('bell') }}", "utf-8")
    return tmp_path


def build(house: Path) -> assets.Manifest:
    return assets.build(
        house / "foundation" / "static", packages=house / "node_modules", root=house, wings=("foundation", "registry")
    )


def built(house: Path, name: str) -> Path:
    static = house / "foundation" / "static"
    return static / "built" / assets.load_manifest(static).files[name].file


def test_a_name_carries_the_hash_of_what_is_served(house: Path) -> None:
    build(house)
    path = built(house, "face.css")
    assert path.name == f"face.{hashlib.sha256(path.read_bytes()).hexdigest()[:10]}.css"


def test_parts_join_in_the_order_of_their_names_without_comments(house: Path) -> None:
    build(house)
    text = built(house, "face.css").read_text("utf-8")
    assert text.index("a {") < text.index("b {")
    assert "a note" not in text


def test_our_own_addresses_become_hashed_ones(house: Path) -> None:
    manifest = build(house)
    assert f"url(/static/{manifest.files['dot.svg'].file})" in built(house, "face.css").read_text("utf-8")
    assert f'from "/static/{manifest.files["idb.js"].file}"' in built(house, "desk.js").read_text("utf-8")


def test_a_change_below_changes_the_name_above(house: Path) -> None:
    before = build(house).files
    (house / "foundation" / "static" / "src" / "dot.svg").write_text("<svg id='other'/>", "utf-8")
    after = build(house).files
    assert after["face.css"].file != before["face.css"].file
    assert after["desk.js"].file == before["desk.js"].file


def test_a_second_build_writes_nothing_and_old_files_go(house: Path) -> None:
    build(house)
    folder = house / "foundation" / "static" / "built"
    stamps = {p.name: p.stat().st_mtime_ns for p in folder.iterdir()}
    (folder / "face.0000000000.css").write_text("of a month ago", "utf-8")
    os.utime(folder / "face.0000000000.css", (0, 0))
    build(house)
    assert {p.name: p.stat().st_mtime_ns for p in folder.iterdir()} == stamps


def test_files_that_open_pages_still_ask_for_are_kept_a_week(house: Path) -> None:
    before = build(house).files["face.css"].file
    (house / "foundation" / "static" / "src" / "face.css").write_text("body { color: navy }", "utf-8")
    assert build(house).files["face.css"].file != before
    assert (house / "foundation" / "static" / "built" / before).exists()


def test_the_packed_twin_unpacks_to_the_same_bytes(house: Path) -> None:
    (house / "foundation" / "static" / "src" / "long.js").write_text("// padding\n" * 200, "utf-8")
    manifest = build(house)
    path = built(house, "long.js")
    assert gzip.decompress(path.with_name(path.name + ".gz").read_bytes()) == path.read_bytes()
    assert manifest.files["long.js"].gzip_size == path.with_name(path.name + ".gz").stat().st_size
    assert manifest.files["dot.svg"].gzip_size == 0  # too short to gain anything


def test_the_sprite_holds_named_icons_and_no_others(house: Path) -> None:
    build(house)
    ids = set(re.findall(r'<symbol id="([^"]+)"', built(house, "icons.svg").read_text("utf-8")))
    assert ids == {"bell"} | assets.ALWAYS
    assert "zebra-mark" not in ids


def test_an_icon_that_does_not_exist_is_reported(house: Path) -> None:
    (house / "foundation" / "pages.py").write_text('Item(icon="no-such-icon")', "utf-8")
    assert build(house).missing_icons == ["no-such-icon"]


def test_tabler_stands_in_a_layer_below_our_rules(house: Path) -> None:
    build(house)
    text = built(house, "tabler.css").read_text("utf-8")
    assert text.startswith("@layer tabler{")
    assert "sourceMappingURL" not in text
    assert "@charset" not in text


def test_an_address_that_is_not_built_is_refused(house: Path) -> None:
    (house / "foundation" / "static" / "src" / "bad.css").write_text("a { background: url(/static/gone.svg) }", "utf-8")
    with pytest.raises(assets.UnknownAsset, match=r"bad\.css names /static/gone\.svg"):
        build(house)


def test_files_that_name_each_other_in_a_circle_are_refused(house: Path) -> None:
    src = house / "foundation" / "static" / "src"
    (src / "one.js").write_text('import "/static/two.js"', "utf-8")
    (src / "two.js").write_text('import "/static/one.js"', "utf-8")
    with pytest.raises(assets.UnknownAsset, match="circle"):
        build(house)


def test_two_wings_cannot_bring_the_same_file(house: Path) -> None:
    other = house / "registry" / "static" / "src"
    other.mkdir(parents=True)
    (other / "dot.svg").write_text("<svg/>", "utf-8")
    with pytest.raises(ValueError, match=r"dot\.svg"):
        build(house)


def test_an_unknown_name_has_no_address(house: Path) -> None:
    build(house)
    static = house / "foundation" / "static"
    assert assets.asset_url("dot.svg", static).startswith("/static/dot.")
    with pytest.raises(assets.UnknownAsset):
        assets.asset_url("dto.svg", static)


@needs_packages
def test_every_icon_of_the_house_exists(tmp_path: Path) -> None:
    assert assets.build(tmp_path / "static").missing_icons == []


@needs_packages
@pytest.mark.parametrize(
    "face",
    [
        ("working.css", "app.js"),
        ("public.css", "app.js", "ornaments.svg", "rays.svg"),
        ("working.css", "desk.css", "idb.js"),
    ],
)
def test_a_first_visit_stays_under_150_kb(tmp_path: Path, face: tuple[str, ...]) -> None:
    files = assets.build(tmp_path / "static").files
    visit = ("tabler.css", "htmx.js", "icons.svg", "favicon.svg", *face)
    assert (
        sum(files[name].gzip_size or files[name].size for name in visit) <= 125_000
    )  # leaves 25 KB for the page itself


@pytest.mark.parametrize("path", sorted((ROOT / "foundation" / "templates").rglob("*.html")), ids=lambda p: p.name)
def test_templates_need_no_inline_style_or_script(path: Path) -> None:
    """The content security policy allows neither, so a page that used one would be silently broken."""
    text = path.read_text("utf-8")
    assert not re.search(r"\sstyle\s*=|<style|javascript:|\son[a-z]+\s*=", text)
    assert not re.search(r"<script(?![^>]*\bsrc=)", text)
