"""The documents agree with the code and with each other: rules, links, and the files that they name."""

import builtins
import os
import re
import unicodedata
from collections.abc import Iterator
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[1]
RULES = "docs/rules.md"
_TEXT = {".py", ".toml", ".md", ".cfg", ".csv", ".j2", ".html", ".service", ".timer"}
_MADE = {"build", "dist", "demo-output", "__pycache__"}

_CITATION = re.compile(r"\brules\.md#([\w-]+)")
_ANCHOR = re.compile(r'<a id="([^"]+)"></a>')
_RULE = re.compile(r'^<a id="([a-z0-9-]+)"></a>\n\n### .+\n\n((?:(?!<a id=|## ).*\n)*)', re.MULTILINE)
_BACKGROUND = "*Background.*"

_RFI = re.compile(r"\bRFI (\d+(?:,\s+\d+)*(?:,?\s+and\s+\d+)?)")
_REGULATION = re.compile(r"\b4[25] CFR (\d+\.\d+)")
_OPERATING_RULE = re.compile(r"\bCORE (\d{3})\b")

_FENCED = re.compile(r"^(`{3,}|~{3,}).*?^\1`*$", re.MULTILINE | re.DOTALL)
_CODE_SPAN = re.compile(r"(`+)(?!`)(.+?)(?<!`)\1(?!`)", re.DOTALL)
_LINK = re.compile(r"\[(?:[^\[\]]|\[[^\]]*\])*\]\(([^()\s]+)\)")
_HEADING = re.compile(r"^#{1,6} (.+?) *#*$", re.MULTILINE)

# Planning documents that the repository does not have, as "NAME 3.1", "NAME.md" or `NAME`; and issues of the tracker.
_ELSEWHERE = re.compile(
    r"\b(?:DESIGN|DOMAIN|CAPABILITIES|STYLE|ROOMS|ENGLISH|PAYERS-AND-RULES)(?:\.md\b|,? §?\d|`)"
    r"|(?<!pyx12 )\b[Ii]ssue #?\d"
)

_PYTHON_FILE = re.compile(r"(?<![\w./*-])[\w./*-]*[\w*]\.py\b")
_DATA_FILE = re.compile(r"(?<![\w./*-])[\w-]+/[\w./*-]+\.(?:toml|csv|md)\b")
_FOLDER = re.compile(r"(?:[a-z_]+/)+|[a-z_]+(?:/[a-z_]+)+")
_DOTTED = re.compile(r"(?:[a-z0-9_]+/)*[a-z0-9_]+(?:\.\w+)+")


def tracked_files() -> dict[str, Path]:
    """Every file of the repository by its path, without what is hidden or made by a build."""
    found = {}
    for folder, folders, names in os.walk(ROOT):
        folders[:] = sorted(
            name
            for name in folders
            if name not in _MADE and not name.startswith(".") and not name.endswith(".egg-info")
        )
        for name in names:
            path = Path(folder) / name
            found[path.relative_to(ROOT).as_posix()] = path
    return found


FILES = tracked_files()
TEXTS = {name: path.read_text(encoding="utf-8") for name, path in FILES.items() if path.suffix in _TEXT}
PAGES = sorted(name for name in TEXTS if name.endswith(".md"))
CODE = {name: text for name, text in TEXTS.items() if not name.endswith(".md")}
ANCHORS = _ANCHOR.findall(TEXTS[RULES])


def where(pattern: re.Pattern[str], name: str) -> Iterator[tuple[str, str]]:
    """Each hit of a pattern in a file, with its place as `file:line`."""
    for hit in pattern.finditer(TEXTS[name]):
        yield f"{name}:{TEXTS[name].count(chr(10), 0, hit.start()) + 1}", hit[hit.re.groups and 1]


def slug(heading: str) -> str:
    """The anchor that GitHub and MkDocs give a heading."""
    plain = re.sub(r"\[([^\]]*)\]\([^)]*\)|[`*]", r"\1", heading)
    kept = "".join(c for c in plain.lower() if c in " -_" or unicodedata.category(c)[0] in "LN")
    return kept.strip().replace(" ", "-")


def anchors_of(text: str) -> set[str]:
    """Every anchor of a page: those of its headings, with -1, -2 where one comes again, and explicit ones."""
    prose = _FENCED.sub("", text)
    found = set(_ANCHOR.findall(prose))
    seen: dict[str, int] = {}
    for heading in _HEADING.findall(prose):
        anchor = slug(heading)
        found.add(f"{anchor}-{seen[anchor]}" if anchor in seen else anchor)
        seen[anchor] = seen.get(anchor, 0) + 1
    return found


def broken_links(name: str, text: str) -> list[str]:
    """The relative links of a page that lead to no file of the repository, or to no anchor of a page."""
    broken = []
    for target in _LINK.findall(_CODE_SPAN.sub("", _FENCED.sub("", text))):
        if re.match(r"[a-z]+:", target):
            continue
        path, _, anchor = target.partition("#")
        page = os.path.normpath(Path(name).parent / path) if path else name
        content = text if page == name else TEXTS.get(page)
        is_there = page in FILES or page == name or (ROOT / page).is_dir()
        if not is_there or (anchor and anchor not in anchors_of(content or "")):
            broken.append(f"{name}: {target}")
    return broken


