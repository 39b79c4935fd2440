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
_CHARACTER: Final = re.compile(r"\\unicode\s?\{x([0-9A-Fa-f]{1,5})\}|\\r\s?\{A\}")
_COUNT: Final = re.compile(r"(?<=[A-Za-z)\]])(\d+)")
_CONDITION: Final = re.compile(r"\\ifmmode\s*(.{0,100}?)\\else.{0,100}?\\fi(?![a-zA-Z])\s?(?:\{\})?")
_UPPER_FIRST: Final = re.compile(r"(\^(?:\{[^{}]{1,80}\}|\\[a-zA-Z]{1,20}|[^\\{}\s]))\s?_")
_COLUMN: Final = re.compile(r"(?<!\\)&")
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
"""Brackets of a formula that open, closed or not: real ones have up to 10. For each that it finds no end of, math-core
takes twice the time (measured: 20 ns for each character after 10 of them, times 2¹⁰). Which ends it takes is its own
matter, so that a bound that holds counts all that open."""
MAX_GROUPS: Final = 50
"""Groups within each other: math-core takes quadratic time for these."""
_DEFINES: Final = re.compile(r"\\(?:[gex]?def|let|(?:re)?new[a-z]+|providecommand|Declare[A-Za-z]+)(?![a-zA-Z])")
_OPENING: Final = re.compile(
    r"[(\[⌈⌊⌜⌞⎰❲⟅⟦⟨⟪⟬⟮⦃⦅⦇⦉⦋⦍⦏⦑⦓⦕⦗⧘⧚⧼]|\\(?:\{|[bB]igg?l(?![a-zA-Z])|(?:lAngle|lBrace|lVert|lang|langle|lbrace|lbrack"
    r"|lceil|lfloor|lgroup|llangle|llbracket|llcorner|llparenthesis|lmoustache|lparen|lvert|pm?od|ulcorner)(?![a-zA-Z]))"
)
"""What opens a bracket in math-core 0.9.0: all of its macros and the characters of the basic plane were tried."""
_GROUP: Final = re.compile(r"\\.|[{}]", re.DOTALL)


def takes_long(tex: str) -> bool:
    """Return whether math-core may take long: for many brackets or groups, and macros that the formula defines."""
    depth = 0
    for sign in _GROUP.findall(tex):
        depth = max(depth + {"{": 1, "}": -1}.get(sign, 0), 0)
        if depth > MAX_GROUPS:
            return True
    return len(_OPENING.findall(tex)) > MAX_OPEN or _DEFINES.search(tex) is not None


def prepared(tex: str) -> str:
    r"""Return LaTeX as math-core takes it: without references, comments and environments, `\ce` spelled out."""
    if "\\" not in tex and not _BARE.search(tex):
        return tex
    tex = _CHARACTER.sub(_character, tex)
    tex = _CONDITION.sub(r"\1 ", _CHEMISTRY.sub(_chemistry, _DROPPED.sub("", tex)))
    tex = _LINE.sub(r"\\\\{}", _SKIP.sub(r"\\\\ ", _ALIGNED.sub(r"\\\1{aligned}", tex)))
    is_table = r"\begin" in tex
    return _BARE.sub(lambda sign: sign[0] if is_table and sign[1] == "&" else f"{sign[0][:-1]}\\{sign[1]}", tex)


def _character(match: re.Match[str]) -> str:
    r"""Write a character by its number, `\unicode{x2605}` of MathJax, or Å."""
    sign = chr(int(match[1], 16)) if match[1] else "Å"
    if not sign.isprintable() or sign == "\\":
        return ""
    return f"\\{sign}" if sign in "%#&$_{}" else sign


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
    if tex.count(r"\begin") == 1 and r"\begin{aligned}" in tex:
        tex = _COLUMN.sub("", tex)
    return tex if r"\begin" in tex else _BLANK.sub(_kept_blank, tex)


def _kept_blank(match: re.Match[str]) -> str:
    """Keep a blank of the author; one that only ends the name of a macro is none."""
    before, start = match[1], match.start()
    if before in "^_" or _TAKES.fullmatch(before) or _LETTER.fullmatch(before):
        return match[0]
    spaced = before[0] != "\\" or start == 0 or match.string[start - 1].isspace()
    return f"{before}\\ " if spaced else match[0]
