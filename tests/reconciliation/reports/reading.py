"""The page as its parts, read by the standard library's parser."""

from html.parser import HTMLParser
from typing import Any

_VOID = {"meta", "br", "img", "link", "input", "hr"}


class Page(HTMLParser):
    """Every tag with its attributes, the text outside of style and script, and the two themselves."""

    def __init__(self, text: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.words: list[str] = []
        self.code: dict[str, str] = {"style": "", "script": ""}
        self.left_open: list[str] = []
        self.feed(text)
        self.close()

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))
        if tag not in _VOID:
            self.left_open.append(tag)

    def handle_startendtag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_endtag(self, tag: str) -> None:
        assert self.left_open, tag
        assert self.left_open.pop() == tag

    def handle_data(self, data: str) -> None:
        inside = self.left_open[-1] if self.left_open else ""
        if inside in self.code:
            self.code[inside] += data
        else:
            self.words.append(data)

    @property
    def text(self) -> str:
        """All words, one blank between any two."""
        return " ".join(" ".join(self.words).split())

    def all(self, tag: str) -> list[dict[str, Any]]:
        """The attributes of each tag of one name."""
        return [attributes for name, attributes in self.tags if name == tag]
