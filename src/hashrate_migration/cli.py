"""The command line: ``hashrate-migration``."""

from __future__ import annotations

import errno
import logging
import os
import re
import sys
from dataclasses import dataclass
from importlib import import_module
from pathlib import Path
from types import ModuleType

from hashrate_migration import __version__
from hashrate_migration.errors import InputError
from hashrate_migration.reports import surroundings

_NEEDS = (
    "hashrate-migration: the command line needs {name}, which is not installed; "
    'run pip install "hashrate-migration[{extra}]".'
)

_SAMPLER = ("numpyro", "jax", "jaxlib")
"""Packages of the extra ``fit``; what else may be missing is in ``reports``."""

try:
    import click
except ModuleNotFoundError as error:
    print(_NEEDS.format(name=error.name, extra="reports"), file=sys.stderr)
    sys.exit(2)

# Here, before numpy and pandas are imported.
_environment = surroundings.without(os.environ)
for _variable in set(os.environ) - set(_environment):
    del os.environ[_variable]
os.environ.update(_environment)

_CATALOGUE = click.option(
    "--catalogue",
    type=click.Path(path_type=Path, dir_okay=False),
    help="Catalogue of reports; default: reports/catalogue.yml of this checkout.",
)
_JOBS = click.option(
    "--jobs", type=click.IntRange(min=1), default=1, show_default=True, help="How many at a time."
)


@click.group(context_settings={"help_option_names": ["-h", "--help"]})
@click.version_option(__version__, prog_name="hashrate-migration")
def cli() -> None:
    """Where Bitcoin's hashrate went after China's ban: tables, notebooks, reports."""


def _catalogue(path: Path | None):  # type: ignore[no-untyped-def]  # imported late: see below
    # Heavy packages are imported when a command needs them, so that --help is quick.
    from hashrate_migration.reports import catalogue

    return catalogue.read(path.resolve() if path else catalogue.find(Path.cwd()))


@cli.command()
@click.argument("ids", nargs=-1, metavar="[ID]...")
@click.option("--all", "everything", is_flag=True, help="All reports of the catalogue.")
@click.option(
    "-p",
    "--parameter",
    "parameters",
    nargs=2,
    multiple=True,
    metavar="NAME VALUE",
    help="Set a parameter of the chosen reports.",
)
@_JOBS
@click.option("--scheduler", metavar="ADDRESS", help="Run on the workers of a Dask scheduler.")
@click.option(
    "--out",
    type=click.Path(path_type=Path, file_okay=False),
    help="Folder of the pages; default: reports/site beside the catalogue.",
)
@_CATALOGUE
def render(
    ids: tuple[str, ...],
    everything: bool,
    parameters: tuple[tuple[str, str], ...],
    jobs: int,
    scheduler: str | None,
    out: Path | None,
    catalogue: Path | None,
) -> None:
    """Render reports as pages.

    ID is a report, or a family of reports (see `hashrate-migration list`). Exit status: 0, or 1 if
    a report failed, or 2 for bad input.
    """
    known = _catalogue(catalogue)
    if bool(ids) == everything:
        raise InputError(
            "Name reports or give --all (not both); the reports are: "
            + ", ".join(report.id for report in known.reports)
            + "."
        )
    from hashrate_migration.reports.parameters import complete
    from hashrate_migration.reports.render import render as render_reports

    chosen = known.reports if everything else known.select(list(ids))
    names = [name for name, _ in parameters]
    for name in names:
        if names.count(name) > 1:
            raise InputError(f"-p {name} is given twice; give it once.")
    # All parameters of all reports are checked before the first one runs.
    ready = [complete(report, dict(parameters)) for report in chosen]
    if out is not None and re.match(r"[a-zA-Z][a-zA-Z0-9+.-]+:/", str(out)):
        raise InputError(
            f"--out {out}: pages are written to a folder of this machine; give its path."
        )
    site = (out or known.site).resolve()
    outcomes = render_reports(known, ready, site, jobs, scheduler)
    failed = {name: outcome for name, outcome in outcomes.items() if outcome.error}
    for name, outcome in outcomes.items():
        for warning in outcome.warnings:
            click.echo(f"{name}: warning: {warning}", err=True)
    click.echo(f"{len(outcomes) - len(failed)} of {len(outcomes)} reports rendered into {site}")
    refused = [o.input_error for o in failed.values() if o.input_error]
    for name, outcome in failed.items():
        if outcome.input_error:
            click.echo(f"{name}: {outcome.input_error}", err=True)
        else:
            click.echo(f"{name}: {outcome.error} (kept: {name}.failed.ipynb)", err=True)
    if failed:
        sys.exit(2 if len(refused) == len(failed) else 1)


