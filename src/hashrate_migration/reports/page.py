"""An executed notebook as a page, with its figures and tables as files beside it."""

from __future__ import annotations

import base64
import io
import itertools
import json
import re
import shutil
from collections.abc import Mapping
from html import escape, unescape
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import nbformat
from nbconvert import HTMLExporter
from nbconvert.filters.markdown_mistune import IPythonRenderer, MarkdownWithMath
from nbconvert.preprocessors import Preprocessor
from nbformat import NotebookNode
from PIL import Image, UnidentifiedImageError
from traitlets.config import Config

from hashrate_migration.reports import files
from hashrate_migration.reports.catalogue import Report
from hashrate_migration.reports.parameters import declared
from hashrate_migration.tables import locks

_THUMBNAIL_PX = 640
_PAGE_DPI = 96


_NAME = re.compile(r"[a-z0-9]+(-[a-z0-9]+)*")
_NEEDED = {"figure": ("image/svg+xml", "image/png"), "table": ("text/html", "text/csv")}


_SAFE_SCHEMES = {"", "http", "https", "mailto"}


class _Renderer(IPythonRenderer):
    """Markdown to HTML; an address that could run something is no link."""

    def link(self, text: str, url: str, title: str | None = None) -> str:
        """See :class:`mistune.HTMLRenderer`."""
        # A browser passes over blanks and control characters in a scheme.
        scheme = re.sub(r"[\x00-\x20]", "", urlsplit(unescape(url)).scheme or url.partition(":")[0])
        if ":" in url and scheme.lower() not in _SAFE_SCHEMES:
            return text
        return str(super().link(text, url, title))


class OutputError(ValueError):
    """A notebook shows something that no page can be made of."""


def _checked(about: dict[str, Any], data: dict[str, str], taken: set[str]) -> dict[str, Any]:
    kind, name = about.get("kind"), str(about.get("name"))
    if kind not in _NEEDED:
        raise OutputError(f"output {name!r} is a {kind!r}; pages know: {', '.join(_NEEDED)}")
    if not _NAME.fullmatch(name):
        raise OutputError(f"{kind} {name!r}: a name has small letters, digits and single hyphens")
    if f"{kind} {name}" in taken:
        raise OutputError(f"{kind} {name!r} is shown twice; each needs a name of its own")
    if missing := [mime for mime in _NEEDED[kind] if mime not in data]:
        raise OutputError(f"{kind} {name!r} lacks {', '.join(missing)}")
    taken.add(f"{kind} {name}")
    return about


class Artefacts(Preprocessor):
    """Number figures and tables and take out their files.

    Fills ``resources["files"]`` (path to bytes), ``resources["figures"]`` and
    ``resources["tables"]``, and gives each output the number and paths that the template shows.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """See :class:`nbconvert.preprocessors.Preprocessor`."""
        written: dict[str, bytes] = {}
        shown: dict[str, list[dict[str, Any]]] = {"figure": [], "table": []}
        taken: set[str] = set()
        for cell in nb.cells:
            for output in cell.get("outputs", []):
                about = output.get("metadata", {}).get("hashrate_migration")
                if about is None or about.get("kind") == "caption":
                    continue
                about = _checked(about, output.data, taken)
                item = dict(about, number=len(shown[about["kind"]]) + 1)
                if about["kind"] == "figure":
                    item |= self._figure(output.data, about["name"], written)
                else:
                    item["csv"] = f"tables/{about['name']}.csv"
                    written[item["csv"]] = output.data["text/csv"].encode()
                shown[about["kind"]].append(item)
                output.metadata["shown"] = NotebookNode(item)
        resources.update(files=written, figures=shown["figure"], tables=shown["table"])
        return nb, resources

    @staticmethod
    def _figure(data: dict[str, str], name: str, written: dict[str, bytes]) -> dict[str, Any]:
        png = base64.b64decode(data["image/png"])
        try:
            with Image.open(io.BytesIO(png)) as picture:
                width, height = picture.size
                dpi = picture.info.get("dpi", (2 * _PAGE_DPI,))[0]
        except UnidentifiedImageError:
            raise OutputError(f"figure {name!r}: its PNG is no picture") from None
        paths = {"svg": f"figures/{name}.svg", "png": f"figures/{name}.png"}
        written[paths["svg"]] = data["image/svg+xml"].encode()
        written[paths["png"]] = png
        scale = _PAGE_DPI / dpi
        return {**paths, "width": round(width * scale), "height": round(height * scale)}


class Title(Preprocessor):
    """Take out the notebook's own title: the page has that of the report."""

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """See :class:`nbconvert.preprocessors.Preprocessor`."""
        if nb.cells and nb.cells[0].cell_type == "markdown":
            nb.cells[0].source = re.sub(r"\A# .*\n?", "", nb.cells[0].source)
        return nb, resources


