"""The gallery: one card per report that has been rendered."""

from __future__ import annotations

import itertools
import json
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
        manifest = site / report.id / files.MARK
        failed = failed_notebook(site, report.id)
        if not manifest.is_file() and not failed.is_file():
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
        if manifest.is_file():
            try:
                card |= json.loads(manifest.read_text(encoding="utf-8"))
            except ValueError:
                raise InputError(f"{manifest}: damaged; render {report.id} again.") from None
            card["page"] = f"{report.id}/index.html"
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
    for folder in (site / ASSETS, *(manifest.parent for manifest in site.glob(f"*/{files.MARK}"))):
        if folder.is_dir():
            files.sweep(folder)


def _remove_gone(catalogue: Catalogue, site: Path) -> None:
    """Take out pages of ours whose report is no longer in the catalogue."""
    known = {report.id for report in catalogue.reports}
    for manifest in site.glob(f"*/{files.MARK}"):
        if manifest.parent.name not in known:
            shutil.rmtree(manifest.parent)


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
    for report in sorted(site.glob("*/index.html")):
        _join(report, site)
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