@cli.command("list")
@_CATALOGUE
def list_reports(catalogue: Path | None) -> None:
    """List the reports of the catalogue."""
    for report in _catalogue(catalogue).reports:
        click.echo(f"{report.id:24} {report.title}")


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@_JOBS
@_CATALOGUE
def notebooks(names: tuple[str, ...], jobs: int, catalogue: Path | None) -> None:
    """Execute the notebooks in place, with their own parameters.

    Times, versions and random ids are taken out, so a second run changes nothing.
    """
    from hashrate_migration.reports.render import refresh_notebooks

    folder = _catalogue(catalogue).notebooks
    known = {path.name: path for path in sorted(folder.glob("*.ipynb"))}
    wanted = [name if name.endswith(".ipynb") else f"{name}.ipynb" for name in names]
    for name in wanted:
        if name not in known:
            raise InputError(
                f"There is no notebook {name!r} in {folder}; there are: {', '.join(known)}."
            )
    if not os.access(folder, os.W_OK):
        raise InputError(
            f"{folder}: cannot be written, and notebooks are executed in place; give the catalogue of "
            "a checkout that can be with --catalogue."
        )
    results = refresh_notebooks([known[name] for name in wanted or known], jobs)
    failed = [name for name, outcome in results.items() if outcome.error]
    for name, outcome in results.items():
        for warning in outcome.warnings:
            click.echo(f"{name}: warning: {warning}", err=True)
        if outcome.error:
            click.echo(f"{name}: {outcome.error} (left as it was)", err=True)
    if failed:
        sys.exit(1)


@cli.command()
@click.option("--check", is_flag=True, help="Only say what is wrong with the catalogues.")
@_CATALOGUE
def words(check: bool, catalogue: Path | None) -> None:
    """Bring the messages of notebooks and package into the catalogues of every language."""
    from hashrate_migration.words import extract

    checkout = _catalogue(catalogue).path.parents[1]
    if not check:
        click.echo("\n".join(extract.update(checkout)))
    problems = extract.problems(checkout)
    for problem in problems:
        click.echo(problem, err=True)
    if problems:
        sys.exit(1)


@cli.command()
@click.option("--check", is_flag=True, help="Only say whether the tables are of today.")
@_CATALOGUE
def readme(check: bool, catalogue: Path | None) -> None:
    """Bring the tables of README.md up to date.

    They come from the catalogue of reports, the description of the tables and kept results. Exit
    status with --check: 1 if they are of an older day.
    """
    from hashrate_migration.reports import readme as tables

    checkout = _catalogue(catalogue).path.parents[1]
    changed = tables.update(checkout, check)
    if check and changed:
        click.echo(f"README.md is not of today: run `{tables.COMMAND}`.", err=True)
        sys.exit(1)
    click.echo("README.md: brought up to date" if changed else "README.md is of today")


@cli.group()
def data() -> None:
    """Check, describe and update the tables."""


@data.command()
def check() -> None:
    """Check every table against its description, its rules and its checksum."""
    from hashrate_migration.tables import package, read

    problems = package.check()
    for problem in problems:
        click.echo(problem, err=True)
    click.echo(f"{len(read.table_names())} tables checked, {len(problems)} problems")
    if problems:
        sys.exit(1)


@data.command()
@click.argument("table", required=False)
def describe(table: str | None) -> None:
    """Say what the tables hold, or what the columns of TABLE mean."""
    from hashrate_migration.tables import package

    click.echo(package.describe(table).to_string(index=False, justify="left"))