class Prose(Preprocessor):
    """Turn markdown into HTML and list its headings in ``resources["contents"]``.

    Done before the template runs, as the contents stand above the text, and each place that they
    lead to needs an id of its own.
    """

    def preprocess(
        self, nb: NotebookNode, resources: dict[str, Any]
    ) -> tuple[NotebookNode, dict[str, Any]]:
        """See :class:`nbconvert.preprocessors.Preprocessor`."""
        contents: list[dict[str, str]] = []
        ids = {"text", "provenance", "provenance-title", "code-button"}

        def heading(match: re.Match[str]) -> str:
            level, text = match[1], match[2]
            # As Jupyter makes them, so that links within a notebook hold on the page.
            stem = unescape(re.sub(r"<[^>]*>", "", text)).strip().replace(" ", "-") or "section"
            place = next(
                place
                for n in itertools.count(1)
                if (place := f"{stem}-{n}" if n > 1 else stem) not in ids
            )
            ids.add(place)
            if level in "23":
                # A link within a link is none.
                plain = re.sub(r"</?a\b[^>]*>", "", text)
                contents.append({"level": level, "html": plain, "id": place})
            return f'<h{level} id="{escape(place)}">{text}</h{level}>'

        def html(
            source: str, attachments: dict[str, Any] | None = None, computed: bool = False
        ) -> str:
            # A computed text may hold what stands in somebody's table: its HTML is shown, not run.
            renderer = _Renderer(
                escape=computed, attachments=attachments, exclude_anchor_links=True
            )
            text = MarkdownWithMath(renderer=renderer).render(source)
            # A link to another notebook leads to that notebook's page, once there is one: to the
            # gallery until `site.build` finds it.
            for notebook, page in resources.get("links", {}).items():
                text = text.replace(
                    f'href="{notebook}"', f'data-report="{page}" href="../index.html"'
                )
            return re.sub(r"<h([1-6])>(.*?)</h\1>", heading, text, flags=re.DOTALL)

        for cell in nb.cells:
            if cell.cell_type == "markdown":
                cell.metadata["html"] = html(cell.source, cell.get("attachments"))
            for output in cell.get("outputs", []):
                if "text/markdown" in output.get("data", {}):
                    output.metadata["html"] = html(output.data["text/markdown"], computed=True)
        resources["contents"] = contents
        return nb, resources


def build(
    report: Report,
    executed: NotebookNode,
    template: Path,
    folder: Path,
    links: Mapping[str, str] | None = None,
    provenance: Mapping[str, Any] | None = None,
) -> None:
    """Write the page of a report and everything beside it.

    Parameters
    ----------
    report : Report
        With all its parameters.
    executed : NotebookNode
        Its executed notebook.
    template : Path
        Folder of the page template.
    folder : Path
        Where the page goes. It is built beside and then put in place of an older one.
    links : mapping of str to str, optional
        File name of each notebook to the report that stands for it.
    provenance : mapping, optional
        What the run rests on, as :attr:`hashrate_migration.reports.execute.Outcome.provenance`.

    Raises
    ------
    OutputError
        If a figure or table of the notebook cannot be shown.
    """
    exporter = HTMLExporter(
        config=Config({"HTMLExporter": {"preprocessors": [Title, Prose, Artefacts]}}),
        template_name=template.name,
        extra_template_basedirs=[str(template.parent)],
    )
    help_texts = declared(report.notebook)
    html, resources = exporter.from_notebook_node(
        nbformat.from_dict(executed),
        resources={
            "report": report,
            "links": dict(links or {}),
            "parameters": [
                {"name": name, "value": value, "help": help_texts[name]["help"]}
                for name, value in report.parameters.items()
            ],
            "provenance": {"tables": [], "terms": [], "versions": {}, **(provenance or {})},
        },
    )
    with locks.alone(folder.parent):
        temporary = files.beside(folder)
        try:
            _write(report, executed, html, resources, temporary)
            files.replace_folder(temporary, folder)
        except files.NotOursError as error:
            raise OutputError(str(error)) from None
        finally:
            shutil.rmtree(temporary, ignore_errors=True)


def _write(
    report: Report,
    executed: NotebookNode,
    html: str,
    resources: dict[str, Any],
    folder: Path,
) -> None:
    """The page and everything beside it, into a new folder."""
    for path, content in resources["files"].items():
        (folder / path).parent.mkdir(parents=True, exist_ok=True)
        (folder / path).write_bytes(content)
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "index.html").write_text(html, encoding="utf-8")
    nbformat.write(executed, folder / f"{report.id}.ipynb")
    manifest = {
        "id": report.id,
        "title": report.title,
        "summary": report.summary,
        "family": report.family,
        "parameters": report.parameters,
        "figures": [figure["name"] for figure in resources["figures"]],
        "tables": [table["name"] for table in resources["tables"]],
        "thumbnail": _thumbnail(resources, folder),
    }
    made = [path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file()]
    manifest |= {"made_by": files.MAKER, "files": sorted([*made, files.MARK])}
    (folder / files.MARK).write_text(
        json.dumps(manifest, indent=2, ensure_ascii=False) + "\n", encoding="utf-8"
    )


def _thumbnail(resources: dict[str, Any], folder: Path) -> str | None:
    figures = resources["figures"]
    if not figures:
        return None
    chosen = next((figure for figure in figures if figure.get("thumbnail")), figures[0])
    with Image.open(io.BytesIO(resources["files"][chosen["png"]])) as picture:
        picture.thumbnail((_THUMBNAIL_PX, _THUMBNAIL_PX))
        picture.convert("RGB").save(folder / "thumbnail.png", optimize=True)
    return "thumbnail.png"
