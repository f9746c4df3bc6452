"""What the documents say is there and is so."""

import re
import shlex
from collections.abc import Iterator
from dataclasses import fields
from pathlib import Path

import pytest

from data.cli import group
from data.settings import PREFIX, Settings
from scripts.servers import SERVERS
from scripts.write_docs import DOCS, GENERATED

ROOT = DOCS.parent
FOLDERS = ("assets", "benchmarks", "docs", "tests")
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(path for name in FOLDERS for path in (ROOT / name).rglob("*.md"))])
README = ROOT / "README.md"
A_MACHINES_OWN = re.compile(r"(?<![\w.])(/(home|mnt|private|root|tmp|Users|work)/|[A-Z]:\\)[\w.-]+")


def name(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


every_document = pytest.mark.parametrize("document", DOCUMENTS, ids=name)


def targets(document: Path) -> Iterator[str]:
    """Where the links and pictures of a document lead, code left out."""
    text = re.sub(r"^```.*?^```|`[^`\n]*`", "", document.read_text(), flags=re.DOTALL | re.MULTILINE)
    yield from re.findall(r"\]\(<?([^)\s>]+)", text)


def anchors(document: Path) -> set[str]:
    """The headings of a document as links name them."""
    headings = re.findall(r"^#+ (.+)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


def commands(document: Path) -> Iterator[list[str]]:
    """The commands in the blocks of shell code, as words."""
    for block in re.findall(r"^```sh\n(.*?)^```", document.read_text(), re.DOTALL | re.MULTILINE):
        yield from (shlex.split(line, comments=True) for line in block.replace("\\\n", "").splitlines())


def makefile_targets() -> set[str]:
    return set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))


def table(document: Path, first: str) -> list[list[str]]:
    """The rows of the table that begins with a heading, as cells."""
    lines = document.read_text().split(f"| {first} |", 1)[1].split("\n\n")[0].splitlines()[2:]
    return [[cell.strip() for cell in line.strip("|").split("|")] for line in lines]


@pytest.mark.parametrize("written", GENERATED)
def test_a_generated_document_is_what_the_code_says(written: str) -> None:
    assert (DOCS / written).read_text() == GENERATED[written](), "run `make docs`"


@every_document
def test_every_link_to_a_file_leads_somewhere(document: Path) -> None:
    dead = []
    for target in targets(document):
        path, _, anchor = target.partition("#")
        if ":" in path:
            continue
        file = (document.parent / path) if path else document
        if not file.exists() or (anchor and anchor not in anchors(file)):
            dead.append(target)
    assert dead == []


@every_document
def test_every_make_target_is_one(document: Path) -> None:
    text = document.read_text()
    named = re.findall(r"`make ([a-z-]+)", text) + re.findall(r"^make ([a-z-]+)", text, re.MULTILINE)
    assert set(named) - makefile_targets() == set()


@every_document
def test_every_flask_command_and_its_options_are_ones(document: Path) -> None:
    for words in commands(document):
        if not any(word.endswith("flask") for word in words):
            continue
        at = words.index("inventory")
        assert words[at - 2 : at] == ["--app", "app"]
        command = group.commands[words[at + 1]]
        options = {option for parameter in command.params for option in parameter.opts}
        assert {word for word in words[at + 2 :] if word.startswith("--")} - options == set()


def test_the_readme_shows_every_command_or_names_it() -> None:
    text = README.read_text()
    assert {command for command in group.commands if f"`{command}" not in text} == set()


@every_document
def test_every_setting_that_is_named_is_one(document: Path) -> None:
    known = {knob.name.upper() for knob in fields(Settings)} | {
        f"TEST_{kind.upper()}_URL" for kind in SERVERS
    }
    named = re.findall(rf"{PREFIX}([A-Z][A-Z_]*[A-Z])", document.read_text())
    assert {setting.partition("__")[0] for setting in named} - known == set()


def test_the_table_of_settings_names_exactly_the_settings() -> None:
    shown = [row[0].strip("`") for row in table(DOCS / "settings.md", "setting")]
    wanted = [knob.name.upper() for knob in fields(Settings)]
    wanted[wanted.index("DATABASES")] = "DB_URL__<NAME>"
    assert shown == [PREFIX + setting for setting in wanted]


def test_the_defaults_in_the_readme_are_the_defaults() -> None:
    full = {row[0].strip("`").removeprefix(PREFIX): row[1] for row in table(DOCS / "settings.md", "setting")}
    rows = table(README, "setting")
    assert len(rows) > 5
    for settings, defaults, _ in rows:
        names = [setting.strip(" `").removeprefix(PREFIX) for setting in settings.split(",")]
        if any(full[setting] for setting in names):
            assert [full[setting] for setting in names] == defaults.split(", ")


def test_every_decision_is_listed_under_its_title() -> None:
    files = sorted((DOCS / "adr").glob("[0-9]*.md"))
    rows = re.findall(
        r"^\| \[(\d{4})\]\(([^)]+)\) \| (.+) \|$", (DOCS / "adr/README.md").read_text(), re.MULTILINE
    )
    assert [file for _, file, _ in rows] == [file.name for file in files]
    assert [f"# {number} {title}" for number, _, title in rows] == [
        file.read_text().splitlines()[0] for file in files
    ]
    assert [number for number, _, _ in rows] == [f"{number:04}" for number in range(1, len(rows) + 1)]


@every_document
def test_no_document_names_a_place_on_somebodys_machine(document: Path) -> None:
    assert A_MACHINES_OWN.search(document.read_text()) is None


def test_every_screenshot_is_small_and_shown() -> None:
    pictures = list((DOCS / "screenshots").iterdir())
    assert pictures
    assert [picture.name for picture in pictures if picture.stat().st_size > 300_000] == []
    shown = {target for document in DOCUMENTS for target in targets(document)}
    assert [picture.name for picture in pictures if name(picture) not in shown] == []
