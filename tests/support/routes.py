"""All routes of the real application, and what to send them."""

from collections.abc import Iterator
from typing import Any

import msgspec
from litestar import Litestar
from litestar.routes import HTTPRoute

METHODS = ("GET", "POST", "PUT", "PATCH", "DELETE")


class Door(msgspec.Struct, frozen=True):
    """One method of one address; `body` is the struct of its JSON body, `parameters` the names in its path."""

    method: str
    path: str
    parameters: tuple[str, ...]
    body: Any = None

    @property
    def name(self) -> str:
        """How it is named in tests: `POST /orders/{order_id}`."""
        return f"{self.method} {self.path}"

    def fill(self, given: dict[str, str]) -> str:
        """Put values into the path."""
        path = self.path
        for name in self.parameters:
            path = path.replace("{" + name + "}", given[name])
        return path


def all_doors(app: Litestar) -> Iterator[Door]:
    """List every method of every address of ours, but the static ones."""
    for route in sorted(app.routes, key=lambda r: r.path):
        if not isinstance(route, HTTPRoute) or route.path.startswith(("/openapi/", "/static/")):
            continue
        path = route.path
        names = tuple(route.path_parameters)
        for name, parameter in route.path_parameters.items():
            path = path.replace("{" + parameter.full + "}", "{" + name + "}")
        for method, (handler, _) in route.route_handler_map.items():
            if method in METHODS:
                field = handler.parsed_fn_signature.parameters.get("data")
                yield Door(str(method), path, names, None if field is None else field.annotation)


def sample(kind: Any) -> Any:
    """Make plain data that fits a type: what a struct needs and nothing else."""
    return _sample(msgspec.inspect.type_info(kind))


def _sample(info: Any) -> Any:
    match info:
        case msgspec.inspect.StructType():
            return {f.encode_name: _sample(f.type) for f in info.fields if f.required}
        case msgspec.inspect.UnionType():
            return _sample(info.types[0])
        case msgspec.inspect.LiteralType():
            return info.values[0]
        case msgspec.inspect.EnumType():
            return next(iter(info.cls)).value
        case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType() | msgspec.inspect.SetType():
            return [_sample(info.item_type)]
        case msgspec.inspect.DictType():
            return {}
        case msgspec.inspect.IntType() | msgspec.inspect.FloatType():
            return 1
        case msgspec.inspect.BoolType():
            return True
        case msgspec.inspect.StrType() | msgspec.inspect.AnyType():
            return "something"
        case msgspec.inspect.DateTimeType():
            return "2026-08-01T00:00:00Z"
        case msgspec.inspect.CustomType():
            return "1"
        case msgspec.inspect.NoneType():
            return None
    raise AssertionError(f"no sample for {info}")


def complete(kind: Any) -> Any:
    """Make plain data that fills every field of a struct, the optional ones too."""
    return _complete(msgspec.inspect.type_info(kind))


def _complete(info: Any) -> Any:
    match info:
        case msgspec.inspect.StructType():
            return {f.encode_name: _complete(f.type) for f in info.fields}
        case msgspec.inspect.UnionType():
            wished = [t for t in info.types if not isinstance(t, msgspec.inspect.NoneType)]
            return _complete(wished[0])
        case msgspec.inspect.ListType() | msgspec.inspect.VarTupleType() | msgspec.inspect.SetType():
            return [_complete(info.item_type)]
        case msgspec.inspect.DictType():
            return {"key": _complete(info.value_type)}
    return _sample(info)
