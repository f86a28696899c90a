"""The platform as `make run` starts it: ready soon, stopped in order, killed without loss."""

import contextlib
import os
import signal
import smtplib
import socket
import subprocess
import sys
import threading
import time
from email.message import EmailMessage
from pathlib import Path

import pytest
import requests
from facteur import bootstrap, config
from facteur.adapters.aws.clients import Clients
from facteur.domain.documents import Direction
from facteur.domain.dossiers import Dossier
from facteur.local.__main__ import main, options
from facteur.local.emulator import free_port
from facteur.local.provision import Wanted, provision
from facteur.local.supervisor import ACCOUNT, MARK

BOX = "SIREN552100554@factures.localhost"
DOSSIER = Dossier(id="d1", name="Essai", siren="552100554")
STARTED_WITHIN = 40.0


def clean_environment() -> dict[str, str]:
    """This environment without the settings of other tests."""
    return {k: v for k, v in os.environ.items() if not k.startswith(("FACTEUR_", "AWS_"))}  # noqa: TID251


class Machine:
    """A platform in a process of its own, on free ports, with its own data."""

    def __init__(self, data: Path) -> None:
        self.data = data
        self.web, self.smtp, self.aws = free_port(), free_port(), free_port()
        self.lines: list[str] = []
        self.process: subprocess.Popen[str] | None = None

    def command(self) -> list[str]:
        """The command line of this platform."""
        ports = {"web": self.web, "smtp": self.smtp, "emulator": self.aws}
        given = [word for name, port in ports.items() for word in (f"--{name}-port", str(port))]
        run = [sys.executable, "-m", "facteur.local", "run", "--no-seed", "--ocr", "none"]
        return [*run, "--data", str(self.data), *given]

    def start(self) -> float:
        """Start it; return how long it took to be ready."""
        began = time.monotonic()
        self.lines = []
        self.process = subprocess.Popen(
            self.command(),
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env=clean_environment(),
        )
        self._reader = threading.Thread(target=self._read, args=(self.process,), daemon=True)
        self._reader.start()
        while not any(line.startswith("Prêt en") for line in self.lines):
            assert self.process.poll() is None, "\n".join(self.lines)
            assert time.monotonic() - began < STARTED_WITHIN, "\n".join(self.lines)
            time.sleep(0.02)
        return time.monotonic() - began

    def _read(self, process: subprocess.Popen[str]) -> None:
        with contextlib.suppress(ValueError):
            self.lines.extend(iter(process.stdout.readline, ""))

    def end(self, number: int) -> int:
        """Send a signal and wait; the exit code."""
        self.process.send_signal(number)
        code = self.process.wait(30)
        self._reader.join(5)
        self.process.stdout.close()
        self.process = None
        return code

    def context(self, monkeypatch: pytest.MonkeyPatch):
        """The ports of this platform, as its own functions have them."""
        wanted = Wanted(
            endpoint=f"http://127.0.0.1:{self.aws}",
            account=ACCOUNT,
            secret=(self.data / "secret").read_text(),
            site_url=f"http://127.0.0.1:{self.web}",
            ocr="none",
        )
        for name, value in wanted.access().items():
            monkeypatch.setenv(name, value)
        environment = provision(wanted, Clients(endpoint_url=wanted.endpoint))
        for name, value in environment.items():
            monkeypatch.setenv(name, value)
        return bootstrap.context(config.load(environment))

    def send(self, number: int) -> None:
        """Mail an invoice over SMTP; it was acknowledged when this returns."""
        message = EmailMessage()
        message["From"], message["To"] = "fournisseur@example.com", BOX
        message["Message-ID"] = f"<{number}@example.com>"
        message["Subject"] = f"Facture {number}"
        message.set_content("Ci-joint.")
        message.add_attachment(
            f"%PDF-1.7 facture {number}, abîmée en route".encode(),
            maintype="application",
            subtype="pdf",
            filename=f"facture-{number}.pdf",
        )
        with smtplib.SMTP("127.0.0.1", self.smtp, timeout=20) as client:
            client.send_message(message, to_addrs=[BOX])


@pytest.fixture
def machine(tmp_path):
    """A platform; whatever a test leaves running is killed."""
    made = Machine(tmp_path / "data")
    yield made
    if made.process is not None:
        made.end(signal.SIGKILL)


def eventually(condition, within=20.0):
    """Wait until something holds; fail when it does not come to hold."""
    deadline = time.monotonic() + within
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)


def free(port: int) -> bool:
    """Tell whether nobody listens there."""
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_it_serves_pages_stops_on_ctrl_c_and_starts_again(machine):
    """Ready, a page, Ctrl-C: code 0, no trace in a log, ports free; the same data serves again."""
    machine.start()
    with requests.Session() as browser:  # as a browser does, its connection stays open
        assert browser.get(f"http://127.0.0.1:{machine.web}/", timeout=20).status_code == 200
        assert machine.end(signal.SIGINT) == 0
    for log in ("facteur.log", "emulator.log"):
        assert "Traceback" not in (machine.data / log).read_text("utf-8", "replace")
    assert any(line.startswith("Arrêté.") for line in machine.lines)
    assert all(free(port) for port in (machine.web, machine.smtp, machine.aws))
    machine.start()
    assert machine.end(signal.SIGTERM) == 0


