"""`flask --app app inventory …`: imports, figures and the demo estate from the command line."""

from __future__ import annotations

import functools
import sys
from collections.abc import Callable, Mapping
from dataclasses import asdict
from datetime import datetime
from pathlib import Path
from typing import Any, ParamSpec, TypeVar

import click
import msgspec
from flask import current_app
from flask.cli import AppGroup

from data import jobs
from data.copying import CopiedTable, copy_inventory
from data.database import DatabaseManager, upgrade_schema
from data.demo import write_demo
from data.errors import (
    DatabaseUnavailableError,
    DataError,
    InvalidInputError,
    NotFoundError,
    VCenterNeededError,
)
from data.ingest import import_file
from data.ingest.demo import load_demo
from data.ingest.retention import apply_retention, find_doomed
from data.ingest.states import delete_states, set_hidden, set_pinned
from data.queries.estate import get_stats
from data.queries.imports import list_imports, list_vcenters
from data.results import ImportResult, StoredImport
from data.scope import Scope
from data.units import exact
from data.validation import DataValidator
from data.vocabulary import ImportOutcome, JobPhase
from data.workbook.packing import Export, exports_among

P = ParamSpec("P")
T = TypeVar("T")
EXTENSION = "inventory"
"""Where the app keeps its databases and the retention rule."""
UPLOADS = "UPLOAD_DIRECTORY"
"""Where the app keeps the directory of uploads, of which each job has a part."""
MAX_UPLOAD_MIB = "MAX_UPLOAD_MIB"
"""Where the app keeps how large a file may be."""
TIMES = ["%Y-%m-%d", "%Y-%m-%dT%H:%M", "%Y-%m-%d %H:%M", "%Y-%m-%dT%H:%M:%S", "%Y-%m-%d %H:%M:%S"]

group = AppGroup("inventory", help="Import RVTools exports and ask what is in the database.")

_database = click.option(
    "--database", metavar="NAME", help="A configured database; by default the default one."
)
_json = click.option("--json", "as_json", is_flag=True, help="Answer in JSON on standard output.")


class _Refusal(click.ClickException):
    """An error the operator can act on: a sentence and exit status 2."""

    exit_code = 2


def _in_sentences(command: Callable[P, T]) -> Callable[P, T]:
    @functools.wraps(command)
    def wrapper(*args: P.args, **kwargs: P.kwargs) -> T:
        try:
            return command(*args, **kwargs)
        except DataError as error:
            raise _Refusal(str(error)) from None

    return wrapper


@group.command("import")
@click.argument("files", metavar="FILE...", nargs=-1, required=True, type=click.Path(path_type=Path))
@_database
@click.option("--vcenter", metavar="NAME", help="The vCenter of the exports, if they do not say it.")
@click.option("--exported-at", metavar="TIME", type=click.DateTime(TIMES), help="When the exports were made.")
@click.option("--dry-run", is_flag=True, help="Check and compare, but write nothing.")
@click.option(
    "--replace", is_flag=True, help="Drop the earlier states of the vCenters, pinned ones excepted."
)
@_json
@_in_sentences
def import_files(
    files: tuple[Path, ...],
    database: str | None,
    vcenter: str | None,
    exported_at: datetime | None,
    *,
    dry_run: bool,
    replace: bool,
    as_json: bool,
) -> None:
    """Import RVTools exports, each as a whole or not at all.

    An export is a workbook (.xlsx, .xlsm, .xls), a CSV file, a .zip of CSV files or of one workbook, the database
    of the former dashboard, or a folder of CSV files. CSV files of one folder that are different tabs, such as
    RVTools_tabvInfo.csv and RVTools_tabvDisk.csv, are one export, too.

    Ends with status 0 when all are stored or were stored before, with 2 when one is refused.
    """
    url = _url(database)
    import_export = functools.partial(
        _import, url, vcenter=vcenter, exported_at=exported_at, dry_run=dry_run, replace=replace
    )
    results = []
    for export in exports_among(files):
        result = import_export(export)
        results.append(result)
        if not as_json:
            _print_result(result)
    if as_json:
        _print_json(results)
    if any(result.outcome == ImportOutcome.STORED for result in results) and not dry_run:
        apply_retention(url, current_app.extensions[EXTENSION].retention, _print_progress)
        _replace_line("")
    if any(result.outcome == ImportOutcome.REFUSED for result in results):
        sys.exit(_Refusal.exit_code)


def _import(
    url: str,
    export: Export,
    *,
    vcenter: str | None,
    exported_at: datetime | None,
    dry_run: bool,
    replace: bool,
) -> ImportResult:
    try:
        fits, message = DataValidator.validate_file_size(
            max(export.size_bytes, 1), current_app.config[MAX_UPLOAD_MIB]
        )
        if not fits:
            raise InvalidInputError(message)
        with export.as_file() as path:
            return import_file(
                url,
                path,
                vcenter=vcenter,
                exported_at=exported_at,
                dry_run=dry_run,
                replace=replace,
                on_progress=_print_progress,
                file_name=export.name,
            )
    except DatabaseUnavailableError:
        raise
    except DataError as error:
        hint = " Say it with --vcenter NAME." if isinstance(error, VCenterNeededError) else ""
        return ImportResult(export.name, ImportOutcome.REFUSED, f"{error}{hint}")


