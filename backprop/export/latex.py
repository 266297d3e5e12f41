r"""The whole iteration as a LaTeX article, to be compiled with pdflatex, xelatex, lualatex or tectonic.

Every line of the calculation is a \calc{symbol}{rule}{numbers}{value}; how it looks is said once, at the head of the file, so
that a teacher can change it. Text is a stranger's: everything that LaTeX takes for a command is written as a sign.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection, Iterable
from dataclasses import replace

from backprop.engine.steps import Cell, Trace
from backprop.explain.lines import MACROS
from backprop.explain.readings import Style
from backprop.export.sheet import Block, Section, Table, sections
from backprop.language import _
from backprop.practice.blanks import BLANKABLE

PLAIN = Style({})
PAPERS = ("a4paper", "letterpaper")

_SIGNS = {
    "\\": r"\textbackslash{}", "{": r"\{", "}": r"\}", "$": r"\$", "&": r"\&", "#": r"\#", "%": r"\%", "_": r"\_",
    "^": r"\textasciicircum{}", "~": r"\textasciitilde{}", "<": r"\textless{}", ">": r"\textgreater{}",
    "|": r"\textbar{}", '"': r"\textquotedbl{}", "`": r"\textasciigrave{}", "'": "’",
    "[": "{[}", "]": "{]}",  # no option of a command
    "−": r"\ensuremath{-}", "·": r"\ensuremath{\cdot}", "×": r"\ensuremath{\times}", "→": r"\ensuremath{\to}",
    "≈": r"\ensuremath{\approx}", "∂": r"\ensuremath{\partial}", "′": r"\ensuremath{'}", "½": r"\ensuremath{\frac12}",
    "\u00a0": "~", "\u00ad": r"\-",
    **{chr(0x2080 + digit): rf"\ensuremath{{_{digit}}}" for digit in range(10)},
    **{sign: rf"\ensuremath{{\{name}}}" for sign, name in zip("αβγδεηθλμσΔΣ", ["alpha", "beta", "gamma", "delta", "epsilon", "eta", "theta", "lambda", "mu", "sigma", "Delta", "Sigma"], strict=True)},
}  # fmt: skip
_LIGATURE = re.compile(r"([-,?!])(?=[-,?!])")


def escaped(text: str) -> str:
    """Plain text as LaTeX text on one line: no character is a command, none joins with the next."""
    signs = (
        " " if unicodedata.category(c) in ("Cc", "Zl", "Zp") else "?" if "\ud800" <= c <= "\udfff" else c for c in text
    )
    flat = _LIGATURE.sub("\\1\u200b", re.sub(r"\s+", " ", "".join(signs)).strip())
    return "".join(_SIGNS.get(c, c) for c in flat).replace("\u200b", "{}")


def to_tex(
    trace: Trace,
    title: str = "",
    style: Style = PLAIN,
    sample: int | None = None,
    blanks: Collection[str | Cell] = (),
    key: bool = False,
    phases: Collection[str] = BLANKABLE,
    paper: str = PAPERS[0],
    note: str = "",
) -> str:
    """The iteration as a complete LaTeX article.

    title   plain text, whatever it holds
    style   digits and convention; its colours by kind (hex, #0072B2) colour the factors, without them all is black
    sample, blanks, key, phases   see sheet.sections
    paper   one of PAPERS
    note    plain text for a line below the title

    Raises ValueError for a sample, a blank or a paper that there is not.
    """
    if paper not in PAPERS:
        raise ValueError(
            _("“{came}” is not a paper size; allowed are {allowed}.").format(came=paper[:40], allowed=", ".join(PAPERS))
        )
    named = {kind: f"factor-{kind}" for kind in style.colours}
    parts = sections(trace, replace(style, colours=named), sample, blanks, key, phases)
    sheet = bool(blanks) and not key
    body = "\n\n".join(["\n".join(_head(trace, title, sheet, bool(blanks) and key, note)), *map(_section, parts)])
    colours = "".join(
        rf"\definecolor{{{named[kind]}}}{{HTML}}{{{hue.lstrip('#').upper()}}}" + "\n"
        for kind, hue in style.colours.items()
    )
    commands = "".join(
        rf"\newcommand{{{name}}}{'[1]' if '#1' in text else ''}{{{text}}}" + "\n" for name, text in MACROS.items()
    )
    return "\n".join(
        [
            rf"\documentclass[10pt,{paper}]{{article}}",
            _FONTS % _fallbacks(body),
            r"\usepackage{amsmath,booktabs,graphicx,xcolor}",
            r"\usepackage[margin=18mm,bottom=20mm]{geometry}",
            colours + commands + _LOOK % ("11pt" if sheet else "6.5pt"),
            r"\begin{document}",
            body,
            "",
            r"\end{document}",
            "",
        ]
    )


_FONTS = r"""\ifdefined\XeTeXversion\else\ifdefined\directlua\else
  \usepackage[T1]{fontenc}
  \usepackage[utf8]{inputenc}
  \IfFileExists{lmodern.sty}{\usepackage{lmodern}}{}
%s\fi\fi"""
r"""XeTeX and LuaTeX read every character as it is."""

_LOOK = r"""\setlength{\parindent}{0pt}
\renewcommand{\arraystretch}{1.35}
\setlength{\lineskip}{3pt}\setlength{\lineskiplimit}{1pt}
\newlength{\calcgap}\setlength{\calcgap}{%s}
\newlength{\symbolwidth}
\newsavebox{\wide}
%% what is wider than the page is made smaller
\newcommand{\fitted}[1]{\sbox{\wide}{#1}\ifdim\wd\wide>\linewidth\resizebox{\linewidth}{!}{\usebox{\wide}}\else\usebox{\wide}\fi}
\newcommand{\piece}[1]{\fitted{$\displaystyle #1$}}
%% a block of lines, with the widest symbol, and a line: symbol, rule, numbers, value; the value stands at the right edge
\newenvironment{calculation}[1]{\settowidth{\symbolwidth}{$\displaystyle #1$}}{\par}
\newcommand{\guide}{\leaders\hbox to 8pt{\hss\tiny.\hss}\hfil}
\newcommand{\calc}[4]{\par\addvspace{\calcgap}{%%
  \relpenalty=10000 \binoppenalty=300 \tolerance=9999 \hbadness=10000 \interlinepenalty=10000
  \rightskip=0pt plus 12em \advance\leftskip by 1em \hangindent=\symbolwidth \hangafter=1
  \noindent\makebox[\symbolwidth][r]{$\displaystyle #1$}$\displaystyle\;{}#2$
  $\displaystyle\;{}#3$\unskip\nobreak\guide\penalty50\hbox{}\nobreak\guide\;$\displaystyle{}#4$%%
  \parfillskip=0pt \finalhyphendemerits=0 \par}}
\newcommand{\phase}[1]{\par\addvspace{16pt}{\large\bfseries #1\par}\nobreak\vskip2pt\hrule\nobreak}
\newcommand{\what}[1]{\par\addvspace{10pt}{\itshape #1\par}\nobreak}"""


def _fallbacks(body: str) -> str:
    """For pdfTeX, which knows only the letters of its fonts: a question mark for any other character."""
    strange = sorted({c for c in body if ord(c) > 127})
    return "".join(
        rf"  \ifcsname u8:\detokenize{{{c}}}\endcsname\else\DeclareUnicodeCharacter{{{ord(c):04X}}}{{?}}\fi" + "\n"
        for c in strange
    )


def _head(trace: Trace, title: str, sheet: bool, key: bool, note: str) -> Iterable[str]:
    """The title, and lines for name and date on a sheet that is to be filled in."""
    name = escaped(title) or escaped(_("One iteration of a neural network"))
    yield rf"{{\LARGE\bfseries\raggedright {name}\par}}"
    yield r"\vskip4pt"
    below = escaped(_("Iteration {iteration}").format(iteration=trace.iteration))
    if key:
        yield rf"{below} \hfill \textbf{{{escaped(_('Answers'))}}}\par"
    elif sheet:
        yield (
            rf"{below} \hfill {escaped(_('Name'))} \rule{{5.5cm}}{{0.4pt}} \quad {escaped(_('Date'))} \rule{{2.5cm}}{{0.4pt}}\par"
        )
    else:
        yield rf"{below}\par"
    if note:
        yield rf"{{\footnotesize\raggedright {_breakable(note)}\par}}"


def _breakable(text: str) -> str:
    """Text as LaTeX text in which words longer than a line, such as packed lessons, may break anywhere."""
    size = 40
    return " ".join(
        r"\allowbreak{}".join(escaped(word[start : start + size]) for start in range(0, len(word), size))
        for word in text.split()
    )


def _section(section: Section) -> str:
    return "\n".join([rf"\phase{{{escaped(section.heading)}}}", *map(_block, section.blocks)])


def _block(block: Block) -> str:
    out = [rf"\what{{{escaped(block.caption)}}}"]
    if block.facts:
        out.append(rf"\vskip2pt {escaped('; '.join(block.facts))}\par")
    if block.table:
        out.append(_table(block.table))
    for pieces in block.formulas:
        out.append(r"\vskip6pt{\raggedright " + "\n  ".join(rf"\piece{{{piece}}}" for piece in pieces) + r"\par}")
    if block.lines:
        widest = max((each.symbol for each in block.lines), key=len)
        out.append(rf"\begin{{calculation}}{{{widest}}}")
        out += [rf"\calc{{{each.symbol}}}{{{each.rule}}}{{{each.numbers}}}{{{each.value}}}" for each in block.lines]
        out.append(r"\end{calculation}")
    return "\n".join(out)


def _table(table: Table) -> str:
    def row(cells: Iterable[str]) -> str:
        return " & ".join(f"${cell}$" for cell in cells) + r" \\"

    return "\n".join(
        [
            r"\vskip4pt\fitted{\begin{tabular}{" + "r" * len(table.head) + "}",
            rf"\toprule {row(table.head)} \midrule",
            *map(row, table.rows),
            r"\bottomrule",
            r"\end{tabular}}\par",
        ]
    )
