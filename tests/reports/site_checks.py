"""What must hold for every page that was rendered."""

from __future__ import annotations

import csv
from pathlib import Path
from urllib.parse import unquote, urlsplit

from bs4 import BeautifulSoup
from PIL import Image


def problems(site: Path) -> list[str]:
    """Broken links, missing pictures, tracebacks and requests to other hosts, in words."""
    found = []
    for page in sorted(site.rglob("*.html")):
        soup = BeautifulSoup(page.read_text(encoding="utf-8"), "html.parser")
        name = page.relative_to(site)
        ids = [tag["id"] for tag in soup.find_all(id=True)]
        found += [f"{name}: id {i!r} stands twice" for i in {i for i in ids if ids.count(i) > 1}]
        for tag, attribute in [("a", "href"), ("img", "src"), ("link", "href"), ("script", "src")]:
            for element in soup.find_all(tag, **{attribute: True}):
                address = urlsplit(element[attribute])
                if address.scheme or address.netloc:
                    if tag != "a":
                        found.append(f"{name}: asks another host: {element[attribute]}")
                    continue
                target = page.parent / unquote(address.path) if address.path else page
                if not target.is_file():
                    found.append(f"{name}: {tag} leads nowhere: {element[attribute]}")
                if address.fragment and target == page and unquote(address.fragment) not in ids:
                    found.append(f"{name}: no such place: #{address.fragment}")
        found += [
            f"{name}: picture without alt" for i in soup.find_all("img") if "alt" not in i.attrs
        ]
        if "Traceback (most recent call last)" in soup.get_text():
            found.append(f"{name}: shows a traceback")
        if soup.html.get("lang") is None or not soup.title or not soup.title.get_text(strip=True):
            found.append(f"{name}: no language or title")
    for picture in site.rglob("*.png"):
        with Image.open(picture) as image:
            if image.convert("L").getextrema()[0] == 255:
                found.append(f"{picture.relative_to(site)}: empty picture")
    for table in site.rglob("*.csv"):
        with table.open(encoding="utf-8", newline="") as file:
            rows = list(csv.reader(file))
        if len(rows) < 2 or len({len(row) for row in rows}) != 1:
            found.append(f"{table.relative_to(site)}: not a table")
    return found
