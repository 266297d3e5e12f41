"""Does a real LaTeX set every example's article? python tests/benchmarks/latex.py [pdflatex|xelatex|lualatex]

Needs texlive-latex-base, texlive-latex-recommended and lmodern. Prints a line per example, solved and with blanks, and what is
overfull; exit 1 if one does not compile.
"""

from __future__ import annotations

import subprocess
import sys
import tempfile
from pathlib import Path

from backprop import example, trace
from backprop.export.latex import to_tex
from backprop.lessons.examples import EXAMPLES


def main() -> int:
    latex = sys.argv[1] if len(sys.argv) > 1 else "pdflatex"
    failed = 0
    for name in EXAMPLES:
        for blanks in ((), ("backward", "update")):
            with tempfile.TemporaryDirectory() as folder:
                Path(folder, "sheet.tex").write_text(
                    to_tex(trace(example(name)), name, blanks=blanks), encoding="utf-8"
                )
                command = [latex, "-interaction=nonstopmode", "-halt-on-error", "-no-shell-escape", "sheet.tex"]
                came = subprocess.run(
                    command, cwd=folder, capture_output=True, text=True, errors="replace", check=False
                )
            failed += came.returncode != 0
            overfull = came.stdout.count("Overfull")
            print(
                f"{name:22s}{'with blanks' if blanks else 'solved':12s} exit {came.returncode}, {overfull} lines overfull"
            )
    return int(failed > 0)


if __name__ == "__main__":
    sys.exit(main())
