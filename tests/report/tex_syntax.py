"""A strict reading of LaTeX: what the report writes, and nothing else, passes."""

from __future__ import annotations

import re

COMMANDS = {
    "begin", "end", "caption", "label", "centering", "medskip", "toprule", "midrule", "bottomrule",
    "endhead", "resizebox", "linewidth", "includegraphics", "begingroup", "endgroup", "scriptsize",
    "providecommand", "dtvbchar", "ifdefined", "else", "fi", "Umathcode", "raggedright",
    "ensuremath", "texttimes", "textrightarrow", "textperiodcentered", "textdegree",
    "textmu", "textellipsis", "textendash", "textemdash", "textquoteleft", "textquoteright",
    "textquotedblleft", "textquotedblright", "textsection", "arraybackslash", "textbackslash", "textasciitilde", "textasciicircum", "textless",
    "textgreater", "textbar", "char", "ss", "ae", "AE", "oe", "OE", "o", "O", "l", "L", "i", "j",
    "pounds", "texteuro", "S", "copyright", "ldots", "geq", "leq", "pm", "times", "rightarrow",
    "cdot", "circ", "mu", "alpha", "beta", "r", "v", "u", "c", "H",
}  # fmt: skip
ENVIRONMENTS = {"table", "tabular", "longtable", "figure"}
TOKEN = re.compile(r"\\(?:[A-Za-z]+|.)|[{}&%$#_^~\n]|[^\\{}&%$#_^~\n]+", re.DOTALL)


def problems(text: str) -> list[str]:
    """Return what is wrong with a file of LaTeX; nothing where it is sound."""
    found: list[str] = []
    lines = text.splitlines()
    assert lines[0].startswith("% d2vbench ")
    # The definition alone may have parameters, and a line of the frame may end in a comment.
    body = "\n".join(
        line.removesuffix("{%") + "{" * line.endswith("{%")
        for line in lines[1:]
        if not line.startswith(r"\providecommand")
    )
    depth, environments, math = 0, [], False
    tokens = TOKEN.findall(body)
    for place, token in enumerate(tokens):
        if token == "{":
            depth += 1
        elif token == "}":
            depth -= 1
            found += ["a brace too many"] if depth < 0 else []
        elif token == "$":
            math = not math
        elif token in "%#_~" or (token == "^" and not math):
            found.append(f"unescaped {token}")
        elif token.startswith("\\") and token[1:].isalpha():
            name = token[1:]
            found += [] if name in COMMANDS else [f"unknown command {token}"]
            if name in ("begin", "end"):
                environment = tokens[place + 2]
                found += [] if environment in ENVIRONMENTS else [f"unknown {environment}"]
                if name == "begin":
                    environments.append(environment)
                elif not environments or environments.pop() != environment:
                    found.append(f"{environment} ends where it did not begin")
    found += ["unbalanced braces"] if depth else []
    found += ["open $"] if math else []
    found += [f"{name} has no end" for name in environments]
    found += [f"not ASCII: {c!r}" for c in outside(body)]
    return found + uneven(body)


def outside(body: str) -> list[str]:
    r"""Return characters beyond ASCII that no ``\dtvbchar`` guards."""
    return re.findall(r"[^\x00-\x7f]", re.sub(r"\\dtvbchar\{.?\}", "", body))


def uneven(body: str) -> list[str]:
    """Return rows with another number of cells than the table has columns."""
    match = re.search(r"\\begin\{(?:tabular|longtable)\}\{(.*)\}\n", body)
    if not match:
        return []
    plain = re.sub(r">\{[^}]*\}|(?<=p)\{14em\}", "", match[1])
    assert re.fullmatch("[lrp]+", plain), plain
    columns = len(plain)
    rows = [line for line in body.splitlines() if line.endswith("\\\\") and "caption" not in line]
    assert rows
    wrong = [row for row in rows if len(re.findall(r"(?<!\\)&", row)) != columns - 1]
    return [f"{columns} columns: {row}" for row in wrong]
