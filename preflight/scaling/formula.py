"""CloudWatch metric math, as far as scaling uses it: arithmetic, comparisons, IF, FILL with a value, MAX, MIN, SUM, AVG
of lists, CEIL, FLOOR, ABS. A missing value makes the result missing, and so does a division by zero."""

import ast
import math
from collections.abc import Callable, Mapping
from typing import NoReturn

Values = Mapping[str, float | None]
_BINARY: dict[type[ast.operator], Callable[[float, float], float]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.BitXor: lambda a, b: a**b,  # metric math writes a power as ^
}
_COMPARE: dict[type[ast.cmpop], Callable[[float, float], bool]] = {
    ast.Gt: lambda a, b: a > b,
    ast.GtE: lambda a, b: a >= b,
    ast.Lt: lambda a, b: a < b,
    ast.LtE: lambda a, b: a <= b,
    ast.Eq: lambda a, b: a == b,
    ast.NotEq: lambda a, b: a != b,
}
_REDUCE: dict[str, Callable[[list[float]], float]] = {
    "MAX": max,
    "MIN": min,
    "SUM": sum,
    "AVG": lambda values: sum(values) / len(values),
}
_SINGLE: dict[str, Callable[[float], float]] = {"CEIL": math.ceil, "FLOOR": math.floor, "ABS": abs}


class FormulaError(ValueError):
    """An expression that this module does not understand."""


class Formula:
    """One expression over named values; `parts` are further expressions by name, which it may use."""

    def __init__(self, text: str, parts: Mapping[str, str] | None = None) -> None:
        self.text = text
        self.names: set[str] = set()
        self._parts: dict[str, ast.expr] = {}
        self._root = self._parsed(text, parts or {}, ())

    def value(self, values: Values) -> float | None:
        """The result for one datapoint of each metric; None when there is none."""
        try:
            return self._value(self._root, values)
        except (ZeroDivisionError, OverflowError):
            return None

    def _parsed(self, text: str, parts: Mapping[str, str], above: tuple[str, ...]) -> ast.expr:
        try:
            root = ast.parse(text.strip(), mode="eval").body
        except (SyntaxError, ValueError, RecursionError, MemoryError):
            raise FormulaError(f"the expression {text!r} is not understood") from None
        self._check(root)
        for name in sorted({node.id for node in ast.walk(root) if isinstance(node, ast.Name)} & parts.keys()):
            if name in above:
                raise FormulaError(f"the expression {text!r} leads back to itself")
            self._parts[name] = self._parsed(parts[name], parts, (*above, name))
        self.names -= parts.keys()
        return root

    def _check(self, node: ast.expr) -> None:
        inner: list[ast.expr]
        match node:
            case ast.Constant(value=int() | float()):
                inner = []
            case ast.Name(id=name):
                self.names.add(name)
                inner = []
            case ast.BinOp(left=left, op=op, right=right) if type(op) in _BINARY:
                inner = [left, right]
            case ast.UnaryOp(op=ast.USub() | ast.UAdd(), operand=operand):
                inner = [operand]
            case ast.Compare(left=left, ops=[op], comparators=[right]) if type(op) in _COMPARE:
                inner = [left, right]
            case ast.Call(func=ast.Name(id=name), args=arguments, keywords=[]):
                inner = _arguments(name, arguments) or self._refuse(node)
            case _:
                inner = self._refuse(node)
        for part in inner:
            self._check(part)

    def _refuse(self, node: ast.expr) -> NoReturn:
        raise FormulaError(f"{ast.unparse(node)!r} in {self.text!r} is not understood")

    def _value(self, node: ast.expr, values: Values) -> float | None:  # noqa: PLR0911 - one case a kind of node
        match node:
            case ast.Constant(value=int() | float() as number):
                return float(number)
            case ast.Name(id=name):
                return self._value(self._parts[name], values) if name in self._parts else values.get(name)
            case ast.UnaryOp(op=op, operand=operand):
                inner = self._value(operand, values)
                return -inner if inner is not None and isinstance(op, ast.USub) else inner
            case ast.BinOp(left=left, op=op, right=right):
                a, b = self._value(left, values), self._value(right, values)
                return None if a is None or b is None else _BINARY[type(op)](a, b)
            case ast.Compare(left=left, ops=[op], comparators=[right]):
                a, b = self._value(left, values), self._value(right, values)
                return None if a is None or b is None else float(_COMPARE[type(op)](a, b))
            case ast.Call(func=ast.Name(id="IF"), args=[condition, then, other]):
                truth = self._value(condition, values)
                return None if truth is None else self._value(then if truth else other, values)
            case ast.Call(func=ast.Name(id="FILL"), args=[first, second]):
                found = self._value(first, values)
                return self._value(second, values) if found is None else found
            case ast.Call(func=ast.Name(id=name), args=[ast.List(elts=items)]):
                known = [value for item in items if (value := self._value(item, values)) is not None]
                return _REDUCE[name](known) if known else None
            case ast.Call(func=ast.Name(id=name), args=[argument]):
                inner = self._value(argument, values)
                return None if inner is None else float(_SINGLE[name](inner))
        raise AssertionError("checked when it was parsed")


def _arguments(function: str, arguments: list[ast.expr]) -> list[ast.expr]:
    """What a function is given, lists opened; nothing when the function does not take it."""
    match arguments:
        case [ast.List(elts=items)] if function in _REDUCE:
            return items
        case [_] if function in _SINGLE:
            return arguments
        case [_, _] if function == "FILL":
            return arguments
        case [_, _, _] if function == "IF":
            return arguments
    return []
