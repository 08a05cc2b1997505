"""Hooks of MkDocs: pages from outside docs/, links that work on GitHub and on the site, and a check that it is offline.

GitHub shows the same files. A link there may lead to a source file, which the site does not have: the site keeps the
link's text alone.
"""

import re
from html.parser import HTMLParser
from pathlib import Path, PurePosixPath
from posixpath import normpath, relpath

from mkdocs.config.defaults import MkDocsConfig
from mkdocs.exceptions import PluginError
from mkdocs.structure.files import File, Files
from mkdocs.structure.pages import Page

ROOT = Path(__file__).resolve().parents[2]

OUTSIDE = {
    "ARCHITECTURE.md": "architecture.md",
    "CONTRIBUTING.md": "contributing.md",
    "CHANGELOG.md": "changelog.md",
    "samples/README.md": "samples.md",
}
"""Pages that are not in docs/, and their names on the site."""

_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)
_LINK = re.compile(r"\[(?P<text>(?:[^\[\]]|\[[^\]]*\])*)\]\((?P<target>[^()\s]+)\)")
_ELSEWHERE = re.compile(r"https?:|//", re.IGNORECASE)
_LOADED_BY_CSS = re.compile(r"""(?:url\(|@import\s)\s*["']?\s*((?:https?:)?//[^"')\s]+)""", re.IGNORECASE)
_LOADING = {"script": "src", "img": "src", "iframe": "src", "source": "src", "video": "src", "audio": "src"}
_LOADING_LINKS = {
    "stylesheet",
    "icon",
    "preload",
    "prefetch",
    "modulepreload",
    "preconnect",
    "dns-prefetch",
    "manifest",
}


def on_files(files: Files, config: MkDocsConfig) -> Files:
    """Add the pages from outside docs/."""
    for source, uri in OUTSIDE.items():
        files.append(File.generated(config, uri, abs_src_path=str(ROOT / source)))
    return files


def on_page_markdown(markdown: str, page: Page, config: MkDocsConfig, files: Files) -> str:
    """Point links at pages of the site; keep only the text of a link to a source file."""
    of_uri = {uri: source for source, uri in OUTSIDE.items()}
    here = page.file.src_uri
    source = of_uri.get(here, f"docs/{here}")
    known = {file.src_uri for file in files}

    def link(found: re.Match[str]) -> str:
        path, hash_, anchor = found["target"].partition("#")
        if not path or re.match(r"[a-z]+:", path):
            return found[0]
        target = normpath(str(PurePosixPath(source).parent / path))
        uri = OUTSIDE.get(target, target.removeprefix("docs/") if target.startswith("docs/") else "")
        if uri in known:
            return f"[{found['text']}]({relpath(uri, str(PurePosixPath(here).parent))}{hash_}{anchor})"
        return found["text"] if (ROOT / target).exists() else found[0]

    parts = []
    end = 0
    for fenced in _FENCED.finditer(markdown):
        parts += [_LINK.sub(link, markdown[end : fenced.start()]), fenced[0]]
        end = fenced.end()
    return "".join([*parts, _LINK.sub(link, markdown[end:])])


class _Loads(HTMLParser):
    """What a page loads by itself from another machine; links that a reader may follow are not among it."""

    def __init__(self) -> None:
        super().__init__()
        self.found: list[str] = []

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        cells = {name: value or "" for name, value in attrs}
        address = cells.get(_LOADING.get(tag, ""), "")
        if tag == "link" and _LOADING_LINKS & set(cells.get("rel", "").lower().split()):
            address = cells.get("href", "")
        if _ELSEWHERE.match(address):
            self.found.append(address)
        self.found += _LOADED_BY_CSS.findall(cells.get("style", ""))


def loads_of(name: str, text: str) -> list[str]:
    """Return the addresses on other machines that a built HTML page or style sheet loads."""
    if name.endswith(".css"):
        return _LOADED_BY_CSS.findall(text)
    loads = _Loads()
    loads.feed(text)
    return loads.found


def on_post_build(config: MkDocsConfig) -> None:
    """Fail where a page or a style sheet of the site loads something from another machine."""
    found = [
        f"{path.relative_to(config.site_dir)} loads {address}"
        for path in sorted(Path(config.site_dir).rglob("*"))
        if path.suffix in {".html", ".css", ".svg"}
        for address in loads_of(path.name, path.read_text(encoding="utf-8"))
    ]
    if found:
        raise PluginError("the site must work without a network:\n" + "\n".join(found))