@data.command()
def seal() -> None:
    """Write sizes and checksums of changed tables into the package description."""
    from hashrate_migration.tables import package

    changed = package.seal()
    click.echo(f"sealed: {', '.join(changed)}" if changed else "nothing has changed")


@data.command()
@click.argument("table")
@click.argument("source", metavar="FILE")
@click.option("--dry-run", is_flag=True, help="Only print what would change.")
def update(table: str, source: str, dry_run: bool) -> None:
    """Bring newer rows from FILE into TABLE.

    FILE is a CSV file in the form of the table; for mining_map also an export of Cambridge's
    site, for network_daily also a daily series of an explorer. It may be an address, which
    is fetched only because you give it. The difference is printed; nothing is written unless all
    checks pass with the new rows.
    """
    from hashrate_migration.tables import updates

    change = updates.difference(table, source)
    click.echo(updates.described(change))
    if dry_run:
        click.echo("nothing written (--dry-run)")
    elif change.added.empty and change.changed.empty:
        click.echo("nothing to write")
    else:
        updates.apply(change)
        click.echo("checked and written")


def _say_changes(before, made, by: str) -> None:  # type: ignore[no-untyped-def]  # see above
    """Print where the panel moves most, and warn if it moves far."""
    from hashrate_migration import country_panel

    moves = country_panel.compare(before, made).head(10).reset_index()
    moves["month"] = moves["month"].dt.strftime("%Y-%m")
    click.echo(f"Largest changes by {by} (percent of the network):")
    click.echo(moves.round(2).to_string(index=False))
    largest = moves["change"].abs().max()
    if largest > LARGE_CHANGE_POINTS:
        click.echo(
            f"warning: {by} moves a share by {largest:.0f} points; is it in percent?", err=True
        )


@cli.command()
@click.option(
    "--out",
    type=click.Path(path_type=Path, dir_okay=False),
    required=True,
    help="File to write, .csv or .parquet; its description is written beside it.",
)
@click.option("--start", help="First month, like 2022-01.")
@click.option("--end", help="Last month.")
@click.option("--region", "regions", multiple=True, metavar="CODE", help="Only these regions.")
@click.option("--kinds", metavar="FILE", help="Errors of kinds, in the form of estimate_kinds.")
@click.option(
    "--with",
    "extra",
    metavar="FILE",
    help="Estimates to add, in the form of share_estimates; what they change is printed.",
)
def panel(
    out: Path,
    start: str | None,
    end: str | None,
    regions: tuple[str, ...],
    kinds: str | None,
    extra: str | None,
) -> None:
    """Write the monthly country panel, with bands, as a data package.

    With --with or --kinds the model is fitted anew, which takes minutes.
    """
    from hashrate_migration import country_panel
    from hashrate_migration.country_panel import export as panel_product

    panel_product.check_name(out, *(Path(given) for given in (extra, kinds) if given))
    table = None
    if extra:
        table, unused = country_panel.with_added(Path(extra))
        for sentence in unused:
            click.echo(f"{extra}: {sentence}", err=True)
    chosen = list(regions) or None
    window = {"start": start, "end": end, "regions": chosen}
    # A month or region that is not there is found out before minutes are spent.
    before = country_panel.panel(**window)
    made = before
    if extra or kinds:
        country_panel.fit(table, kinds, progress=True)
        made = country_panel.panel(**window, table=table, kinds=kinds)
        _say_changes(before, made, " and ".join(given for given in (extra, kinds) if given))
    changed = {"added": extra, "kinds": kinds}
    for path in panel_product.write(made, out, changed=changed):
        click.echo(f"written: {path}")


LARGE_CHANGE_POINTS = 10
"""A single file of estimates that moves a share by more is likely in another unit."""


@dataclass(frozen=True)
class _Result:
    """A result in data/derived.

    The module that computes it, the one that tells its age, and whether processes can share the work.
    """

    computes: str
    tells: str
    shared: bool = False

    def write(self, jobs: int) -> list[Path]:
        """Compute and keep it."""
        written: list[Path] = _module(self.computes).write(
            **({"jobs": jobs} if self.shared else {})
        )
        return written