def test_every_acknowledged_mail_becomes_a_document_whenever_the_machine_is_killed(
    machine, monkeypatch
):
    """250, then kill -9 at once, several times: after the last start no document is missing.

    Damaged PDFs: what counts here is that they exist, whatever reading says of them.
    """
    machine.start()
    machine.context(monkeypatch).store.save_dossier(DOSSIER, (), {BOX.lower(): Direction.PURCHASE})
    for number in range(3):
        machine.send(number)
        machine.end(signal.SIGKILL)
        machine.start()
    store = machine.context(monkeypatch).store

    def names():
        page = store.documents(DOSSIER.id, Direction.PURCHASE)
        return sorted(one.filename for one in page.documents)

    eventually(lambda: len(names()) >= 3)
    time.sleep(1)  # a second copy would come now
    assert names() == [f"facture-{n}.pdf" for n in range(3)]


def test_unknown_boxes_are_refused_at_smtp_time(machine, monkeypatch):
    """The real store answers RCPT."""
    machine.start()
    machine.context(monkeypatch).store.save_dossier(DOSSIER, (), {BOX.lower(): Direction.PURCHASE})
    with smtplib.SMTP("127.0.0.1", machine.smtp, timeout=20) as client:
        client.ehlo()
        client.mail("a@example.com")
        assert client.rcpt("SIREN000000000@factures.localhost")[0] == 550
        assert client.rcpt(BOX.upper())[0] == 250


def test_a_mail_over_our_limit_is_kept_and_its_reason_told(machine, monkeypatch):
    """As on AWS, where SES takes 40 MB: the dossier reads why nothing came of it."""
    machine.start()
    store = machine.context(monkeypatch).store
    store.save_dossier(DOSSIER, (), {BOX.lower(): Direction.PURCHASE})
    heavy = b"Subject: lourd\r\n\r\n" + (b"x" * 998 + b"\r\n") * 26_300
    with smtplib.SMTP("127.0.0.1", machine.smtp, timeout=20) as client:
        client.sendmail("fournisseur@example.com", [BOX], heavy)

    def reasons():
        return [fault.code for one in store.mails(DOSSIER.id) for fault in one.set_aside]

    eventually(lambda: reasons() == ["mail.too_large"])


def test_a_second_start_on_the_same_data_says_so(machine):
    """Two platforms on one folder would destroy it."""
    machine.start()
    other = Machine(machine.data)
    found = subprocess.run(
        other.command(), capture_output=True, text=True, timeout=30, check=False
    )
    assert found.returncode == 1
    assert "fonctionne déjà" in found.stderr


def test_a_taken_port_is_named_with_the_way_out(machine):
    """French and English, with the variable to set."""
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", machine.smtp))
        taken.listen()
        found = subprocess.run(
            machine.command(), capture_output=True, text=True, timeout=30, check=False
        )
    assert found.returncode == 1
    assert f"Le port {machine.smtp} est déjà pris" in found.stderr
    assert "FACTEUR_SMTP_PORT" in found.stderr
    assert free(machine.aws)


def test_when_the_emulator_dies_the_platform_stops_with_an_error(machine):
    """Serving pages that can do nothing would be worse than stopping."""
    machine.start()
    children = Path(f"/proc/{machine.process.pid}/task/{machine.process.pid}/children")
    if not children.exists():
        pytest.skip("needs Linux's list of children")
    for child in children.read_text().split():
        if b"facteur.local.emulator" in Path(f"/proc/{child}/cmdline").read_bytes():
            os.kill(int(child), signal.SIGKILL)
    assert machine.process.wait(30) == 1


def test_reset_deletes_the_data_and_nothing_else(tmp_path, capsys):
    """A wrong folder is never emptied."""
    data, other = tmp_path / "data", tmp_path / "other"
    data.mkdir()
    other.mkdir()
    (data / MARK).touch()
    (data / "aws").mkdir()
    (data / "aws" / "generation").write_text("3")
    (other / "thesis.odt").write_text("years of work")
    assert main(["reset", "--data", str(data)]) == 0
    assert not data.exists()
    assert main(["reset", "--data", str(data)]) == 0
    assert main(["reset", "--data", str(other)]) == 1
    assert (other / "thesis.odt").exists()
    assert "rien n'est effacé" in capsys.readouterr().err


def test_settings_come_from_arguments_then_from_the_environment():
    """An argument wins over a variable, a variable over the default."""
    environment = {"FACTEUR_WEB_PORT": "1", "FACTEUR_SMTP_PORT": "2", "FACTEUR_OCR": "none"}
    command, wanted = options(["run", "--smtp-port", "3"], environment)
    assert command == "run"
    assert (wanted.web_port, wanted.smtp_port, wanted.emulator_port) == (1, 3, 8645)
    assert wanted.ocr == "none"
    assert wanted.seed
    with pytest.raises(SystemExit):
        options(["run", "--web-port", "eighty"], {})
