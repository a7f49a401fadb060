"""Static files under hashed names (静态资源): built once, served for a year, never from a CDN.

`python -m foundation.assets` reads the npm packages and every `static/src` folder of the house and writes
`foundation/static/built/name.<hash>.ext` (with a gzip twin where that pays) and `manifest.json`. It runs in well under two seconds, and a second
run changes nothing.

- `src/working/*.css` is one bundle, `working.css`, its parts in the order of their names; the same for every folder.
- A literal `/static/name.ext` in our own CSS and JavaScript is rewritten to the hashed address, so a module imports
  `/static/idb.js` and a style sheet draws `/static/gable.svg`.
- Tabler goes into a cascade layer, so that our rules win over it whatever its selectors weigh.
- The icon sprite holds only icons that a template, a Python file or a script names (`icon('bell')`, `icon="bell"`), and `ALWAYS`.
"""

import gzip
import hashlib
import os
import re
import sys
import time
from functools import lru_cache
from pathlib import Path

import msgspec

ROOT = Path(__file__).resolve().parent.parent
STATIC_ROOT = ROOT / "foundation" / "static"
PACKAGES = ROOT / "node_modules"
WINGS = ("foundation", "registry", "publications", "competitions", "honours", "studios")
URL_PREFIX = "/static/"
KEPT_SECONDS = 7 * 24 * 3600

TEXT_SUFFIXES = {".css", ".js", ".svg", ".json", ".txt", ".webmanifest"}
SPRITE = "@tabler/icons-sprite/dist/tabler-sprite-nostroke.svg"
PACKAGED = {
    "tabler.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.js": "htmx.org/dist/htmx.min.js",
    "idb.js": "idb/build/index.js",
}
# Icons whose names reach `icon()` through a variable, which no scan can see.
ALWAYS = frozenset(
    [
        "home",
        "layout-dashboard",
        "trophy",
        "gavel",
        "scale",
        "military-award",
        "chart-bar",
        "speakerphone",
        "star",
        "bulb",
        "building-factory-2",
        "certificate",
        "clipboard-data",
        "settings",
        "users",
        "user",
        "message-2",
        "check",
        "x",
        "alert-triangle",
        "hourglass",
        "arrow-right",
        "arrow-left",
        "arrow-up",
        "arrow-down",
        "pencil",
        "ban",
        "circle",
        "circle-check",
        "lock",
        "history",
        "file-text",
        "download",
        "upload",
        "printer",
        "search",
        "filter",
        "chevron-right",
        "chevron-left",
        "chevron-down",
        "chevron-up",
        "bell",
        "moon",
        "sun",
        "menu-2",
        "calendar",
        "logout",
        "eye",
        "plus",
        "minus",
        "trash",
        "refresh",
        "device-mobile",
        "cloud-off",
        "cloud-up",
        "cloud-check",
        "backspace",
        "list-check",
        "hand-stop",
        "signature",
        "paperclip",
        "device-floppy",
        "arrow-back-up",
        "clock",
        "map-pin",
        "layout-grid",
        "table",
        "shield-check",
        "info-circle",
        "copy",
        "dots",
        "language",
        "chart-histogram",
        "link",
        "external-link",
        "qrcode",
        "medal",
        "grip-vertical",
        "player-play",
        "lock-open",
        "user-check",
        "user-plus",
        "key",
        "database-import",
        "file-import",
        "file-export",
        "send",
        "building-community",
    ]
)
ICON_CALLS = re.compile(
    r"""icon\(\s*["']([a-z0-9-]+)["']|icon(?:_name)?\s*[=:]\s*["']([a-z0-9-]+)["']|data-icon=["']([a-z0-9-]+)["']"""
)
SYMBOL = re.compile(r'<symbol id="tabler-([a-z0-9-]+)"(.*?)</symbol>', re.S)
EMPTY_BOX = '<path stroke="none" d="M0 0h24v24H0z" fill="none" />'
OWN_ADDRESS = re.compile(r"/static/([A-Za-z0-9_./-]+?\.[a-z0-9]+)")


class Asset(msgspec.Struct, frozen=True, kw_only=True):
    """One built file: its served name, its size in bytes and its size in bytes as gzip (0: not worth having)."""

    file: str
    size: int
    gzip_size: int


class Manifest(msgspec.Struct, frozen=True, kw_only=True):
    """What was built. `files` maps the plain name to its asset; `missing_icons` are names that the sprite does not know."""

    files: dict[str, Asset]
    icons: list[str]
    missing_icons: list[str]


class UnknownAsset(LookupError):
    """A template or a style sheet names a static file that does not exist."""


def build(
    static_root: Path = STATIC_ROOT, *, packages: Path = PACKAGES, root: Path = ROOT, wings: tuple[str, ...] = WINGS
) -> Manifest:
    """Build every wing's `static/src` into `static_root/built` and return the manifest that was written there.

    Raises FileNotFoundError where an npm package is missing and UnknownAsset where a source names an address
    that is not built, ValueError where two wings bring a file of one name. Files of builds more than a week ago are removed.
    """
    folders = [root / wing for wing in wings]
    sources = {name: _packaged(packages / path, name) for name, path in PACKAGED.items()}
    for folder in folders:
        own = _own_sources(folder / "static" / "src")
        if twice := own.keys() & sources.keys():
            raise ValueError(f"{folder} brings static files that already exist: {', '.join(sorted(twice))}")
        sources |= own
    wanted = _icon_names(folders) | ALWAYS
    sprite, missing = _cut_sprite(packages / SPRITE, wanted)
    sources["icons.svg"] = sprite
    files = _write_all(sources, static_root / "built")
    manifest = Manifest(files=files, icons=sorted(wanted - missing), missing_icons=sorted(missing))
    _write(static_root / "built" / "manifest.json", msgspec.json.format(msgspec.json.encode(manifest), indent=1))
    load_manifest.cache_clear()
    return manifest


