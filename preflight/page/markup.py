"""Small pieces of HTML; whatever comes from a program is escaped here."""

from collections.abc import Iterable, Sequence
from html import escape


def section(stack: str, key: str, title: str, body: str) -> str:
    """A section with its heading; nothing when there is nothing in it."""
    if not body:
        return ""
    name = f"{escape(stack, quote=True)}-{key}"
    return f'<section id="{name}" aria-labelledby="{name}-h"><h3 id="{name}-h">{escape(title)}</h3>{body}</section>'


def table(
    caption: str, heads: Sequence[str], rows: Iterable[Sequence[str]], most: int, *, numbers: Sequence[int] = (),
    of: int | None = None,
) -> str:  # fmt: skip
    """A table of cells that are HTML already; the first cell of a row is its heading. `numbers`: columns to the right.
    Of more than `most` rows the others are a number; `of` so many not all have to be given. Nothing for no rows."""
    found = list(rows)
    marked = [' class="number"' if place in numbers else "" for place in range(len(heads))]
    body = "".join(
        "<tr>"
        + "".join(
            f'<th scope="row"{marked[place]}>{cell}</th>' if place == 0 else f"<td{marked[place]}>{cell}</td>"
            for place, cell in enumerate(row)
        )
        + "</tr>"
        for row in found[:most]
    )
    if not body:
        return ""
    top = "".join(f'<th scope="col"{mark}>{escape(head)}</th>' for head, mark in zip(heads, marked, strict=True))
    return (
        f'<div class="scroll" tabindex="0" role="group" aria-label="{escape(caption, quote=True)}"><table>'
        f"<caption>{escape(caption)}</caption><thead><tr>{top}</tr></thead><tbody>{body}</tbody></table></div>"
        + paragraph_of_more((len(found) if of is None else of) - most)
    )


def paragraph_of_more(left: int) -> str:
    """How much of a list is not here; nothing when all of it is."""
    return paragraph(f"And {left:,} more, in the JSON document.") if left > 0 else ""


def listed(items: Iterable[str], most: int) -> str:
    """A list of items that are HTML already; of more than `most` the others are a number. Nothing for none."""
    every = list(items)
    found = "".join(f"<li>{item}</li>" for item in every[:most])
    return f"<ul>{found}</ul>{paragraph_of_more(len(every) - most)}" if found else ""


def paragraph(words: str) -> str:
    """Plain words."""
    return f"<p>{escape(words)}</p>"


def mark(word: str, tone: str) -> str:
    """A word in a pill: `tone` is good, bad, doubt or plain. The word says it all, the colour only helps."""
    return f'<span class="mark {tone}">{escape(word)}</span>'


def spoken(seconds: float) -> str:
    """A duration as a person says it.

    >>> spoken(75), spoken(616)
    ('75 s', '10 min')
    """
    return f"{seconds:.0f} s" if seconds < 120 else f"{seconds / 60:.0f} min"


def usd(value: str) -> str:
    """An amount with thousands apart and no cents where they do not matter.

    >>> usd("1119.81"), usd("4.65")
    ('1,120', '4.65')
    """
    number = float(value)
    return f"{number:,.0f}" if abs(number) >= 100 else f"{number:,.2f}"