def _print_result(result: ImportResult) -> None:
    _replace_line("")
    is_refused = result.outcome == ImportOutcome.REFUSED
    click.echo(f"{result.file_name}: {result.outcome}. {result.message}", err=is_refused)
    for state in result.states:
        if state.difference:
            counts = {key: count for key, count in asdict(state.difference).items() if isinstance(count, int)}
            name = f"{state.vcenter}: " if len(result.states) > 1 else ""
            click.echo(f"  {name}{', '.join(f'{count:,} {key}' for key, count in counts.items())}")
    for warning in result.warnings:
        click.echo(f"  {warning}")


def _print_progress(_phase: JobPhase, pct: int, message: str) -> None:
    _replace_line(f"{pct:3} % {message}")


def _replace_line(text: str) -> None:
    """The last line of a terminal; nothing where standard error is a file."""
    if sys.stderr.isatty():
        click.echo(f"\r\x1b[K{text}", err=True, nl=False)


@group.command("stats")
@_database
@click.option("--include-templates", is_flag=True, help="Count templates as machines, too.")
@_json
@_in_sentences
def stats(database: str | None, *, include_templates: bool, as_json: bool) -> None:
    """Show the figures of the newest states of all vCenters."""
    with DatabaseManager(_url(database)).get_session() as session:
        figures = get_stats(session, include_templates=include_templates)
    values = {key: exact(value) for key, value in asdict(figures).items()}
    if as_json:
        _print_json(values)
        return
    for key, value in values.items():
        click.echo(f"{key:24}{'unknown' if value is None else format(value, ',')}")


@group.command("demo")
@click.option("--vms", metavar="N", type=int, required=True, help="Machines, 10 to 100,000.")
@click.option("--seed", metavar="S", type=int, required=True, help="The same seed gives the same estate.")
@click.option("--months", metavar="M", type=int, default=1, show_default=True, help="Monthly states.")
@click.option("--out", metavar="FILE", type=click.Path(path_type=Path), help="Write workbooks, load nothing.")
@_database
@_in_sentences
def demo(vms: int, seed: int, months: int, out: Path | None, database: str | None) -> None:
    """Invent an estate: load it as the demo estate, or write its workbooks."""
    if out:
        write_demo(out, vms=vms, seed=seed, months=months, on_file=lambda path: click.echo(str(path)))
        return
    for result in load_demo(_url(database), vms=vms, seed=seed, months=months, on_progress=_print_progress):
        _print_result(result)


@group.command("job")
@click.argument("job_id", metavar="ID", type=int)
@_database
@_in_sentences
def job(job_id: int, database: str | None) -> None:
    """Run a job that a page asked for: an import, an export, a removal."""
    retention = current_app.extensions[EXTENSION].retention
    done = jobs.run_job(_url(database), job_id, retention=retention, directory=current_app.config[UPLOADS])
    click.echo(f"{done.file_name}: {done.phase}. {done.message}")
    if done.phase == JobPhase.FAILED:
        sys.exit(_Refusal.exit_code)


@group.command("sweep")
@_in_sentences
def sweep() -> None:
    """Note jobs whose process is gone, and remove what they left. Every start of the program does that.

    A database that does not answer is named and left for the next time.
    """
    databases: Mapping[str, str] = current_app.extensions[EXTENSION].databases
    for name in databases:
        try:
            jobs.sweep_jobs(_url(name))
        except DatabaseUnavailableError as error:
            click.echo(f"{name}: {error}", err=True)
    jobs.sweep_uploads(databases.values(), current_app.config[UPLOADS])


@group.command("states")
@_database
@_json
@_in_sentences
def states(database: str | None, *, as_json: bool) -> None:
    """List the stored states, the last one imported first, and the vCenters that are hidden."""
    retention = current_app.extensions[EXTENSION].retention
    with DatabaseManager(_url(database)).get_session() as session:
        stored = list_imports(session, Scope(), rule=retention)
        vcenters = list_vcenters(session, Scope())
    if as_json:
        _print_json({"states": stored, "vcenters": vcenters})
        return
    for state in stored:
        click.echo(_state_line(state))
    for vcenter in vcenters:
        if vcenter.is_hidden:
            click.echo(f"Hidden: {vcenter.name}, {vcenter.states:,} states.")


def _state_line(state: StoredImport) -> str:
    size = "" if state.size_bytes is None else f"{state.size_bytes / 2**20:,.1f} MiB"
    notes = {
        "current": state.is_current,
        "pinned": state.is_pinned,
        "demo": state.is_demo,
        "goes with the next import": state.goes_with_next,
    }
    told = ", ".join(note for note, applies in notes.items() if applies)
    exported = f"{state.exported_at:%Y-%m-%d %H:%M}"
    columns = f"{state.id:6}  {exported}  {state.machines:9,} machines  {size:>12}  {state.vcenter}"
    return f"{columns} ({told})" if told else columns


