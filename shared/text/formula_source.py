r"""The LaTeX of a formula as math-core takes it, and as a reader of plain text expects it. Pure."""

import re
from typing import Final

_BARE: Final = re.compile(r"(?<!\\)(?:\\\\)*+([%#&])")
_DROPPED: Final = re.compile(
    r"\\(?:label|cite[a-z]{0,9}|(?:eq|auto|c|C)?ref|tag|vspace|footnote)\*?(?:\[[^\]]{0,50}\])?\{[^{}]{0,200}\}"
    r"|\\(?:begin|end)\{(?:equation|displaymath|math)\*?\}"
)
_ALIGNED: Final = re.compile(r"\\(begin|end)\{(?:align|gather|eqnarray|multline)\*?\}")
_CHEMISTRY: Final = re.compile(r"\\c[eh]\s{0,3}\{((?:[^{}]|\{[^{}]{0,40}\}){1,200})\}")
_COUNT: Final = re.compile(r"(?<=[A-Za-z)\]])(\d+)")
_CONDITION: Final = re.compile(r"\\ifmmode\s*(.{0,100}?)\\else.{0,100}?\\fi(?![a-zA-Z])\s?(?:\{\})?")
_UPPER_FIRST: Final = re.compile(r"(\^(?:\{[^{}]{1,80}\}|\\[a-zA-Z]{1,20}|[^\\{}\s]))\s?_")
_BLANK: Final = re.compile(r"(\\[a-zA-Z]+|[^\s\\])[ \t\r\n]+(?=[^\s_^}&])")
# A line end with a length, which math-core would look for again and again in brackets that are none.
_SKIP: Final = re.compile(r"\\\\\*?\s{0,3}\[[^\[\]\\]{0,20}\]")
_LINE: Final = re.compile(r"\\\\\*?\s{0,3}(?=\[)")
_PARTS: Final = re.compile(r"(\\.|[{}])", re.DOTALL)
_FENCE: Final = re.compile(r"\\(?:left|right|middle)(?![a-zA-Z])\s?\.?")

_TAKES: Final = re.compile(
    r"\\(?:[dtcs]?frac|nicefrac|sqrt|math[a-z]+|text[a-z]*|boldsymbol|bm|pmb|operatorname|mbox|hbox|[bBp]igg?[lrm]?"
    r"|(?:wide)?(?:hat|tilde|check)|bar|vec|d?dot|overline|underline|left|right|middle|[a-z]*binom|over|above|atop"
    r"|(?:over|under|stack)(?:set|rel|brace)|not|rm|bf|it|sf|tt|cal|em|sc|frak|Bbb|begin|end|color|textcolor"
    r"|ensuremath|limits|nolimits|displaystyle|textstyle|scriptstyle|SI|si|num|unit|ket|bra|ketbra|braket|expval|abs|norm"
    r"|qty|cancel|[rl]lap|acute|grave|breve|mathring|substack|[hv]?phantom|hspace|genfrac|x[a-z]+arrow|under[a-z]+|prescript)"
)
"""Macros that take what follows, so that a space after them is none of the formula."""
_LETTER: Final = re.compile(
    r"\\(?:var)?(?:alpha|beta|gamma|delta|epsilon|zeta|eta|theta|iota|kappa|lambda|mu|nu|xi|pi|rho|sigma|tau|upsilon|phi|chi"
    r"|psi|omega|Gamma|Delta|Theta|Lambda|Xi|Pi|Sigma|Upsilon|Phi|Psi|Omega|partial|nabla|ell|hbar|forall|exists|neg"
    r"|l[vV]ert|langle|lfloor|lceil|lbrace)"
)
"""Letters and other signs that stand close to what follows."""
MAX_OPEN: Final = 10
"""Brackets that may be open at once: math-core takes twice the time for each (measured: 1.7 s for 26)."""
MAX_GROUPS: Final = 50
"""Groups within each other: math-core takes quadratic time for these."""
_DEFINES: Final = re.compile(r"\\(?:[gex]?def|let|(?:re)?new[a-z]+|providecommand|Declare[A-Za-z]+)(?![a-zA-Z])")
_OPENING: Final = (
    r"[(\[⌈⌊⌜⌞⎰❲⟅⟦⟨⟪⟬⟮⦃⦅⦇⦉⦋⦍⦏⦑⦓⦕⦗⧘⧚⧼]|\\(?:\{|[bB]igg?l(?![a-zA-Z])|(?:lAngle|lBrace|lang|langle|lbrace|lbrack|lceil|lfloor"
    r"|lgroup|llangle|llbracket|llcorner|llparenthesis|lmoustache|lparen|ulcorner)(?![a-zA-Z]))"
)
_CLOSING: Final = {
    ")": "(", "]": "[", r"\}": r"\{", "⟩": "⟨", "⌉": "⌈", "⌋": "⌊", r"\rangle": r"\langle", r"\rbrace": r"\lbrace",
    r"\rbrack": r"\lbrack", r"\rceil": r"\lceil", r"\rfloor": r"\lfloor"
}  # fmt: skip
_BRACKET: Final = re.compile(
    rf"((?!\\right)(?:{_TAKES.pattern}(?![a-zA-Z])\s?[^\\{{}}\s]?|[\^_])\s?[)\]⟩⌉⌋])|{_OPENING}|[{{}})\]⟩⌉⌋&]"
    r"|\\(?:[}\\]|(?:r(?:angle|brace|brack|ceil|floor)|over|atop|choose|middle)(?![a-zA-Z]))|(\\.)",
    re.DOTALL,
)
"""Brackets and what parts them; a closing one that is the argument of a macro or an index closes nothing."""
_BOUNDARIES: Final = frozenset({"}", "&", r"\\", r"\over", r"\atop", r"\choose", r"\middle"})
"""Signs over which no bracket is closed."""


