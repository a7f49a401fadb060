"""The binder: a form's or a JSON body's fields into a Struct, with every fault at once, each beside its field.

A tree of plain values (from a form: ``modules-0-title`` becomes ``{"modules": [{"title": …}]}``; from JSON: as it stands)
is converted field by field. What was typed is kept in ``values`` whatever happens, so nothing has to be typed again.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import date, datetime
from decimal import Decimal
from types import NoneType, UnionType
from typing import Annotated, Any, Generic, TypeVar, Union, get_args, get_origin

import msgspec
from litestar import Request

from foundation.clock import SHANGHAI
from foundation.errors import Refusal, Refusals
from foundation.i18n import gettext
from foundation.web.problems import Fault
from foundation.web.protection import CSRF_FIELD

T = TypeVar("T", bound=msgspec.Struct)

Line60 = Annotated[str, msgspec.Meta(max_length=60)]
Line100 = Annotated[str, msgspec.Meta(max_length=100)]
Line200 = Annotated[str, msgspec.Meta(max_length=200)]
Line300 = Annotated[str, msgspec.Meta(max_length=300)]
Paragraph = Annotated[str, msgspec.Meta(max_length=2000, extra={"lines": True})]
Code = Annotated[str, msgspec.Meta(max_length=64, pattern=r"^[A-Za-z0-9._-]{1,64}$")]
Quantity = Annotated[str, msgspec.Meta(pattern=r"^-?(0|[1-9][0-9]{0,8})(\.[0-9]{1,10})?$")]
"""A decimal string of the event bundle: kept as it was written."""

INDEX = re.compile(r"[0-9]{1,6}")
CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\u2028-\u202e\u2066-\u2069\ufeff\ufffd]")
ZONED = re.compile(r"(Z|[+-][0-9]{2}:[0-9]{2})$")
WRITTEN: dict[Any, tuple[re.Pattern[str], str, str]] = {
    int: (re.compile(r"-?[0-9]{1,18}"), "not_a_number", "应为整数"),
    Decimal: (re.compile(r"-?[0-9]{1,15}(\.[0-9]{1,15})?"), "not_a_number", "应为数字"),
    date: (re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}"), "no_such_date", "没有这个日期，应形如 2026-04-17"),
    datetime: (
        re.compile(
            r"[0-9]{4}-[0-9]{2}-[0-9]{2}T[0-9]{2}:[0-9]{2}(:[0-9]{2}(\.[0-9]{1,6})?)?(Z|[+-][0-9]{2}:[0-9]{2})?"
        ),
        "no_such_date",
        "没有这个日期或时间",
    ),
}
"""How these are written, and nothing cleverer: no exponents, NaN, full-width digits, week dates, Unix times."""
MAX_FIELDS = 4000
MAX_DEPTH = 8


class Bound(Generic[T]):
    """A form after binding: ``values`` as typed, ``faults`` by field, ``data`` where nothing was wrong."""

    def __init__(self, values: Mapping[str, Any] | None = None) -> None:
        self.values: dict[str, Any] = dict(values or {})
        self.faults: dict[str, list[Fault]] = {}
        self._data: T | None = None

    @property
    def ok(self) -> bool:
        return not self.faults and self._data is not None

    @property
    def data(self) -> T:
        """The Struct; raises all faults as ``Refusals`` where there are any."""
        if self._data is None or self.faults:
            raise Refusals(
                Refusal(f.code, f.message, field=n, rule=f.rule) for n, fs in self.faults.items() for f in fs
            )
        return self._data

    @property
    def all_faults(self) -> list[tuple[str, Fault]]:
        """Every fault with its field ("" for the form as a whole), in the order found."""
        return [(name, fault) for name, faults in self.faults.items() for fault in faults]

    def refuse(self, refusal: Refusal | Refusals) -> None:
        """Put a rule's refusal beside its field."""
        for one in refusal.refusals if isinstance(refusal, Refusals) else (refusal,):
            fault = Fault(code=one.code, message=one.text(gettext), field=one.field, rule=one.rule)
            self.faults.setdefault(one.field or "", []).append(fault)

    @contextmanager
    def catching(self) -> Iterator[None]:
        """Around an operation: its refusals become this form's faults. Afterwards ask ``ok``."""
        try:
            yield
        except (Refusal, Refusals) as refusal:
            self.refuse(refusal)


async def read_form(request: Request[Any, Any, Any], struct: type[T]) -> Bound[T]:
    """Bind a form body (URL-encoded or multipart without files) to ``struct``."""
    data = await request.form()
    flat = [(name, value) for name, value in data.multi_items() if name != CSRF_FIELD and isinstance(value, str)]
    if len(flat) > MAX_FIELDS:
        raise Refusal("too_many_fields", "表单的字段过多（最多 {most} 个）", most=MAX_FIELDS)
    return bind_tree(grow(flat), struct, values=as_typed(flat))


