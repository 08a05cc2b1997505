"""The documentation site: every page is in its navigation, its links work there, and it loads nothing from elsewhere."""

import re
from pathlib import Path

import pytest

from claimloop.docs.tools import commands_page

ROOT = Path(__file__).resolve().parents[1]
_ENTRY = re.compile(r"([\w./-]+\.md)$")


def navigation() -> list[str]:
    """The pages of the navigation; each entry ends with its page."""
    text = (ROOT / "mkdocs.yml").read_text(encoding="utf-8").partition("\nnav:\n")[2]
    return [found[1] for line in text.splitlines() if (found := _ENTRY.search(line))]


def test_every_page_is_in_the_navigation_once():
    outside = ["architecture.md", "contributing.md", "changelog.md", "samples.md"]
    pages = [path.relative_to(ROOT / "docs").as_posix() for path in (ROOT / "docs").rglob("*.md")]

    assert sorted(navigation()) == sorted(pages + outside)


def test_the_page_of_the_commands_is_up_to_date():
    assert commands_page.page() == (ROOT / "docs/commands.md").read_text(encoding="utf-8"), "run `make docs`"


def test_the_page_of_the_commands_has_every_command_with_its_options():
    text = commands_page.page()

    assert {"## build", "## nightly", "### enter transfer", "### simulate payer"} <= set(text.splitlines())
    assert "`--as-of" in text.partition("\n## worklist\n")[2].partition("\n## ")[0]


# With MkDocs, which `make check` installs and builds the site with.


@pytest.mark.parametrize(
    ("name", "text", "found"),
    [
        ("a.html", '<script src="https://cdn.example/x.js"></script>', ["https://cdn.example/x.js"]),
        ("a.html", '<link rel="stylesheet" href="//cdn.example/x.css">', ["//cdn.example/x.css"]),
        ("a.html", '<img src="HTTP://cdn.example/x.png">', ["HTTP://cdn.example/x.png"]),
        ("a.html", '<p style="background: url(https://cdn.example/x.png)">', ["https://cdn.example/x.png"]),
        ("a.css", "@import 'https://cdn.example/x.css'; a { src: url(//cdn.example/f) }",
         ["https://cdn.example/x.css", "//cdn.example/f"]),
        ("a.html", '<a href="https://example.org">a link</a><link rel="canonical" href="https://example.org">', []),
        ("a.html", '<script src="../assets/x.js"></script><img src="x.png">', []),
    ],
)  # fmt: skip
def test_what_a_page_loads_from_another_machine_is_found(name, text, found):
    pytest.importorskip("mkdocs", reason="make check installs it")
    from claimloop.docs.tools.site import loads_of

    assert loads_of(name, text) == found


def test_links_work_on_the_site_as_on_github(tmp_path):
    pytest.importorskip("mkdocs", reason="make check installs it")
    from mkdocs.config import load_config
    from mkdocs.structure.files import File, Files
    from mkdocs.structure.pages import Page

    from claimloop.docs.tools import site

    config = load_config(str(ROOT / "mkdocs.yml"))
    uris = ("start/index.md", "rules.md", "architecture.md", "samples.md")
    files = Files([File(uri, str(ROOT / "docs"), str(tmp_path), use_directory_urls=False) for uri in uris])
    page = Page(None, files.get_file_from_path("start/index.md"), config)
    text = (
        "[rules](../rules.md#reversals) [map](../../ARCHITECTURE.md) [code](../../edi/money.py) [up](#top) "
        "[out](https://example.org) [gone](../nowhere.md)\n```\n[code](../../edi/money.py)\n```\n"
    )

    assert site.on_page_markdown(text, page, config, files) == (
        "[rules](../rules.md#reversals) [map](../architecture.md) code [up](#top) "
        "[out](https://example.org) [gone](../nowhere.md)\n```\n[code](../../edi/money.py)\n```\n"
    )
