"""The gallery: one card per report that has been rendered."""

from __future__ import annotations

import itertools
import re
import shutil
from pathlib import Path
from typing import Any

from jinja2 import Environment, FileSystemLoader, StrictUndefined, select_autoescape

from hashrate_migration import __version__
from hashrate_migration.errors import InputError
from hashrate_migration.reports import files
from hashrate_migration.reports.catalogue import ASSETS, Catalogue


def failed_notebook(site: Path, report_id: str) -> Path:
    """Where the notebook of a failed report is kept."""
    return site / f"{report_id}.failed.ipynb"


def _cards(catalogue: Catalogue, site: Path) -> list[dict[str, Any]]:
    cards = []
    for report in catalogue.reports:
        mark = files.made_here(site / report.id)
        failed = failed_notebook(site, report.id)
        if mark is None and not failed.is_file():
            continue
        card: dict[str, Any] = {
            "id": report.id,
            "title": report.title,
            "summary": report.summary,
            "family": report.family,
            "page": None,
            "thumbnail": None,
            "failed": failed.name if failed.is_file() else None,
        }
        if mark is not None:
            card |= mark | {"page": f"{report.id}/index.html"}
        cards.append(card)
    return cards


def write_assets(template: Path, site: Path) -> None:
    """Bring styles and scripts into the site; done first, so that no page is ever without them."""
    assets = site / ASSETS
    assets.mkdir(parents=True, exist_ok=True)
    for source in sorted((template / ASSETS).iterdir()):
        files.write(assets / source.name, source.read_bytes())


def sweep(site: Path) -> None:
    """Take out what killed renderings have left in the site and in its folders of ours."""
    files.sweep(site)
    for folder in (site / ASSETS, *_pages(site)):
        if folder.is_dir():
            files.sweep(folder)


def _pages(site: Path) -> list[Path]:
    """Folders that hold a page of ours."""
    marked = sorted(mark.parent for mark in site.glob(f"*/{files.MARK}"))
    return [folder for folder in marked if files.made_here(folder)]


_GENERATOR = f'<meta name="generator" content="{files.MAKER}">'


def check_ours(template: Path, site: Path) -> None:
    """Stop before a gallery or styles are written over something that is not ours.

    Raises
    ------
    InputError
        Naming the file in the way.
    """
    index = site / "index.html"
    ours = index.is_file() and _GENERATOR.encode() in index.read_bytes()
    in_the_way = [index] if index.exists() and not ours else []
    if not ours and not _pages(site):
        # A rendering that was killed at its very beginning has left nothing but these.
        in_the_way += [
            there
            for source in sorted((template / ASSETS).iterdir())
            if (there := site / ASSETS / source.name).exists()
            and (there.is_dir() or there.read_bytes() != source.read_bytes())
        ]
    if in_the_way:
        raise InputError(
            f"{in_the_way[0]} is no page of ours and would be written over; move it away or choose "
            "another folder with --out."
        )


def _remove_gone(catalogue: Catalogue, site: Path) -> None:
    """Take out pages of ours whose report is no longer in the catalogue, from the catalogue's own site.

    Another folder may hold pages of other catalogues, and a page to which somebody has added a file is
    no longer ours alone.
    """
    if site.resolve() != catalogue.site.resolve():
        return
    known = {report.id for report in catalogue.reports}
    for folder in _pages(site):
        if folder.name not in known and files.foreign(folder) is None:
            shutil.rmtree(folder)


def build(catalogue: Catalogue, template: Path, site: Path) -> Path:
    """Write ``index.html`` and the assets that all pages share.

    Parameters
    ----------
    catalogue : Catalogue
        Gives the order; reports not yet rendered have no card.
    template : Path
        Folder of the page template.
    site : Path
        Folder of the pages.

    Returns
    -------
    Path
        The gallery page.
    """
    write_assets(template, site)
    _remove_gone(catalogue, site)
    environment = Environment(
        loader=FileSystemLoader(template),
        autoescape=select_autoescape(["html.j2"], default=True),
        undefined=StrictUndefined,
    )
    cards = _cards(catalogue, site)
    html = environment.get_template("gallery.html.j2").render(
        single=[card for card in cards if not card["family"]],
        families={
            family: list(members)
            for family, members in itertools.groupby(
                (card for card in cards if card["family"]), key=lambda card: card["family"]
            )
        },
        version=__version__,
    )
    page = site / "index.html"
    files.write(page, html.encode("utf-8"))
    for folder in _pages(site):
        if (page_of := folder / "index.html").is_file():
            _join(page_of, site)
    return page


_LINK = re.compile(r'data-report="([a-z0-9-]+)" href="[^"]*"')


def _join(page: Path, site: Path) -> None:
    """Lead links between reports to those that have been rendered, others to the gallery."""

    def link(match: re.Match[str]) -> str:
        there = (site / match[1] / "index.html").is_file()
        target = f"../{match[1]}/index.html" if there else "../index.html"
        return f'data-report="{match[1]}" href="{target}"'

    old = page.read_text(encoding="utf-8")
    new = _LINK.sub(link, old)
    if new != old:
        files.write(page, new.encode("utf-8"))