def takes_long(tex: str) -> bool:
    """Return whether math-core may take long: for many open brackets or groups, and macros that the formula defines."""
    groups: list[list[str]] = [[]]
    left = 0
    for found in _BRACKET.finditer(tex):
        sign, opened = found[0], groups[-1]
        if sign == "{":
            groups.append([])
        elif sign in _BOUNDARIES:
            left += len(opened)
            opened.clear()
            if sign == "}" and len(groups) > 1:
                groups.pop()
        elif sign not in _CLOSING:
            opened += [] if found[1] or found[2] else [sign]
        elif opened and opened[-1] == _CLOSING[sign]:
            opened.pop()
        if left + sum(map(len, groups)) > MAX_OPEN or len(groups) > MAX_GROUPS:
            return True
    return _DEFINES.search(tex) is not None


def prepared(tex: str) -> str:
    r"""Return LaTeX as math-core takes it: without references, comments and environments, `\ce` spelled out."""
    if "\\" not in tex and not _BARE.search(tex):
        return tex
    tex = _CONDITION.sub(r"\1 ", _CHEMISTRY.sub(_chemistry, _DROPPED.sub("", tex)))
    tex = _LINE.sub(r"\\\\{}", _SKIP.sub(r"\\\\ ", _ALIGNED.sub(r"\\\1{aligned}", tex)))
    is_table = r"\begin" in tex
    return _BARE.sub(lambda sign: sign[0] if is_table and sign[1] == "&" else f"{sign[0][:-1]}\\{sign[1]}", tex)


def _chemistry(match: re.Match[str]) -> str:
    """Write a chemical formula with its counts as lower indices; charges are upper ones already (mhchem 4.08, 2)."""
    counted = _COUNT.sub(r"_{\1}", match[1]).replace("->", r"\to ")
    return rf"\mathrm{{{counted}}}"


def balanced(tex: str) -> str:
    r"""Return LaTeX with as many closing as opening braces, and without `\left` and `\right`, which may be single."""
    kept, depth = [], 0
    for part in _PARTS.split(tex):
        if part == "}" and not depth:
            continue
        depth += {"{": 1, "}": -1}.get(part, 0)
        kept.append(part)
    return _FENCE.sub("", "".join(kept) + "}" * depth)


def for_reading(tex: str) -> str:
    r"""Return LaTeX that keeps what MathML loses: the spaces of the author, and an upper index before a lower one."""
    tex = _UPPER_FIRST.sub(r"\1{}_", tex)
    return tex if r"\begin" in tex else _BLANK.sub(_kept_blank, tex)


def _kept_blank(match: re.Match[str]) -> str:
    """Keep a blank of the author; one that only ends the name of a macro is none."""
    before, start = match[1], match.start()
    if before in "^_" or _TAKES.fullmatch(before) or _LETTER.fullmatch(before):
        return match[0]
    spaced = before[0] != "\\" or start == 0 or match.string[start - 1].isspace()
    return f"{before}\\ " if spaced else match[0]