@lru_cache(maxsize=4)
def load_manifest(static_root: Path = STATIC_ROOT) -> Manifest:
    """The manifest on disk; FileNotFoundError says how to build it."""
    path = static_root / "built" / "manifest.json"
    if not path.exists():
        raise FileNotFoundError(f"{path} is missing: run `python -m foundation.assets`")
    return msgspec.json.decode(path.read_bytes(), type=Manifest)


def asset_url(name: str, static_root: Path = STATIC_ROOT) -> str:
    """The address of a static file by its plain name: `asset_url("working.css")` → `/static/working.<hash>.css`."""
    try:
        return URL_PREFIX + load_manifest(static_root).files[name].file
    except KeyError:
        raise UnknownAsset(f"no static file is called {name!r}") from None


def _packaged(path: Path, name: str) -> bytes:
    text = re.sub(r"(?m)^(//|/\*)# sourceMappingURL=.*$", "", path.read_text("utf-8"))
    if name.endswith(".css"):
        text = "@layer tabler{" + text.replace('@charset "UTF-8";', "") + "}"
    return text.encode()


def _own_sources(folder: Path) -> dict[str, bytes]:
    if not folder.is_dir():
        return {}
    found: dict[str, bytes] = {}
    for path in sorted(folder.iterdir()):
        if path.is_dir():
            found[path.name + ".css"] = b"".join(part.read_bytes() for part in sorted(path.glob("*.css")))
        elif not path.name.startswith("."):
            found[path.name] = path.read_bytes()
    return {name: _without_comments(data) if name.endswith(".css") else data for name, data in found.items()}


def _without_comments(css: bytes) -> bytes:
    return re.sub(rb"\n\s*", b"\n", re.sub(rb"/\*.*?\*/", b"", css, flags=re.S)).strip() + b"\n"


def _icon_names(folders: list[Path]) -> set[str]:
    names: set[str] = set()
    for folder in folders:
        for path in folder.rglob("*"):
            if path.suffix in {".html", ".py", ".js", ".svg"} and "built" not in path.parts:
                names |= {a or b or c for a, b, c in ICON_CALLS.findall(path.read_text("utf-8", errors="ignore"))}
    return names


def _cut_sprite(path: Path, wanted: set[str] | frozenset[str]) -> tuple[bytes, set[str]]:
    """The sprite with only the wanted symbols, renamed to their bare names, and the names that it does not have."""
    symbols = {name: body for name, body in SYMBOL.findall(path.read_text("utf-8")) if name in wanted}
    drawn = "".join(f'<symbol id="{n}"{symbols[n].replace(EMPTY_BOX, "")}</symbol>' for n in sorted(symbols))
    return f'<svg xmlns="http://www.w3.org/2000/svg">{drawn}</svg>'.encode(), set(wanted) - symbols.keys()


def _write_all(sources: dict[str, bytes], built: Path) -> dict[str, Asset]:
    built.mkdir(parents=True, exist_ok=True)
    files: dict[str, Asset] = {}
    waiting: list[str] = []

    def finish(name: str) -> str:
        """Write one source after everything that it names; its hash covers theirs."""
        if name in files:
            return files[name].file
        if name not in sources:
            raise UnknownAsset(f"{waiting[-1] if waiting else 'a source'} names /static/{name}, which is not built")
        if name in waiting:
            raise UnknownAsset(f"static files name each other in a circle: {' -> '.join([*waiting, name])}")
        waiting.append(name)
        data = sources[name]
        if name not in PACKAGED and name.endswith((".css", ".js")):
            data = OWN_ADDRESS.sub(lambda m: URL_PREFIX + finish(m[1]), data.decode()).encode()
        waiting.pop()
        files[name] = _write_hashed(name, data, built)
        return files[name].file

    for name in sources:
        finish(name)
    keep = (
        {asset.file for asset in files.values()} | {asset.file + ".gz" for asset in files.values()} | {"manifest.json"}
    )
    old = time.time() - KEPT_SECONDS  # pages that were sent before this build still ask for its predecessors
    for path in built.iterdir():
        if path.is_file() and path.name not in keep and path.stat().st_mtime < old:
            path.unlink(missing_ok=True)
    return dict(sorted(files.items()))


def _write_hashed(name: str, data: bytes, built: Path) -> Asset:
    stem, _, suffix = name.rpartition(".")
    file = f"{stem}.{hashlib.sha256(data).hexdigest()[:10]}.{suffix}"
    _write(built / file, data)
    twin, packed = built / (file + ".gz"), b""
    if "." + suffix in TEXT_SUFFIXES and len(data) > 500:
        packed = twin.read_bytes() if twin.exists() else gzip.compress(data, 9, mtime=0)
        _write(twin, packed)
    return Asset(file=file, size=len(data), gzip_size=len(packed))


def _write(path: Path, data: bytes) -> None:
    """Replace a file as a whole, so that a process serving it never reads half of it; leave an equal file alone."""
    if path.exists() and path.read_bytes() == data:
        return
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    draft.write_bytes(data)
    os.replace(draft, path)


def main() -> int:
    """Build, say what came out, and fail on an icon that does not exist."""
    manifest = build()
    for name, asset in manifest.files.items():
        sys.stdout.write(f"{asset.size / 1024:8.1f} KB {asset.gzip_size / 1024:7.1f} KB gz  {name}\n")
    if manifest.missing_icons:
        sys.stderr.write("unknown icons: " + ", ".join(manifest.missing_icons) + "\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
