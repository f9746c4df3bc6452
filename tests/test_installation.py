"""scripts/install.sh, install_browser.sh and install_services.sh: what they do, and what they say when they cannot."""

import os
import shutil
import subprocess
import sys
from collections.abc import Callable, Sequence
from pathlib import Path

import pytest

SCRIPTS = Path(__file__).parent.parent / "scripts"
Run = Callable[..., subprocess.CompletedProcess[str]]
Script = Callable[[str], str]

ROOT_IS_NEEDED = "are not installed, and installing them needs root. To run them: apt install"
SKIPPED = {
    "install_browser.sh": "The browser tests will be skipped: Chromium and chromedriver "
    f"{ROOT_IS_NEEDED} chromium chromium-driver",
    "install_services.sh": "The tests on servers will be skipped: PostgreSQL, MariaDB, Redis "
    f"{ROOT_IS_NEEDED} postgresql mariadb-server redis-server",
}
"""What the scripts say without root."""


@pytest.fixture
def project(tmp_path: Path) -> Path:
    """A project that requires nothing, so that installing it needs no network."""
    shutil.copytree(SCRIPTS, tmp_path / "scripts", ignore=shutil.ignore_patterns("assets"))
    for name in ("requirements", "requirements-mariadb", "requirements-redis"):
        (tmp_path / f"{name}.txt").write_text("")
    return tmp_path


@pytest.fixture
def install(project: Path) -> Run:
    def run(
        python: str | Path = sys.executable, *, drivers: Sequence[str] = (), **environment: str
    ) -> subprocess.CompletedProcess[str]:
        return subprocess.run(
            ["scripts/install.sh", "requirements.txt", *drivers],
            cwd=project,
            env={"PATH": os.environ["PATH"], "HOME": str(project), "PYTHON": str(python), **environment},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=False,
        )

    return run


def write_program(path: Path, text: str) -> Path:
    path.parent.mkdir(parents=True, exist_ok=True)
    path.unlink(missing_ok=True)  # never write through a link
    path.write_text(f"#!/bin/sh\n{text}\n")
    path.chmod(0o755)
    return path


def lines(file: Path) -> list[str]:
    return file.read_text().splitlines() if file.exists() else []


def test_the_second_installation_has_nothing_to_do(install: Run) -> None:
    first, second = install(), install()
    assert (first.returncode, second.returncode) == (0, 0)
    assert "Installing the packages" in first.stdout
    assert second.stdout + second.stderr == ""


def test_changed_requirements_are_installed(install: Run, project: Path) -> None:
    install()
    (project / "requirements.txt").write_text("# changed\n")
    assert "Installing the packages" in install().stdout


def test_the_drivers_that_are_asked_for_are_installed_with_the_runtime_once(
    install: Run, project: Path
) -> None:
    pip = f'[ "$1" = -c ] && exec {sys.executable} "$@"; echo "$@" >>"$HOME/pip.log"'
    write_program(project / ".venv/bin/python", pip)
    first, second = install(drivers=["redis", "mariadb"]), install(drivers=["redis", "mariadb"])
    assert "packages of requirements.txt requirements-redis.txt requirements-mariadb.txt" in first.stdout
    (call,) = lines(project / "pip.log")
    assert call.endswith(" -r requirements.txt -r requirements-redis.txt -r requirements-mariadb.txt")
    assert second.stdout + second.stderr == ""

    (project / "requirements-redis.txt").write_text("# changed\n")
    assert "Installing the packages" in install(drivers=["redis", "mariadb"]).stdout


