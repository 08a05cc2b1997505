"""The prose lint: the words and sentences of this repository are plain US English in the field's own terms.

`python -m claimloop.tests.prose` counts the violations of every file that is read; with paths, it lists each one of them.
test_prose.py holds what `LINTED` names to zero. A line with `prose: allow WORD` in a comment may use that word.
"""

import ast
import io
import re
import sys
import tokenize
import tomllib
from collections import Counter
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import NamedTuple

ROOT = Path(__file__).resolve().parents[1]

LINTED = (
    "README.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "CHANGELOG.md", "docs", "cli.py", "commands", "edi", "parsers",
    "builders", "benchmarks", "simulation", "samples", "reconciliation",
)  # fmt: skip
"""Files and folders that are clean and must stay so. Add a folder as soon as the command lists nothing for it."""

READ = (
    "README.md", "CHANGELOG.md", "CONTRIBUTING.md", "ARCHITECTURE.md", "docs", "edi", "builders", "parsers",
    "reconciliation", "simulation", "samples", "cli.py", "cli", "commands", "workbench", "scrub",
)  # fmt: skip
"""What the command reads; what does not exist is left out."""

MOST_WORDS = 25
"""Of a message, and of each sentence of a hint or reason."""

_CATALOGUE = "catalogue.toml"
_LONGEST_QUOTE = 80


class Rule(NamedTuple):
    """A pattern that our prose avoids, and what to write."""

    pattern: re.Pattern[str]
    instead: str


class Passage(NamedTuple):
    """A piece of prose, and the line where it begins."""

    line: int
    text: str


class Violation(NamedTuple):
    """`found` is the word or the sentence, `instead` what to write or what is wrong with it."""

    path: str
    line: int
    found: str
    instead: str

    def __str__(self) -> str:
        return f"{self.path}:{self.line}: {self.found!r}: {self.instead}"


def _rules(table: str) -> tuple[Rule, ...]:
    """Read a table of lines `pattern => what to write`. Case is ignored, except where a pattern names its letters."""
    rules = []
    for line in filter(None, map(str.strip, table.splitlines())):
        pattern, _, instead = line.partition(" => ")
        flags = re.RegexFlag(0) if pattern.startswith("[") else re.IGNORECASE
        rules.append(Rule(re.compile(rf"\b(?:{pattern})\b", flags), instead))
    return tuple(rules)


WORDS = _rules(
    r"""
    (?<!here )(?:is|are|was|were) no (?!longer|more|less|fewer|later|earlier|sooner|better|worse|different|greater|matter)\w+ => is not a valid …, or: is not a …
    (?:has|have) not (?:a|an|any|one|two|three|four|five|six|seven|eight|nine|ten|eleven|twelve|\d+) => must have …, or: does not have …
    (?:is|are) none of => is not one of …
    tells? of => reports, shows, contains
    told of => reported
    (?:is|was|are) said (?:of|about) => describe, report
    says? of => reports about, or delete
    (?:stands?|stood) (?:in(?! for)|at|on|under|behind|beside|outside|among|between|above|below|alone|here|before|after) => is, appears, remains, is in effect
    behind (?:it|them|its|their|this|that|the|a|an|each|every|another) => after (in time or order)
    (?:comes?|came) to (?:\d+|less|more|nothing|zero|the (?:charge|sum|amount|same)|its charge) => totals, adds up to
    (?:comes?|came) (?:twice|again) => appears, is repeated
    (?:by a person|for a person to) => staff, a user, or: manual
    persons => people, patients, or name the actor
    (?:somebody|nobody|whoever|whatever) => name the actor, or: anything that
    (?:somebody|nobody)'s => name the actor
    [Hh]e => the payer, provider, or organization is "it"; a patient is "they"
    [Hh]im => it, them
    [Hh]is => its, their
    [Hh]imself => itself, themselves
    small letters => lowercase
    capitals => uppercase letters
    capital letters? => uppercase letters
    (?:the|its|other|usual|own|these|those) signs => delimiters, characters
    anew => again
    once more => again
    for ever => permanently
    (?:taken|takes|took) in(?! (?:order|place|account|turn|full|part|the|a|one)) => received, imported
    turn(?:ed|s)? away => rejected
    (?:put|puts|putting) away => archived
    (?:passed|passes) over => skipped
    (?:laid|lays) over => overrides
    mend(?:s|ed|ing)? => fix
    dear(?:er|est) => slower, costlier
    (?:gone|goes|went) on with => resumed, continued
    refusals? => denial (by a payer), rejection (by a front end), or a held encounter
    payers? (?:has |have |had )?refuse[sd]? => denied
    (?:a|the|each|every|its|one) sending(?! (?:of|a|an|the|system|program|side)) => submission
    sendings => submissions
    provider money => provider-level adjustment
    money at large => provider-level adjustment
    payers at large => provider-level adjustment
    what waits => work list
    by hand => manual entry, manually
    held because => hold reason
    decid(?:e|es|ed|ing) about => adjudicated
    all the same => still, anyway
    at hand => available, installed
    (?:guide|standard|payer|receiver|ISA) wants => requires
    """
)
"""Words to replace, and words that the glossary replaces, which are certain wherever they occur here."""

