"""Our quick `dataclass` and the standard one cannot be told apart by what their instances do."""

from __future__ import annotations

import copy
import dataclasses
import inspect
import pickle
from typing import Any, get_type_hints

import msgspec
import pytest

from locust_tui.domain.dataclass import dataclass


@dataclass(frozen=True, slots=True)
class Ours:
    name: str
    week: float = 1.5
    tags: dict[str, int] = dataclasses.field(default_factory=dict)
    also: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True)
class One:
    """A docstring of its own."""

    only: float


@dataclass(frozen=True, slots=True)
class Checked:
    low: int

    def __post_init__(self) -> None:
        if self.low < 0:
            raise ValueError("negative")

    def __repr__(self) -> str:
        return "own words"


@dataclass(frozen=True, slots=True)
class Empty:
    pass


def standard(ours: type[Any]) -> Any:
    """The same class from the standard library."""
    fields = [
        (f.name, f.type, dataclasses.field(default=f.default, default_factory=f.default_factory))
        for f in dataclasses.fields(ours)
    ]
    made: Any = dataclasses.make_dataclass(ours.__name__, fields, frozen=True, slots=True)
    return made


ARGUMENTS: list[tuple[type[Any], tuple[Any, ...], dict[str, Any]]] = [
    (Ours, ("a",), {}),
    (Ours, ("a", 2.0), {"also": ("x",)}),
    (Ours, (), {"name": "b", "tags": {"k": 1}}),
    (One, (3.0,), {}),
    (Empty, (), {}),
]


@pytest.mark.parametrize(("ours", "args", "named"), ARGUMENTS)
def test_instances_look_compare_and_hash_like_the_standard_ones(
    ours: type[Any], args: tuple[Any, ...], named: dict[str, Any]
) -> None:
    mine, theirs = ours(*args, **named), standard(ours)(*args, **named)
    assert repr(mine) == repr(theirs)
    assert dataclasses.asdict(mine) == dataclasses.asdict(theirs)
    assert mine.__match_args__ == theirs.__match_args__
    assert mine.__slots__ == theirs.__slots__
    assert mine == ours(*args, **named)
    assert mine != theirs
    assert msgspec.json.encode(mine) == msgspec.json.encode(theirs)
    assert msgspec.json.decode(msgspec.json.encode(mine), type=ours) == mine
    for copied in (copy.copy(mine), copy.deepcopy(mine), pickle.loads(pickle.dumps(mine))):
        assert copied == mine
    if ours is not Ours:
        assert hash(mine) == hash(theirs)
    else:
        with pytest.raises(TypeError):
            hash(mine)  # its dict has no hash


def test_two_with_different_fields_differ() -> None:
    assert Ours("a") != Ours("b")
    assert One(1.0) != One(2.0)
    nan = float("nan")
    assert One(nan) == One(nan)
    assert One(nan) != One(float("nan"))


def test_every_instance_has_its_own_default() -> None:
    assert Ours("a").tags is not Ours("a").tags


def test_replacing_a_field_makes_a_new_one() -> None:
    assert dataclasses.replace(Ours("a"), week=9.0) == Ours("a", 9.0)


def test_nothing_can_be_assigned_or_deleted() -> None:
    one: Any = One(1.0)
    with pytest.raises(dataclasses.FrozenInstanceError, match="assign to field 'only'"):
        one.only = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError, match="assign to field 'new'"):
        one.new = 2.0
    with pytest.raises(dataclasses.FrozenInstanceError, match="delete field 'only'"):
        del one.only
    assert one.only == 1.0


@pytest.mark.parametrize(
    ("args", "named"), [((), {}), (("a", 1, {}, (), 5), {}), (("a",), {"nmae": 1}), (("a",), {"name": 1})]
)
def test_wrong_arguments_are_refused_in_the_same_words(args: tuple[Any, ...], named: dict[str, Any]) -> None:
    said = []
    for cls in (Ours, standard(Ours)):
        with pytest.raises(TypeError) as refusal:
            cls(*args, **named)
        said.append(str(refusal.value).removeprefix("Ours."))
    assert said[0] == said[1]


@pytest.mark.parametrize("ours", [Ours, One, Empty])
def test_signature_and_types_can_be_looked_at_before_the_first_instance(ours: type[Any]) -> None:
    fresh: Any = dataclass(frozen=True, slots=True)(type(ours.__name__, (), _body(ours)))
    assert str(inspect.signature(fresh)).replace("'", "") == str(inspect.signature(standard(ours))).replace(
        "'", ""
    )
    assert get_type_hints(fresh.__init__) == get_type_hints(standard(ours).__init__)


def _body(ours: type[Any]) -> dict[str, Any]:
    defaults = {f.name: f.default for f in dataclasses.fields(ours) if f.default is not dataclasses.MISSING}
    made = {
        f.name: dataclasses.field(default_factory=f.default_factory)
        for f in dataclasses.fields(ours)
        if f.default_factory is not dataclasses.MISSING
    }
    types = {f.name: f.type for f in dataclasses.fields(ours)}
    return {"__annotations__": types, "__module__": __name__, **defaults, **made}


def test_a_class_keeps_its_own_methods_and_checks() -> None:
    assert repr(Checked(1)) == "own words"
    with pytest.raises(ValueError, match="negative"):
        Checked(-1)
    assert One.__doc__ == "A docstring of its own."