async def read_json(request: Request[Any, Any, Any], struct: type[T]) -> Bound[T]:
    """Bind a JSON body to ``struct``; what is no JSON object is one fault."""
    bound: Bound[T] = Bound()
    try:
        tree = msgspec.json.decode(await request.body())
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError):
        bound.refuse(Refusal("not_json", "请求体不是有效的 JSON"))
        return bound
    if not isinstance(tree, dict):
        bound.refuse(Refusal("not_an_object", "请求体应为一个 JSON 对象"))
        return bound
    return bind_tree(tree, struct, values=tree)


def as_typed(flat: list[tuple[str, str]]) -> dict[str, Any]:
    """What was typed, by field name; a name sent more than once (tick boxes) keeps all its values, as a list."""
    typed: dict[str, Any] = {}
    for name, value in flat:
        typed[name] = value if name not in typed else [*_as_list(typed[name]), value]
    return typed


def grow(flat: list[tuple[str, str]]) -> dict[str, Any]:
    """``[("a-0-b", "x"), ("c", "y"), ("c", "z")]`` → ``{"a": [{"b": "x"}], "c": ["y", "z"]}``; lists by index order."""
    root: dict[str, Any] = {}
    for name, value in flat:
        steps = name.split("-")
        here = root
        if len(steps) > MAX_DEPTH:
            steps = [name]  # no form of ours is that deep: it will be refused as unknown
        for step in steps[:-1]:
            nxt = here.setdefault(step, {})
            if not isinstance(nxt, dict):
                root[name] = value  # both a value and a group: refused as unknown, never dropped
                break
            here = nxt
        else:
            last = steps[-1]
            here[last] = value if last not in here else [*_as_list(here[last]), value]
    return {name: _lists(value) for name, value in root.items()}


def values_of(data: Any, prefix: str = "") -> dict[str, Any]:
    """A Struct, dict or list as the flat values of its form: the inverse of :func:`grow`, to fill a form for editing."""
    flat: dict[str, Any] = {}
    items = (
        enumerate(data)
        if isinstance(data, (list, tuple))
        else data.items()
        if isinstance(data, Mapping)
        else ((f.name, getattr(data, f.name)) for f in msgspec.structs.fields(data))
    )
    for name, value in items:
        path = f"{prefix}{name}"
        if isinstance(value, (Mapping, msgspec.Struct)) or (isinstance(value, (list, tuple)) and _nested(value)):
            flat.update(values_of(value, path + "-"))
        else:
            flat[path] = list(value) if isinstance(value, (tuple, frozenset, set)) else value
    return flat


def _nested(value: Any) -> bool:
    return any(isinstance(item, (Mapping, msgspec.Struct, list, tuple)) for item in value)


def _as_list(value: Any) -> list[Any]:
    return value if isinstance(value, list) else [value]


def _lists(value: Any) -> Any:
    if not isinstance(value, dict):
        return value
    grown = {name: _lists(inner) for name, inner in value.items()}
    if grown and all(INDEX.fullmatch(name) for name in grown):
        return [grown[name] for name in sorted(grown, key=int)]
    return grown


def bind_tree(tree: Mapping[str, Any], struct: type[T], *, values: Mapping[str, Any] | None = None) -> Bound[T]:
    """Bind a tree of plain values to ``struct``."""
    bound: Bound[T] = Bound(values if values is not None else tree)
    data = _bind_struct(tree, struct, "", bound)
    if not bound.faults:
        bound._data = data
    return bound


def _fault(bound: Bound[Any], path: str, code: str, message: str, **facts: Any) -> None:
    bound.refuse(Refusal(code, message, field=path, **facts))


def _bind_struct(tree: Mapping[str, Any], struct: type[Any], prefix: str, bound: Bound[Any]) -> Any:
    given: dict[str, Any] = {}
    fields = {field.name: field for field in msgspec.structs.fields(struct)}
    for name in tree:
        if name not in fields:
            _fault(bound, prefix + name, "unknown_field", "没有“{name}”这一项", name=name[:60])
    for name, field in fields.items():
        raw = tree.get(name)
        value = _bind_value(raw, field.type, prefix + name, bound, required=field.required)
        if value is not msgspec.UNSET:
            given[name] = value
    if bound.faults:
        return None
    return struct(**given)


def _bind_value(raw: Any, kind: Any, path: str, bound: Bound[Any], *, required: bool) -> Any:
    """One field; ``UNSET`` where the default shall stand or a fault was noted."""
    kind, lines, meta = _strip(kind)
    optional, kind2, lines2, meta2 = _optional(kind)
    kind, lines, meta = kind2, lines or lines2, meta or meta2
    origin = get_origin(kind)
    if kind is bool and not isinstance(raw, bool):
        return raw in ("on", "true", "1", "yes") if raw is not None or required else False
    if raw is None or raw == "":
        return _empty(raw, kind, origin, path, bound, required=required, optional=optional)
    if origin in (list, tuple):
        inner = get_args(kind)[0]
        items = [_bind_value(item, inner, f"{path}-{n}", bound, required=True) for n, item in enumerate(_as_list(raw))]
        return tuple(items) if origin is tuple else items
    if isinstance(kind, type) and issubclass(kind, msgspec.Struct):
        if not isinstance(raw, Mapping):
            _fault(bound, path, "not_a_group", "这一项的格式不对")
            return msgspec.UNSET
        return _bind_struct(raw, kind, path + "-", bound)
    if kind is str:
        return _bind_text(raw, path, bound, meta, lines=lines, required=required and not optional)
    return _bind_plain(raw, kind, path, bound, meta)


