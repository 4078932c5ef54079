"""Numbers with what they count, as people say them."""


def counted(number: int, one: str, many: str = "") -> str:
    """The number, and the word for one of them or for several.

    >>> counted(1, "resource"), counted(3, "resource"), counted(2, "policy", "policies")
    ('1 resource', '3 resources', '2 policies')
    """
    return f"{number} {one if number == 1 else many or one + 's'}"