_KEPT = {
    "panel": _Result("country_panel.publish", "country_panel.kept"),
    "flows": _Result("flows.published", "flows.published"),
    "truth": _Result("flows.kept", "flows.kept", shared=True),
    "forecasts": _Result("findings.forecasts", "findings.forecasts", shared=True),
    "energy": _Result("energy.kept", "energy.kept"),
}

_VALIDATION = "validation"
_VALIDATED_BY = "country_panel.validation"


def _module(name: str) -> ModuleType:
    return import_module(f"hashrate_migration.{name}")


@cli.command()
@click.argument("names", nargs=-1, metavar="[NAME]...")
@click.option("--check", is_flag=True, help="Only say which are older than tables and code.")
@click.option(
    "--validate",
    is_flag=True,
    help="Fit the panel again and again without part of the figures, and keep how they are found.",
)
@_JOBS
def fit(names: tuple[str, ...], check: bool, validate: bool, jobs: int) -> None:
    """Compute the results that are kept in data/derived.

    NAME is `panel`, the draws of the country panel, `flows`, the flows out of China, `truth`, the truth
    test of the flow methods, `forecasts`, what the panel would have said of each year ahead, or
    `energy`, emissions and the effect of the ban with their ranges (after `panel`, from whose draws
    they come); default: all. With --validate the validation of the panel alone is computed, with
    --check its age is told with that of the panel. Exit status with --check: 1 if a result is stale.
    """
    for name in names:
        if name not in _KEPT:
            raise InputError(f"There is no result {name!r} to fit; there are: {', '.join(_KEPT)}.")
    if validate and (check or names):
        raise InputError(
            "--validate computes one result; give it without --check and without names."
        )
    if check:
        _say_ages(list(names or _KEPT))
        return
    if validate:
        written = _module(_VALIDATED_BY).write(jobs=jobs)
    else:
        written = [path for name in names or _KEPT for path in _KEPT[name].write(jobs)]
    for path in written:
        click.echo(f"written: {path}")


def _say_ages(names: list[str]) -> None:
    """Say which results are stale; exit status 1 if one is."""
    modules = {name: _module(_KEPT[name].tells) for name in names}
    if "panel" in modules:
        modules[_VALIDATION] = _module(_VALIDATED_BY)
    stale = False
    for name, module in modules.items():
        if changed := module.stale():
            stale = True
            click.echo(
                f"{name} is older than {', '.join(changed)}; run `{module.COMMAND}`.", err=True
            )
        else:
            click.echo(f"{name} is of today's tables and code")
    if stale:
        sys.exit(1)


@cli.group()
def claims() -> None:
    """Hold claims against the tables."""


_VERDICTS = ("supported", "partly", "contradicted", "cannot be decided")


@claims.command("check")
@click.argument("file", required=False)
@click.option(
    "--format",
    "form",
    type=click.Choice(["text", "json", "csv"]),
    default="text",
    show_default=True,
    help="How to print: json has the parts of each claim with their numbers, csv a row for each claim.",
)
@click.option(
    "--only",
    "verdicts",
    type=click.Choice(_VERDICTS),
    multiple=True,
    help="Print only claims with this verdict; may be given again.",
)
def check_claims(file: str | None, form: str, verdicts: tuple[str, ...]) -> None:
    """Say which claims of FILE the tables support.

    FILE is a CSV table with the columns claim_id, claim and metric, and of the others of the table
    claims those that the metric needs (`hashrate-migration claims metrics` lists what can be asked,
    `data describe claims` the columns). A file to begin with is docs/claims_example.csv. Without FILE
    the project's own table is checked. Exit status: 0 if no claim is contradicted, 1 if one is, 2 if
    a row cannot be read.
    """
    from hashrate_migration.findings import claims as audit

    parts = audit.parts(file)
    table = audit.joined_parts(parts)
    shown = table[table["verdict"].isin(verdicts or _VERDICTS)]
    if form == "text":
        for row in shown.itertuples():
            click.echo(f"{row.claim_id}: {row.verdict.upper()}  {row.claim}")
            click.echo(f"    {row.tables_say or row.reason}")
        counts = table["verdict"].value_counts()
        click.echo(", ".join(f"{counts.get(name, 0)} {name}" for name in audit.VERDICTS))
    elif form == "csv":
        click.echo(shown.to_csv(index=False, lineterminator="\n"), nl=False)
    else:
        click.echo(audit.as_json(parts, shown["claim_id"].tolist()))
    if (table["verdict"] == audit.CONTRADICTED).any():
        sys.exit(1)


