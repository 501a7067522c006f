"""Links between pages lead to pages and headings that are there."""

import re

from harness.pages import FENCED, pages

LINK = re.compile(r"\]\((?!https?://|mailto:)([^)#\s]*)(?:#([^)\s]*))?\)")


def anchors(file):
    """Of every heading, as the usual renderers make them."""
    headings = re.findall(r"^#+ (.*)$", FENCED.sub("", file.read_text()), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.replace("`", "").lower()).strip().replace(" ", "-") for heading in headings}


def test_every_link_leads_somewhere():
    broken = []
    for page in pages():
        for path, anchor in LINK.findall(FENCED.sub("", page.read_text())):
            target = (page.parent / path).resolve() if path else page
            if not target.exists() or (anchor and target.suffix == ".md" and anchor not in anchors(target)):
                broken.append(f"{page.name}: {path}#{anchor}")
    assert broken == []