def _strip(kind: Any) -> tuple[Any, bool, list[Any]]:
    if get_origin(kind) is Annotated:
        base, *extra = get_args(kind)
        lines = any(isinstance(m, msgspec.Meta) and (m.extra or {}).get("lines") for m in extra)
        return base, lines, extra
    return kind, False, []


def _optional(kind: Any) -> tuple[bool, Any, bool, list[Any]]:
    if get_origin(kind) in (Union, UnionType):
        inner = [part for part in get_args(kind) if part is not NoneType]
        if len(inner) == 1 and len(get_args(kind)) == 2:
            return True, *_strip(inner[0])
    return False, kind, False, []


def _empty(raw: Any, kind: Any, origin: Any, path: str, bound: Bound[Any], *, required: bool, optional: bool) -> Any:
    if optional:
        return None
    if not required:
        return "" if kind is str and raw == "" else msgspec.UNSET
    if origin in (list, tuple):
        return () if origin is tuple else []
    _fault(bound, path, "required", "必填")
    return msgspec.UNSET


def _bind_text(raw: Any, path: str, bound: Bound[Any], meta: list[Any], *, lines: bool, required: bool) -> Any:
    if not isinstance(raw, str):
        _fault(bound, path, "not_text", "应为文字")
        return msgspec.UNSET
    text = unicodedata.normalize("NFC", raw).replace("\r\n", "\n").strip()
    if CONTROL.search(text) or (not lines and "\n" in text):
        _fault(bound, path, "control_characters", "含有不可见的控制字符，请删去后重填")
        return msgspec.UNSET
    if not text and required:
        _fault(bound, path, "required", "必填")
        return msgspec.UNSET
    return _checked(text, str, path, bound, meta)


def _bind_plain(raw: Any, kind: Any, path: str, bound: Bound[Any], meta: list[Any]) -> Any:
    if isinstance(raw, (list, dict)):
        _fault(bound, path, "one_value", "这一项只能填一个值")
        return msgspec.UNSET
    value = raw.strip() if isinstance(raw, str) else raw
    if kind in WRITTEN:
        form, code, message = WRITTEN[kind]
        whole = kind in (int, Decimal) and type(raw) is int  # JSON's own numbers; never a float or a bool
        try:
            if not whole and not (isinstance(value, str) and form.fullmatch(value)):
                raise ValueError
            if kind is datetime and not ZONED.search(value):
                return datetime.fromisoformat(value).replace(
                    tzinfo=SHANGHAI
                )  # <input type=datetime-local> is Shanghai's
        except ValueError:
            _fault(bound, path, code, message)
            return msgspec.UNSET
    return _checked(value, kind, path, bound, meta)


def _checked(value: Any, kind: Any, path: str, bound: Bound[Any], meta: list[Any]) -> Any:
    annotated = kind
    for extra in meta:
        annotated = Annotated[annotated, extra]
    try:
        return msgspec.convert(value, annotated, strict=False)
    except (msgspec.ValidationError, ValueError, OverflowError) as why:
        _fault(bound, path, *_chinese(str(why), kind, meta), **_facts(meta))
        return msgspec.UNSET


def _facts(meta: list[Any]) -> dict[str, object]:
    facts: dict[str, object] = {}
    for m in meta:
        for name in ("max_length", "min_length", "ge", "le", "gt", "lt"):
            if getattr(m, name, None) is not None:
                facts[name] = getattr(m, name)
    return facts


def _chinese(why: str, kind: Any, meta: list[Any]) -> tuple[str, str]:
    """msgspec's English complaint as (code, Chinese msgid)."""
    known = (
        ("length <=", "too_long", "过长：最多 {max_length} 个字"),
        ("length >=", "too_short", "过短：至少 {min_length} 个字"),
        ("matching regex", "wrong_form", "格式不对"),
        ("`int` >=", "too_small", "不能小于 {ge}"),
        ("`int` <=", "too_large", "不能大于 {le}"),
        (">=", "too_small", "不能小于 {ge}"),
        ("<=", "too_large", "不能大于 {le}"),
        ("Invalid enum", "no_such_choice", "没有这个选项"),
        ("Invalid UUID", "no_such_choice", "没有这个选项"),
        ("`int`", "not_a_number", "应为整数"),
        ("`decimal`", "not_a_number", "应为数字"),
        ("`date`", "no_such_date", "没有这个日期，应形如 2026-04-17"),
        ("`datetime`", "no_such_date", "没有这个日期或时间"),
        ("RFC3339", "no_such_date", "没有这个日期或时间"),
    )
    return next(((code, text) for sign, code, text in known if sign in why), ("wrong_form", "格式不对"))
