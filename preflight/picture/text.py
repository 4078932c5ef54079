"""How wide text is when drawn, near enough to leave room: no font is asked."""

# Advance widths of Helvetica in thousandths of the size (Adobe's font metrics, AFM 2.0), grouped; the rest is 0.56.
_WIDTHS = {
    **dict.fromkeys("ijl'|", 222), **dict.fromkeys("ft,.:;/! I[]\\", 278), **dict.fromkeys("()-r", 333),
    **dict.fromkeys("cksvxyzJ", 500), **dict.fromkeys("0123456789abdeghnopqu_L$", 556), **dict.fromkeys("FTZ", 611),
    **dict.fromkeys("ABEKPSVXY&", 667), **dict.fromkeys("CDHNRUw", 722), **dict.fromkeys("GOQ", 778),
    **dict.fromkeys("mM", 833), "W": 944, "%": 889, "@": 1015, "*": 389, "+": 584, "=": 584,
}  # fmt: skip
_OTHER = 560
_BOLD = 1.1
_ROOM = 1.15  # DejaVu Sans, the widest that a browser may take for system-ui, is so much wider


def width(text: str, size: float, *, bold: bool = False) -> float:
    """In the unit of `size`."""
    thousandths = sum(_WIDTHS.get(letter, _OTHER if letter.isascii() else 1000) for letter in text)
    return thousandths / 1000 * size * _ROOM * (_BOLD if bold else 1)


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as there is room for, with an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width(kept + "…", size, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip(" -·,") + "…"