SPELLING = _rules(
    r"""
    \w*organis(?:e|es|ed|ing|er|ers|ation|ations|ational) => organiz-
    \w*recognis(?:e|es|ed|ing|able) => recogniz-
    \w*(?:normalis|authoris|initialis|serialis|minimis|maximis|summaris|categoris|standardis|hospitalis|immunis)\w+ => -ize
    \w*(?:itemis|finalis|utilis|optimis|capitalis|prioritis|synchronis|customis|specialis)(?:e|es|ed|ing|ation|er) => -ize
    emphasis(?:e|es|ed|ing) => emphasize
    analyse(?:d|r|rs)? => analyze
    analysing => analyzing
    licences? => license
    behaviours? => behavior
    colour(?:s|ed|ing|ful)? => color
    cheques? => check
    centre(?:s|d)? => center
    favour(?:s|ed|ing|ite|able)? => favor
    honour(?:s|ed|ing)? => honor
    neighbour(?:s|ing|hood)? => neighbor
    labour(?:s|ed)? => labor
    (?:un)?labell(?:ed|ing) => labeled, labeling
    cancell(?:ed|ing) => canceled, canceling
    modell(?:ed|ing) => modeled, modeling
    travell(?:ed|ing|er|ers) => travel-
    signall(?:ed|ing) => signal-
    total(?:led|ling) => totaled, totaling
    fulfil(?:s|ment)? => fulfill
    enrol(?:s|ment)? => enroll
    instalments? => installment
    whilst => while
    amongst => among
    defence => defense
    offence => offense
    practis(?:e|es|ed|ing) => practice
    programmes? => program
    per cent => percent
    (?:mis)?spelt => spelled
    learnt => learned
    artefacts? => artifact
    enquir(?:y|ies|e|es|ed) => inquiry
    ageing => aging
    cosy => cozy
    judgement => judgment
    """
)
"""British forms of words that this field uses."""


# Reading prose out of files.


def passages(path: Path) -> Iterator[Passage]:
    """The prose of a file: comments, docstrings and texts of Python, paragraphs of Markdown, lines of a table."""
    text = path.read_text(encoding="utf-8")
    if path.suffix == ".py":
        yield from _of_python(text)
    elif path.suffix == ".md":
        yield from _of_markdown(text)
    elif path.suffix in (".toml", ".csv", ".html"):
        yield from (Passage(number, line) for number, line in enumerate(text.splitlines(), start=1))


def _of_python(text: str) -> Iterator[Passage]:
    """Comments, those of consecutive lines as one; and strings with a blank in them, concatenated ones as one."""
    comments: list[tuple[int, str]] = []
    for token in tokenize.generate_tokens(io.StringIO(text).readline):
        if token.type == tokenize.COMMENT:
            if comments and token.start[0] != comments[-1][0] + 1:
                yield _joined(comments)
                comments = []
            comments.append((token.start[0], token.string.lstrip("#: ")))
    if comments:
        yield _joined(comments)
    tree = ast.parse(text)
    parts = {id(part) for node in ast.walk(tree) if isinstance(node, ast.JoinedStr) for part in node.values}
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            whole = "".join(str(part.value) if isinstance(part, ast.Constant) else "{}" for part in node.values)
            yield Passage(node.lineno, whole)
        elif isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in parts:
            yield from [Passage(node.lineno, node.value)] if " " in node.value else []


def _joined(lines: list[tuple[int, str]]) -> Passage:
    return Passage(lines[0][0], "\n".join(text for _, text in lines))


def _of_markdown(text: str) -> Iterator[Passage]:
    """Paragraphs. Fenced code is left out: it is the output of programs, whose texts are read where they are made."""
    fenced, paragraph, begins = False, "", 0
    for number, line in enumerate((*text.splitlines(), ""), start=1):
        if line.lstrip().startswith(("```", "~~~")):
            fenced = not fenced
        elif not fenced and line.strip():
            begins = begins if paragraph else number
            paragraph += line + "\n"
            continue
        if paragraph:
            yield Passage(begins, paragraph)
            paragraph = ""