@claims.command("metrics")
def list_metrics() -> None:
    """List what a claim can ask of the tables, and how an answer may be compared."""
    from hashrate_migration.findings import claims as audit

    for metric in audit.METRICS.values():
        unit = f", in {metric.unit}" if metric.unit else ""
        click.echo(f"{metric.name}: {metric.words}{unit}")
        for name, meaning, known in (
            ("subject", metric.subject, metric.subjects),
            ("match", metric.match, metric.matches),
        ):
            if meaning:
                click.echo(f"    {name}: {meaning}{_some(known() if known else [])}")
        click.echo(f"    comparison: {', '.join(audit.comparisons(metric))}")
    click.echo("judged: no table is asked; a verdict and a reason stand in the row")


_NAMED_AT_MOST = 12
"""Of longer lists of choices only the ends are printed."""


def _some(choices: list[str]) -> str:
    if not choices:
        return ""
    if len(choices) > _NAMED_AT_MOST:
        return f": {choices[0]} … {choices[-1]} ({len(choices)})"
    return f": {', '.join(choices)}"


@claims.command("sheet")
@click.argument("file", required=False)
@click.option(
    "--out", type=click.Path(path_type=Path, dir_okay=False), help="File to write; default: print."
)
def claims_sheet(file: str | None, out: Path | None) -> None:
    """Write a sheet for a second reader: claims, rules, what the tables say, and no verdicts.

    FILE is a table of claims; default: the project's own.
    """
    from hashrate_migration.findings import claim_readers

    written = claim_readers.sheet(file)
    if out is None:
        click.echo(written, nl=False)
    else:
        out.write_text(written, encoding="utf-8")
        click.echo(f"written: {out}")


@claims.command("agreement")
@click.argument("second", metavar="FILE")
def claims_agreement(second: str) -> None:
    """Say how far a second reader's verdicts in FILE agree with those of the project.

    FILE is a CSV table with the columns claim_id, verdict and reason, a row for each claim.
    """
    from hashrate_migration.findings import claim_readers

    found = claim_readers.agreement(second)
    for row in found.table.itertuples():
        if row.first_verdict != row.second_verdict:
            click.echo(f"{row.claim_id}: {row.first_verdict} / {row.second_verdict}  {row.claim}")
            click.echo(f"    {row.second_reason}")
    click.echo(
        f"{found.same} of {found.claims} verdicts agree ({found.share_pct:.0f} percent, "
        f"kappa {found.kappa:.2f})"
    )


_NOT_TO_BE_HAD = (errno.EACCES, errno.EPERM, errno.EROFS, errno.ENOSPC, errno.EDQUOT)
"""Errors of a file or folder that only its owner can mend."""


def main() -> None:
    """Run the command line; a user's mistake is one sentence and exit status 2."""
    # Figures are drawn by kernels, which have folders of their own: no word about this process's.
    logging.getLogger("matplotlib").setLevel(logging.ERROR)
    for stream in (sys.stdout, sys.stderr):
        # A terminal that does not know a letter shows its number.
        stream.reconfigure(errors="backslashreplace")  # type: ignore[union-attr]
    try:
        cli()
    except InputError as error:
        click.echo(f"hashrate-migration: {error}", err=True)
    except ModuleNotFoundError as error:
        if not error.name or error.name.startswith("hashrate_migration"):
            raise  # no package that could be installed
        extra = "fit" if error.name.partition(".")[0] in _SAMPLER else "reports"
        click.echo(_NEEDS.format(name=error.name, extra=extra), err=True)
    except OSError as error:
        if error.errno not in _NOT_TO_BE_HAD:
            raise
        where = error.filename or "what is written to"
        click.echo(
            f"hashrate-migration: {where}: cannot be used ({error.strerror}); "
            "choose another file or folder.",
            err=True,
        )
    else:
        return
    sys.exit(2)


if __name__ == "__main__":
    main()
