"""scripts/install.sh and scripts/install_browser.sh: what they do, and what they say when they cannot."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"
Run = Callable[..., subprocess.CompletedProcess[str]]


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that requires nothing, so that installing it needs no network."""
    shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("assets"))
    (tmp_path / "requirements.txt").write_text("")
    return tmp_path


@pytest.fixture
def install(project: Path) -> Run:
    def run(python: str | Path = sys.executable, **environment: str) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["scripts/install.sh", "requirements.txt"],
            cwd=project,
            env={"PATH": os.environ["PATH"], "HOME": str(project), "PYTHON": str(python), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def write_program(path: Path, text: str) -> Path:
    path.parent.mkdir(exist_ok=True)
    path.unlink(missing_ok=True)  # never write through a link
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def test_the_second_installation_has_nothing_to_do(install: Run) -> None:
    first, second = install(), install()
    assert (first.returncode, second.returncode) == (0, 0)
    assert "Installing the packages" in first.stdout
    assert second.stdout + second.stderr == ""


def test_changed_requirements_are_installed(install: Run, project: Path) -> None:
    install()
    (project / "requirements.txt").write_text("# changed\n")
    assert "Installing the packages" in install().stdout


@pytest.mark.parametrize("damage", ["interrupted", "without its python"])
def test_a_half_made_environment_is_made_anew(install: Run, project: Path, damage: str) -> None:
    install()
    if damage == "interrupted":
        (project / ".venv/.unfinished").touch()
    else:
        (project / ".venv/bin/python").unlink()
    (project / ".venv/lib/rubbish").touch()

    assert install().returncode == 0
    assert not (project / ".venv/lib/rubbish").exists()
    assert not (project / ".venv/.unfinished").exists()
    assert subprocess.run([project / ".venv/bin/python", "-c", ""], check=False).returncode == 0


def test_an_installation_that_is_killed_leaves_its_mark(install: Run, project: Path) -> None:
    install()
    (project / "requirements.txt").write_text("# changed\n")
    write_program(
        project / ".venv/bin/python", f'[ "$1" = -c ] && exec {sys.executable} "$@"; kill -KILL $PPID'
    )
    install()
    assert (project / ".venv/.unfinished").exists()


def test_an_old_python_is_named(install: Run, project: Path) -> None:
    answer = install(write_program(project / "bin/python", "echo 3.9.18"))
    assert answer.returncode == 1
    assert answer.stderr.startswith("Python 3.11 or newer is needed; the one found here is 3.9.18.")


def test_no_python_at_all_is_said(install: Run) -> None:
    answer = install("/nonexistent/python")
    assert answer.returncode == 1
    assert answer.stderr.startswith("Python 3.11 or newer is needed, and no Python was found.")


def test_a_missing_venv_module_is_said_with_the_package_to_install(install: Run, project: Path) -> None:
    python = write_program(
        project / "bin/python", f'case "$2" in *ensurepip*) exit 1;; esac; exec {sys.executable} "$@"'
    )
    answer = install(python)
    version = f"{sys.version_info.major}.{sys.version_info.minor}"
    assert answer.returncode == 1
    assert "its venv module is missing" in answer.stderr
    assert answer.stderr.strip().endswith(f"apt install python{version}-venv")


@pytest.mark.parametrize("retries", ["0", "1"])
def test_no_network_is_said_in_a_sentence_and_keeps_what_is_installed(
    install: Run, project: Path, closed_port: int, retries: str
) -> None:
    install()
    (project / "requirements.txt").write_text("dash==4.4.1\n")
    answer = install(
        PIP_CONFIG_FILE=os.devnull,
        PIP_INDEX_URL=f"http://127.0.0.1:{closed_port}/simple",
        PIP_RETRIES=retries,
    )
    assert answer.returncode == 1
    assert answer.stderr.startswith(
        "The packages could not be downloaded: the package index cannot be reached."
    )
    assert "Traceback" not in answer.stdout + answer.stderr
    assert not (project / ".venv/.unfinished").exists()
    (project / "requirements.txt").write_text("")
    assert install().stdout == ""


@pytest.fixture
def machine(tmp_path: Path) -> Path:
    """The few programs that the script needs, and an apt-get that writes down how it was called."""
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("env", "grep", "head", "mktemp", "rm", "true"):
        (programs / name).symlink_to(shutil.which(name) or name)
    write_program(programs / "apt-get", 'echo "$DEBIAN_FRONTEND $*" >>"$HOME/apt.log"')
    return programs


@pytest.mark.parametrize(
    ("user", "sudo", "installs"),
    [("0", "exit 1", True), ("1000", 'shift; exec "$@"', True), ("1000", "exit 1", False)],
)
def test_the_browser_is_installed_without_questions_by_root_or_sudo_alone(
    machine: Path, user: str, sudo: str, *, installs: bool
) -> None:
    write_program(machine / "id", f"echo {user}")
    write_program(machine / "sudo", sudo)
    answer = subprocess.run(
        [SCRIPTS / "install_browser.sh"],
        env={"PATH": str(machine), "HOME": str(machine)},
        capture_output=True,
        text=True,
        check=True,
    )
    log = machine / "apt.log"
    calls = log.read_text().splitlines() if log.exists() else []
    if installs:
        assert [call.split()[3] for call in calls] == ["update", "install"]
        assert all(call.startswith("noninteractive -q -y") for call in calls)
    else:
        assert calls == []
        assert "The browser tests will be skipped" in answer.stdout


def test_an_installed_browser_is_left_alone(machine: Path) -> None:
    write_program(machine / "chromium", "")
    write_program(machine / "chromedriver", "")
    answer = subprocess.run(
        [SCRIPTS / "install_browser.sh"],
        env={"PATH": str(machine)},
        capture_output=True,
        text=True,
        check=True,
    )
    assert answer.stdout == ""
    assert not (machine / "apt.log").exists()
