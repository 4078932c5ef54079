"""How wide text is when drawn, near enough to leave room: no font is asked."""

# Advance widths in thousandths of the size, and the letters that have them: of DejaVu Sans 2.37, the widest that a
# browser takes for system-ui, or of Liberation Sans 2.1 (as wide as Helvetica and Arial) where that is wider. Bold is
# wider by a tenth for most letters, and by a fifth and more for i, l, t and r.
_PLAIN = {
    275: "'", 278: "ijl", 295: "I", 318: " ,.·", 337: "/:;\\|", 352: "f", 361: "-", 390: "()[]", 392: "t", 401: "!",
    411: "r", 460: "\"", 500: "*J`", 521: "s", 525: "z", 550: "c", 556: "?_", 557: "L", 579: "k", 592: "vxy",
    611: "FT", 612: "o", 613: "a", 615: "e", 634: "hnu", 635: "bdgpq", 636: "$0123456789{}", 667: "EKPSY", 684: "AV",
    685: "XZ", 686: "B", 722: "CR", 732: "U", 748: "N", 752: "H", 770: "D", 778: "G", 780: "&", 787: "OQ", 818: "w",
    838: "#+<=>^~", 863: "M", 950: "%", 974: "m", 989: "W", 1000: "…", 1015: "@",
}  # fmt: skip
_BOLD = {
    306: "'", 343: "ijl", 348: " ", 365: "/\\|", 372: "I", 380: ",.·", 400: ":;", 415: "-", 435: "f", 456: "!",
    457: "()[]", 478: "t", 493: "r", 500: "`", 521: "\"", 523: "*", 556: "J_", 582: "z", 593: "c", 595: "s",
    611: "?", 637: "L", 645: "x", 652: "vy", 665: "k", 675: "a", 678: "e", 682: "T", 683: "EF", 687: "o",
    696: "$0123456789", 712: "hnu{}", 716: "bdgpq", 720: "S", 724: "Y", 725: "Z", 733: "P", 734: "C", 762: "B",
    770: "R", 771: "X", 774: "AV", 775: "K", 812: "U", 821: "G", 830: "D", 837: "HN", 838: "#+<=>^~", 850: "OQ",
    872: "&", 924: "w", 995: "M", 1000: "@…", 1002: "%", 1042: "m", 1103: "W",
}  # fmt: skip
_WIDTHS, _BOLD_WIDTHS = (
    {letter: wide for wide, letters in table.items() for letter in letters} for table in (_PLAIN, _BOLD)
)
_OTHER = 1000  # of any other script


def width(text: str, size: float, *, bold: bool = False) -> float:
    """In the unit of `size`."""
    widths = _BOLD_WIDTHS if bold else _WIDTHS
    return sum(widths.get(letter, _OTHER) for letter in text) / 1000 * size


def fitted(text: str, size: float, room: float, *, bold: bool = False) -> str:
    """The text, or as much of its beginning as there is room for, with an ellipsis."""
    if width(text, size, bold=bold) <= room:
        return text
    kept = text
    while kept and width(kept + "…", size, bold=bold) > room:
        kept = kept[:-1]
    return kept.rstrip(" -·,") + "…"
