"""How wide a line of TeX is, in digits: enough to choose its size before KaTeX has set it."""

from __future__ import annotations

import re
from functools import lru_cache

WIDTH = 54
"""Characters of digits and signs that fit beside each other in the explanation's column on a projector."""

_COLOUR = re.compile(r"\\textcolor\{[^}]*\}")
_FRACTION = re.compile(r"\\[dt]?frac\{([^{}]*)\}\{([^{}]*)\}")
_GROUP = re.compile(r"(?<!frac)(?<!\})\{([^{}]*)\}")
_STACK = re.compile(r"\\begin\{gathered\}(.*?)\\\\(.*?)\\end\{gathered\}")
_UNSEEN = re.compile(r"\\(?!cdot)[a-zA-Z]+|[{}^_ ]")


@lru_cache(maxsize=4096)
def visible(text: str) -> int:
    """About how many characters wide a text is: of a fraction the longer half, no commands, two for an operator."""
    text = _STACK.sub(lambda m: max(m[1], m[2], key=len), _COLOUR.sub("", text.replace("{,}", ".")))
    while True:
        simpler = _FRACTION.sub(lambda m: max(m[1], m[2], key=len), text)
        if simpler == text:
            simpler = _GROUP.sub(r"\1", text, count=1)
        if simpler == text:
            return len(_UNSEEN.sub("", text).replace(r"\cdot", "··"))
        text = simpler


_UPRIGHT = re.compile(r"\\(?:mathrm|hat)\{([^{}]*)\}")
_SCRIPTS = re.compile(r"\^\{([^{}]*)\}_\{([^{}]*)\}|[_^]\{([^{}]*)\}")


@lru_cache(maxsize=4096)
def in_digits(text: str) -> int:
    """The width of a text of symbols: what stands above and below a letter is small, and one over the other."""

    def small(scripts: re.Match[str]) -> str:
        longest = max((each for each in scripts.groups() if each), key=len)
        return longest[: (2 * len(longest) + 2) // 3]

    return visible(_SCRIPTS.sub(small, _UPRIGHT.sub(r"\1", text.replace(r"\partial", "d"))))