def test_a_driver_that_there_is_not_is_refused(install: Run, project: Path) -> None:
    answer = install(drivers=["oracle"])
    assert answer.returncode == 1
    assert answer.stderr == "There is no requirements-oracle.txt. WITH takes postgresql, mariadb and redis.\n"
    assert not (project / ".venv").exists()


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
    """The few programs that the scripts need, and an apt-get that writes down how it was called."""
    (tmp_path / "usr/sbin").mkdir(parents=True)
    programs = tmp_path / "bin"
    programs.mkdir()
    for name in ("chmod", "env", "grep", "head", "ls", "mktemp", "rm", "sh", "true"):
        (programs / name).symlink_to(shutil.which(name) or name)
    write_program(
        programs / "apt-get",
        'echo "$DEBIAN_FRONTEND $* $("$HOME"/../usr/sbin/policy-rc.d >&2; echo $?)" >>"$HOME/apt.log"',
    )
    write_program(programs / "systemctl", 'echo "$@" >>"$HOME/systemctl.log"')
    return programs


@pytest.fixture
def script(machine: Path) -> Script:
    """What a script says on that machine."""

    def run(name: str) -> str:
        return subprocess.run(
            [SCRIPTS / name],
            env={"PATH": str(machine), "HOME": str(machine), "SYSTEM_ROOT": str(machine.parent)},
            stdin=subprocess.DEVNULL,
            capture_output=True,
            text=True,
            check=True,
        ).stdout

    return run


@pytest.mark.parametrize("name", SKIPPED)
@pytest.mark.parametrize(
    ("user", "sudo", "installs"),
    [("0", "exit 1", True), ("1000", 'shift; exec "$@"', True), ("1000", "exit 1", False)],
)
def test_what_tests_need_is_installed_without_questions_by_root_or_sudo_alone(
    machine: Path, script: Script, name: str, user: str, sudo: str, *, installs: bool
) -> None:
    write_program(machine / "id", f"echo {user}")
    write_program(machine / "sudo", sudo)
    said = script(name)
    calls = lines(machine / "apt.log")
    skipped = SKIPPED[name]
    packages = skipped.partition("apt install ")[2]
    if installs:
        assert [call.split()[3] for call in calls] == ["update", "install"]
        assert all(call.startswith("noninteractive -q -y") for call in calls)
        assert f"--no-install-recommends {packages} " in calls[1]
    else:
        assert calls == []
        assert said == f"{skipped}\n"


@pytest.mark.parametrize(
    ("name", "programs"),
    [
        ("install_browser.sh", ["bin/chromium", "bin/chromedriver"]),
        (
            "install_services.sh",
            ["usr/lib/postgresql/15/bin/initdb", "usr/sbin/mariadbd", "bin/redis-server"],
        ),
    ],
)
def test_what_is_installed_is_left_alone(
    machine: Path, script: Script, name: str, programs: list[str]
) -> None:
    for program in programs:
        write_program(machine.parent / program, "")
    assert script(name) == ""
    assert not (machine / "apt.log").exists()


def test_only_the_servers_that_are_absent_are_installed_and_they_are_not_started(
    machine: Path, script: Script
) -> None:
    write_program(machine / "id", "echo 0")
    write_program(machine.parent / "usr/sbin/mariadbd", "")
    assert "Installing PostgreSQL, Redis." in script("install_services.sh")
    policy_forbids = "101"
    assert lines(machine / "apt.log")[1].endswith(f" postgresql redis-server {policy_forbids}")
    assert not (machine.parent / "usr/sbin/policy-rc.d").exists()
    assert lines(machine / "systemctl.log") == ["disable postgresql.service redis-server.service"]


def test_the_policy_of_a_system_that_has_one_is_left_alone(machine: Path, script: Script) -> None:
    write_program(machine / "id", "echo 0")
    policy = write_program(machine.parent / "usr/sbin/policy-rc.d", "exit 104")
    script("install_services.sh")
    assert lines(machine / "apt.log")[1].endswith(" 104")
    assert policy.read_text() == "#!/bin/sh\nexit 104\n"


def test_servers_that_cannot_be_installed_are_told_with_the_reason(machine: Path, script: Script) -> None:
    write_program(machine / "id", "echo 0")
    write_program(machine / "apt-get", "echo 'E: Unable to locate package postgresql'; exit 100")
    said = script("install_services.sh")
    assert "could not be installed (E: Unable to locate package postgresql)" in said
    assert not (machine.parent / "usr/sbin/policy-rc.d").exists()
