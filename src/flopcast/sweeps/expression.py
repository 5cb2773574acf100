"""Small arithmetic in study files: ``"24 * width**2"``, read without running any code."""

import ast
import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Any, Final, final

from flopcast.errors import InputError, nearest

_OPERATORS: Final[Mapping[type[ast.AST], Callable[..., float]]] = {
    ast.Add: lambda a, b: a + b,
    ast.Sub: lambda a, b: a - b,
    ast.Mult: lambda a, b: a * b,
    ast.Div: lambda a, b: a / b,
    ast.FloorDiv: lambda a, b: a // b,
    ast.Mod: lambda a, b: a % b,
    ast.Pow: lambda a, b: a**b,
    ast.USub: lambda a: -a,
    ast.UAdd: lambda a: +a,
}
_FUNCTIONS: Final[Mapping[str, Callable[..., float]]] = {
    "sqrt": math.sqrt, "exp": math.exp, "log": math.log, "log2": math.log2,
    "log10": math.log10, "min": min, "max": max, "round": round, "floor": math.floor,
    "ceil": math.ceil,
}  # fmt: skip


@final
@dataclass(frozen=True)
class Expression:
    """Arithmetic over names: numbers, ``+ - * / // % **``, and a few functions.

    The functions are sqrt, exp, log, log2, log10, min, max, round, floor and ceil. Raises
    InputError, on making, for anything else.
    """

    text: str

    def __post_init__(self) -> None:
        for node in ast.walk(self._tree):
            if not self._allowed(node):
                shown = ast.unparse(node) if isinstance(node, ast.expr) else type(node).__name__
                raise InputError(
                    f"the expression {self.text!r} holds {shown!r}, which is no arithmetic.",
                    f"Use numbers, names, + - * / // % ** and {', '.join(_FUNCTIONS)}.",
                )

    @cached_property
    def names(self) -> frozenset[str]:
        """The names whose values it needs."""
        used = {node.id for node in ast.walk(self._tree) if isinstance(node, ast.Name)}
        return frozenset(used - set(_FUNCTIONS))

    def __call__(self, values: Mapping[str, Any]) -> float:
        """Its value. Raises InputError for a name without a number, and an impossible result."""
        for name in sorted(self.names):
            value = values.get(name)
            if isinstance(value, bool) or not isinstance(value, int | float):
                raise InputError(
                    f"the expression {self.text!r} needs {name!r}, which is "
                    f"{'unknown' if value is None else repr(value)}.{nearest(name, values)}",
                    f"Known are {', '.join(sorted(values))}.",
                )
        try:
            found = self._value(self._tree.body, values)
        except (ArithmeticError, ValueError, TypeError) as error:
            raise InputError(f"the expression {self.text!r} has no value: {error}.") from None
        if isinstance(found, complex) or not math.isfinite(found):
            raise InputError(f"the expression {self.text!r} gives {found}, no finite number.")
        return found

    @cached_property
    def _tree(self) -> ast.Expression:
        try:
            return ast.parse(self.text.strip(), mode="eval")
        except SyntaxError:
            raise InputError(
                f"{self.text!r} is not an expression.", "Write arithmetic: 6 * params * data."
            ) from None

    def _allowed(self, node: ast.AST) -> bool:
        if isinstance(node, ast.Constant):
            return isinstance(node.value, int | float) and not isinstance(node.value, bool)
        if isinstance(node, ast.Call):
            named = isinstance(node.func, ast.Name) and node.func.id in _FUNCTIONS
            return named and not node.keywords
        kinds = (ast.Expression, ast.BinOp, ast.UnaryOp, ast.Name, ast.Load, *_OPERATORS)
        return isinstance(node, kinds)

    def _value(self, node: ast.expr, values: Mapping[str, Any]) -> float:
        match node:
            case ast.Constant():
                return float(node.value)  # type: ignore[arg-type]
            case ast.Name():
                return float(values[node.id])
            case ast.BinOp():
                left, right = self._value(node.left, values), self._value(node.right, values)
                return _OPERATORS[type(node.op)](left, right)
            case ast.UnaryOp():
                return _OPERATORS[type(node.op)](self._value(node.operand, values))
            case ast.Call(func=ast.Name(id=name)):
                return float(_FUNCTIONS[name](*(self._value(one, values) for one in node.args)))
        raise ValueError(ast.unparse(node))