@group.command("copy")
@click.option("--from", "source", metavar="NAME", required=True, help="The configured database to read.")
@click.option("--to", "target", metavar="NAME", required=True, help="Another one that is empty.")
@_json
@_in_sentences
def copy(source: str, target: str, *, as_json: bool) -> None:
    """Copy the whole inventory into another database, which may be of another kind.

    Everything but jobs is copied, and keeps its number. The copy is compared with what was read, and becomes
    visible only when it is the same. An interrupted one shows nothing; just start it again.
    """
    tables = copy_inventory(_url(source), _url(target), _print_progress)
    _replace_line("")
    if as_json:
        _print_json(tables)
    else:
        click.echo(f"{'table':22}{'rows':>12}  {'checksum':18}same")
        for table in tables:
            click.echo(
                f"{table.table:22}{table.rows:12,}  {table.checksum:18}{'yes' if table.same else 'no'}"
            )
    if different := [_difference(table) for table in tables if not table.same]:
        raise _Refusal(f"Nothing was published: the copy is not the same in {', '.join(different)}.")


def _difference(table: CopiedTable) -> str:
    if table.rows == table.rows_copied:
        return f"{table.table} (as many rows, but other values)"
    return f"{table.table} ({table.rows:,} rows were read, {table.rows_copied:,} are in the copy)"


_state_id = click.argument("state_id", metavar="ID", type=int)


@group.command("pin")
@_state_id
@_database
@_in_sentences
def pin(state_id: int, database: str | None) -> None:
    """Keep a state, whatever the retention rule says."""
    set_pinned(_url(database), import_id=state_id, is_pinned=True)
    click.echo(f"The state {state_id} is pinned.")


@group.command("unpin")
@_state_id
@_database
@_in_sentences
def unpin(state_id: int, database: str | None) -> None:
    """Leave a state to the retention rule again."""
    set_pinned(_url(database), import_id=state_id, is_pinned=False)
    click.echo(f"The state {state_id} is not pinned.")


@group.command("remove")
@click.argument("state_ids", metavar="ID...", type=int, nargs=-1, required=True)
@_database
@_in_sentences
def remove(state_ids: tuple[int, ...], database: str | None) -> None:
    """Delete stored states, all of them or none. A vCenter goes with its last one."""
    delete_states(_url(database), state_ids, _print_progress)
    _replace_line("")
    click.echo(f"Deleted: {', '.join(map(str, state_ids))}.")


@group.command("retention")
@click.option("--dry-run", is_flag=True, help="Only list the states that would go.")
@_database
@_json
@_in_sentences
def retention(database: str | None, *, dry_run: bool, as_json: bool) -> None:
    """Delete the states that the retention rule lets go; the last one stored of a vCenter stays until the next."""
    url, rule = _url(database), current_app.extensions[EXTENSION].retention
    with DatabaseManager(url).get_session() as session:
        going = find_doomed(session, rule)
    if not dry_run:
        apply_retention(url, rule, _print_progress)
        _replace_line("")
    if as_json:
        _print_json(going)
        return
    for state in going:
        click.echo(f"{state.id:6}  {state.exported_at:%Y-%m-%d %H:%M}")
    click.echo(f"{'Would go' if dry_run else 'Deleted'}: {len(going):,}.")


_vcenter_name = click.argument("name", metavar="NAME")


@group.command("hide")
@_vcenter_name
@_database
@_in_sentences
def hide(name: str, database: str | None) -> None:
    """Leave a vCenter out of all pages but the history of imports. Its states stay."""
    _set_hidden(_url(database), name, is_hidden=True)


@group.command("show")
@_vcenter_name
@_database
@_in_sentences
def show(name: str, database: str | None) -> None:
    """Show a hidden vCenter again."""
    _set_hidden(_url(database), name, is_hidden=False)


def _set_hidden(url: str, name: str, *, is_hidden: bool) -> None:
    with DatabaseManager(url).get_session() as session:
        ids = {vcenter.name: vcenter.id for vcenter in list_vcenters(session, Scope())}
    if name not in ids:
        raise NotFoundError(f"There is no vCenter “{name}”; stored: {', '.join(ids) or 'none'}.")
    set_hidden(url, vcenter_id=ids[name], is_hidden=is_hidden)
    click.echo(f"{name} is {'hidden' if is_hidden else 'shown'}.")


def _url(name: str | None) -> str:
    """The URL of a configured database, its schema up to date."""
    databases: Mapping[str, str] = current_app.extensions[EXTENSION].databases
    name = name or next(iter(databases))
    if name not in databases:
        raise NotFoundError(f"There is no database “{name}”; configured: {', '.join(databases)}.")
    upgrade_schema(databases[name])
    return databases[name]


def _print_json(answer: Any) -> None:
    click.echo(msgspec.json.format(msgspec.json.encode(answer), indent=2))