def is_file_of_ours(told: str) -> bool:
    """True for the path of a file or the end of one, such as `posting.py`; a * stands for anything."""
    pattern = re.compile("(?:.*/)?" + re.escape(told.removeprefix("./")).replace(r"\*", "[^/]*"))
    return any(pattern.fullmatch(name) for name in FILES)


def missing_names(text: str) -> list[str]:
    """The folders (`edi/rules`) and names of a module (`night.Night.stage`) in a text that the repository does not have."""
    folders = {f"/{parent}" for path in FILES for parent in Path(path).parents}
    missing = []
    for _, span in _CODE_SPAN.findall(_FENCED.sub("", text)):
        if _FOLDER.fullmatch(span):
            exists = any(folder.endswith(f"/{span.rstrip('/')}") for folder in folders)
        elif _DOTTED.fullmatch(span) and Path(span).suffix not in _TEXT:
            module, *names = span.split(".")
            sources = [source for path, source in CODE.items() if f"/{path}".endswith(f"/{module}.py")]
            exists = any(all(re.search(rf"\b{each}\b", source) for each in names) for source in sources)
            exists = exists or hasattr(builtins, module)
        else:
            continue
        if not exists:
            missing.append(span)
    return missing


def numbers(pattern: re.Pattern[str], text: str) -> set[str]:
    """The numbers of the public sources that a text cites."""
    return {number for hit in pattern.findall(text) for number in re.findall(r"\d+(?:\.\d+)?", hit)}


def test_every_anchor_of_the_rules_is_unique_and_belongs_to_a_section():
    assert sorted(ANCHORS) == sorted(set(ANCHORS))
    assert [anchor for anchor, _ in _RULE.findall(TEXTS[RULES])] == ANCHORS
    assert len(ANCHORS) > 40


def test_every_citation_of_a_rule_has_its_anchor():
    broken = [
        f"{place} cites {anchor}" for name in TEXTS for place, anchor in where(_CITATION, name) if anchor not in ANCHORS
    ]
    assert broken == []


@pytest.mark.parametrize(("anchor", "section"), _RULE.findall(TEXTS[RULES]), ids=ANCHORS)
def test_a_rule_is_cited_by_code_or_is_marked_as_background(anchor, section):
    cited = any(anchor in _CITATION.findall(text) for text in CODE.values())
    assert cited != section.startswith(_BACKGROUND)


@pytest.mark.parametrize("pattern", [_RFI, _REGULATION, _OPERATING_RULE], ids=["RFI", "CFR", "CORE"])
def test_a_public_source_that_code_cites_is_in_the_rules(pattern):
    known = numbers(pattern, TEXTS[RULES])
    assert known
    cited = {number: name for name, text in TEXTS.items() for number in numbers(pattern, text)}
    assert {number: name for number, name in cited.items() if number not in known} == {}


def test_nothing_cites_a_document_that_the_repository_does_not_have():
    assert [place for name in TEXTS for place, _ in where(_ELSEWHERE, name)] == []


@pytest.mark.parametrize(
    "text", ["see " + "DESIGN" + " 6", "(" + "DOMAIN" + " 3.10)", "DOMAIN" + ".md", "as " + "issue" + " 16 asks"]
)
def test_a_citation_of_a_missing_document_would_be_found(text):
    assert _ELSEWHERE.search(text)


@pytest.mark.parametrize("name", PAGES)
def test_every_relative_link_resolves(name):
    assert broken_links(name, TEXTS[name]) == []


def test_a_broken_link_would_be_found():
    unknown = f"{Path(RULES).name}#" + "none"
    text = f"# One\n\n[a](#one) [b](#two) [c](rules.md#reversals) [d]({unknown}) [e](none.md) `[f](#code)`\n"

    broken = broken_links("docs/page.md", text)

    assert [each.partition(": ")[2] for each in broken] == ["#two", unknown, "none.md"]


@pytest.mark.parametrize("name", [name for name in PAGES if name != "CHANGELOG.md"])
def test_every_file_that_a_page_names_exists(name):
    tops = {path.partition("/")[0] for path in FILES if "/" in path}
    told = set(_PYTHON_FILE.findall(TEXTS[name]))
    told |= {path for path in _DATA_FILE.findall(TEXTS[name]) if path.partition("/")[0] in tops}
    assert sorted(path for path in told if not is_file_of_ours(path)) == []


def test_every_folder_and_name_in_architecture_exists():
    assert missing_names(TEXTS["ARCHITECTURE.md"]) == []


def test_a_missing_file_folder_or_name_would_be_found():
    assert not is_file_of_ours("reconciliation/nowhere.py")
    assert missing_names("`edi/` `edi/rules` `nowhere/rules` `tokens.scan` `tokens.nowhere` `nowhere.scan` `str.split`") == [
        "nowhere/rules", "tokens.nowhere", "nowhere.scan"
    ]  # fmt: skip
