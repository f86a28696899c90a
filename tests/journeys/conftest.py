"""The whole platform on this machine, as ``make run`` starts it, and a real browser before it."""

import json
import shutil
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from urllib.request import urlopen

import pytest
from facteur.local.emulator import free_port
from playwright.sync_api import Browser, BrowserContext, Page, Playwright, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
START_SECONDS = 60
ARGUMENTS = [
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]


@dataclass
class Installation:
    """A platform that runs in its own folder and ports."""

    data: Path
    web: int
    smtp: int
    emulator: int
    process: "subprocess.Popen[bytes] | None" = None
    more: tuple[str, ...] = ()  # further arguments of the command

    @property
    def site(self) -> str:
        return f"http://127.0.0.1:{self.web}"

    @property
    def log(self) -> Path:
        return self.data.parent / "run.log"

    def start(self) -> None:
        """Start and wait until the pages answer."""
        command = [sys.executable, "-m", "facteur.local", "run", "--data", str(self.data)]
        for name in ("web", "smtp", "emulator"):
            command += [f"--{name}-port", str(getattr(self, name))]
        command += self.more
        with self.log.open("ab") as log:
            self.process = subprocess.Popen(command, stdout=log, stderr=log, cwd=ROOT)
        deadline = time.monotonic() + START_SECONDS
        while time.monotonic() < deadline:
            if self.process.poll() is not None:
                break
            try:
                with urlopen(f"{self.site}/connexion", timeout=5):
                    return
            except OSError:
                time.sleep(0.1)
        raise AssertionError(self.log.read_text("utf-8", "replace")[-4000:])

    def stop(self, how: signal.Signals = signal.SIGINT) -> int:
        """Stop as Ctrl-C does, or kill; the exit code."""
        assert self.process is not None
        self.process.send_signal(how)
        return self.process.wait(60)

    def wait_for(self, text: str, seconds: float = 60) -> str:
        """Wait until the terminal shows a text; everything it showed."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            shown = self.log.read_text("utf-8", "replace")
            if text in shown:
                return shown
            time.sleep(0.1)
        raise AssertionError(shown)

    @property
    def demo(self) -> dict[str, str]:
        """The demonstration's sign-in."""
        body: dict[str, str] = json.loads((self.data / "demo.json").read_text("utf-8"))
        return body


@pytest.fixture(scope="session")
def installation(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Installation]:
    """One platform for the journeys, seeded."""
    data = tmp_path_factory.mktemp("journey") / "data"
    one = Installation(data=data, web=free_port(), smtp=free_port(), emulator=free_port())
    one.start()
    one.wait_for("Mot de passe")
    yield one
    one.stop()


@pytest.fixture(scope="session")
def playwright() -> Iterator[Playwright]:
    """Playwright, for the session."""
    with sync_playwright() as running:
        yield running


@pytest.fixture(scope="session")
def browser(playwright: Playwright) -> Iterator[Browser]:
    """Debian's Chromium, without any call home."""
    found = shutil.which("chromium") or shutil.which("chromium-browser")
    if not found:
        pytest.fail("chromium is missing: `make journeys` installs it")
    launched = playwright.chromium.launch(executable_path=found, args=ARGUMENTS)
    yield launched
    launched.close()


def new_page(browser: Browser, *, width: int = 1280, height: int = 900) -> Page:
    """A page in a fresh profile; an error of a script of ours fails the test that uses it."""
    context: BrowserContext = browser.new_context(
        viewport={"width": width, "height": height}, locale="fr-FR", accept_downloads=True
    )
    context.set_default_timeout(20_000)
    return context.new_page()


@pytest.fixture
def page(browser: Browser, installation: Installation) -> Iterator[Page]:
    """A signed-in desktop page; script errors and refused resources fail the test."""
    opened = new_page(browser)
    problems: list[str] = []
    opened.on("pageerror", lambda error: problems.append(str(error)))
    opened.on(
        "console",
        lambda message: (
            problems.append(message.text) if "Content Security Policy" in message.text else None
        ),
    )
    sign_in(opened, installation)
    yield opened
    opened.context.close()
    assert [] == problems


def sign_in(page: Page, installation: Installation) -> None:
    """Sign in as the demonstration user."""
    page.goto(f"{installation.site}/")
    page.get_by_label("Adresse e-mail").fill("demo@facteur.example")
    page.get_by_label("Mot de passe").fill(installation.demo["password"])
    page.get_by_role("button", name="Se connecter").click()
    page.get_by_role("heading", name="Tableau de bord", level=1).wait_for()
