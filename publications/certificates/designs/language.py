"""What a template may say: Jinja's output, conditions and loops over the sheet's own fields, and nothing else.

Two walls: `faults` reads the syntax tree against an allow-list and says everything that is wrong at once; `Environment` is
sandboxed, immutable, escapes every value and opens the fields of plain structs only, whatever the first wall let by.
The third is the worker's processor time and memory.
"""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from jinja2 import StrictUndefined, TemplateSyntaxError, nodes
from jinja2.runtime import LoopContext
from jinja2.sandbox import ImmutableSandboxedEnvironment
from msgspec import Struct

from publications.certificates.rendering.schemas import RenderRefused

LARGEST = 60_000
DEEPEST = 3
FILTERS = ("join", "length", "upper", "lower", "trim", "first", "last", "default", "escape", "e")
LOOP = ("first", "last", "index", "length")
NAMES = ("certificate", "fit", "seal", "qr", "sentence", "closing", "metal", "layout")
_ALLOWED: tuple[type[nodes.Node], ...] = (
    nodes.Template, nodes.Output, nodes.TemplateData, nodes.Name, nodes.Getattr, nodes.Getitem, nodes.Const, nodes.If,
    nodes.For, nodes.CondExpr, nodes.Compare, nodes.Operand, nodes.And, nodes.Or, nodes.Not, nodes.Filter, nodes.Add,
    nodes.Sub, nodes.Keyword,
)  # fmt: skip
_SAID = {
    "Call": "调用", "Include": "include", "Import": "import", "FromImport": "import", "Extends": "extends",
    "Block": "block", "Macro": "macro", "CallBlock": "call", "Assign": "set", "AssignBlock": "set", "Mul": "乘法",
    "Pow": "乘方", "Test": "is", "Concat": "~", "Mod": "%", "Div": "除法", "FloorDiv": "除法",
}  # fmt: skip


class Environment(ImmutableSandboxedEnvironment):
    """Jinja with nothing in it but the filters above."""

    def __init__(self) -> None:
        super().__init__(autoescape=True, undefined=StrictUndefined, auto_reload=False)
        self.globals = {}
        self.tests = {}
        self.filters = {name: self.filters[name] for name in FILTERS}

    def getattr(self, obj: Any, attribute: str) -> Any:
        """A struct's field, a mapping's entry, four facts of a loop; anything else is not there."""
        if isinstance(obj, Struct) and attribute in obj.__struct_fields__:
            return getattr(obj, attribute)
        if isinstance(obj, Mapping) and attribute in obj:
            return obj[attribute]
        if isinstance(obj, LoopContext) and attribute in LOOP:
            return getattr(obj, attribute)
        return self.undefined(obj=obj, name=attribute)

    def getitem(self, obj: Any, argument: Any) -> Any:
        if isinstance(obj, tuple) and isinstance(argument, int) and -len(obj) <= argument < len(obj):
            return obj[argument]
        return self.getattr(obj, str(argument))

    def is_safe_callable(self, obj: Any) -> bool:
        return False


def faults(source: str, fields: Mapping[str, frozenset[str]]) -> list[RenderRefused]:
    """Everything wrong with a template's text, in the order of its lines; ``fields`` are the known names' fields."""
    if len(source) > LARGEST:
        return [RenderRefused("template.size", "模板过长，最多 {most} 个字符", field="html", most=LARGEST)]
    try:
        tree = Environment().parse(source)
    except TemplateSyntaxError as error:
        return [
            RenderRefused(
                "template.syntax",
                "第 {line} 行语法有误：{reason}",
                field="html",
                line=error.lineno,
                reason=str(error.message),
            )
        ]
    except RecursionError:
        return [RenderRefused("template.depth", "模板嵌套过深", field="html")]
    found: list[RenderRefused] = []
    _walk(tree, fields, set(), 0, found)
    return sorted(found, key=lambda fault: int(str(fault.facts.get("line", 0))))


def _fault(node: nodes.Node, code: str, message: str, **facts: Any) -> RenderRefused:
    return RenderRefused(code, message, field="html", line=node.lineno or 0, **facts)


def _walk(node: nodes.Node, fields: Mapping[str, frozenset[str]], bound: set[str], deep: int, found: list) -> None:
    if not isinstance(node, _ALLOWED):
        kind = type(node).__name__
        found.append(
            _fault(node, "template.forbidden", "第 {line} 行：模板不允许使用 {what}", what=_SAID.get(kind, kind))
        )
        return
    if isinstance(node, nodes.For):
        deep += 1
        _check_loop(node, deep, found)
        bound = bound | {name.name for name in node.target.find_all(nodes.Name)} | {"loop"}
        if isinstance(node.target, nodes.Name):
            bound |= {node.target.name}
    _check_name(node, fields, bound, found)
    for child in node.iter_child_nodes():
        _walk(child, fields, bound, deep, found)


def _check_loop(node: nodes.For, deep: int, found: list) -> None:
    if deep > DEEPEST or node.recursive:
        found.append(_fault(node, "template.depth", "第 {line} 行：循环最多嵌套 {most} 层", most=DEEPEST))
    if not isinstance(node.iter, nodes.Getattr | nodes.Name):
        found.append(_fault(node, "template.loop", "第 {line} 行：循环只能取证书自己的字段"))


def _check_name(node: nodes.Node, fields: Mapping[str, frozenset[str]], bound: set[str], found: list) -> None:
    match node:
        case nodes.Name(name=name) if name not in bound and name not in fields:
            found.append(_fault(node, "template.name", "第 {line} 行：没有名为 {name} 的内容", name=name))
        case nodes.Getattr(node=nodes.Name(name=name), attr=attr) if (
            name in fields and name not in bound and attr not in fields[name]
        ):
            found.append(_fault(node, "template.name", "第 {line} 行：没有名为 {name} 的内容", name=f"{name}.{attr}"))
        case nodes.Getattr(attr=attr) if attr.startswith("_"):
            found.append(_fault(node, "template.name", "第 {line} 行：没有名为 {name} 的内容", name=attr))
        case nodes.Getattr(node=nodes.Name(name="loop"), attr=attr) if attr not in LOOP:
            found.append(_fault(node, "template.name", "第 {line} 行：没有名为 {name} 的内容", name=f"loop.{attr}"))
        case nodes.Filter(name=name) if name not in FILTERS:
            found.append(_fault(node, "template.name", "第 {line} 行：没有名为 {name} 的内容", name=f"|{name}"))
        case nodes.Getitem(arg=arg) if not (isinstance(arg, nodes.Const) and isinstance(arg.value, int)):
            found.append(_fault(node, "template.forbidden", "第 {line} 行：模板不允许使用 {what}", what="[ ]"))