# Judging it.

_CODE = re.compile(r"``.*?``|`[^`]*`", re.DOTALL)
_QUOTED = re.compile(rf'"[^"\n]{{1,{_LONGEST_QUOTE}}}"|“[^”]*”')
_ALLOWED = re.compile(r"prose: allow ([^\n>-]+)")
_SENTENCE_END = re.compile(r"(?<=[.!?])\s+(?=[A-Z0-9`])")


def violations(path: Path, root: Path = ROOT) -> list[Violation]:
    """Everything that the lint finds in a file."""
    name = path.relative_to(root).as_posix()
    lines = path.read_text(encoding="utf-8").splitlines()
    found = []
    for passage in passages(path):
        for line, word, instead in _words_of(passage, quotes=path.suffix in (".py", ".md")):
            if word.lower() not in _allowed(lines[line - 1 : line]):
                found.append(Violation(name, line, word, instead))
    if path.name == _CATALOGUE:
        found += [Violation(name, 0, *each) for each in sentences_of_catalogue(path.read_text(encoding="utf-8"))]
    return found


def _words_of(passage: Passage, *, quotes: bool) -> Iterator[tuple[int, str, str]]:
    """The line, word and replacement of each pattern in a passage; code and quoted terms are blanked first."""
    text = _CODE.sub(_blank, passage.text)
    if quotes:
        text = _QUOTED.sub(_blank, text)
    flat = re.sub(r"\s", " ", text)  # a pattern may cross the end of a line; positions stay
    for rule in (*WORDS, *SPELLING):
        for match in rule.pattern.finditer(flat):
            yield passage.line + text.count("\n", 0, match.start()), match[0], rule.instead


def _blank(code: re.Match[str]) -> str:
    return re.sub(r"[^\n]", "\0", code[0])


def _allowed(lines: list[str]) -> set[str]:
    return {word.strip().lower() for line in lines for found in _ALLOWED.findall(line) for word in found.split(",")}


def sentences_of_catalogue(text: str) -> Iterator[tuple[str, str]]:
    """What is wrong with the sentences of the findings: their length, their punctuation."""
    for code, entry in tomllib.loads(text).items():
        message = entry["message"]
        if (words := _count(message)) > MOST_WORDS:
            yield f"{code} message", f"at most {MOST_WORDS} words, not {words}"
        if message.count(";") > 1 or message.endswith((".", ":")):
            yield f"{code} message", "one fact on one line, without a chain of semicolons or a period at its end"
        if re.match(r"[A-Z][a-z]|(?:[Tt]he|[Tt]his element) ", message):
            yield f"{code} message", "begins with the field's term: no capital, no article"
        for part in ("why", "hint"):
            yield from ((f"{code} {part}", problem) for problem in _sentence_problems(entry.get(part, "")))


def _sentence_problems(text: str) -> Iterator[str]:
    if not text:
        return
    if ";" in _CODE.sub("", text).replace(": ; ?", ""):  # the X12 character set has a semicolon
        yield "no semicolons: one idea a sentence"
    if not text.endswith("."):
        yield "ends with a period"
    if text[0].islower() and not re.match(r"pyx12\b", text):
        yield "begins with an uppercase letter"
    for sentence in _SENTENCE_END.split(text):
        if (words := _count(sentence)) > MOST_WORDS:
            yield f"at most {MOST_WORDS} words a sentence, not {words}: {sentence}"


def _count(text: str) -> int:
    """The words of a text; a sign alone is none."""
    return sum(any(character.isalnum() for character in word) for word in text.split())


# The files.


def files(names: Iterable[str], root: Path = ROOT) -> list[Path]:
    """The files below these files and folders that have prose."""
    found: set[Path] = set()
    for name in names:
        place = root / name
        found |= {place} if place.is_file() else set(place.rglob("*"))
    suffixes = (".py", ".md", ".toml", ".csv", ".html")
    return sorted(path for path in found if path.suffix in suffixes and "__pycache__" not in path.parts)


def main(names: list[str]) -> int:
    """Count the violations of every file, or list those of the files and folders that are named."""
    found = [each for path in files(names or READ) for each in violations(path)]
    if names:
        print("\n".join(map(str, found)))
    else:
        for path, count in sorted(Counter(each.path for each in found).items()):
            print(f"{count:6} {path}")
    print(f"{len(found):6} in all")
    return bool(found)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
