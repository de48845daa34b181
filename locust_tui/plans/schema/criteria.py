"""Criteria: what is measured, and against which limit."""

from __future__ import annotations

from typing import Annotated, Any

from pydantic import BeforeValidator, Field, StrictBool, WithJsonSchema

from ..quantities import BadValueError
from .values import Block, CommandLine, Duration, Environment, Names, Quantity, Text, wrap


class ManualBlock(Block):
    """A question to a person."""

    text: Text
    by: Text | None = Field(
        None, description="The role that must sign; default: any permitted approver of the gate."
    )


class AgentOpinionBlock(Block):
    """A question to an agent; its opinion is shown and never counted."""

    text: Text
    type: Text | None = Field(None, description="Agent type to ask.")


class HttpBlock(Block):
    url: Text


class MetricBlock(Block):
    """Where a number comes from: a JSON file, or the output of a command."""

    file: Text | None = None
    run: CommandLine | None = None


def _metric(value: Any) -> Any:
    return {"file": value} if isinstance(value, str) else value


class CriterionBlock(Block):
    """One thing to measure. Several probes in one criterion must all pass."""

    name: Text | None = None
    run: CommandLine | None = Field(None, description="A command; exit code 0 passes.")
    files: Names | None = Field(
        None, description="Files that must exist and not be empty; globs and {a,b} allowed."
    )
    coverage: Names | None = Field(
        None, description="A coverage report: lcov, Cobertura, llvm-cov or coverage.py JSON."
    )
    metric: Annotated[MetricBlock, BeforeValidator(_metric)] | None = Field(
        None, description="A JSON file, or {run: command}."
    )
    memory: CommandLine | None = Field(None, description="Peak memory of this command.")
    time: CommandLine | None = Field(None, description="Duration of this command.")
    http: Annotated[HttpBlock, wrap("url")] | None = Field(
        None, description="An address; its status code is the value."
    )
    manual: Annotated[ManualBlock, wrap("text")] | None = Field(
        None, description="A question that a person signs."
    )
    agent: Annotated[AgentOpinionBlock, wrap("text")] | None = Field(
        None, description="An agent's opinion; advisory."
    )
    fact: Text | None = Field(
        None, description="A fact's latest value instead of a measurement (risks only)."
    )
    above: Quantity | None = Field(None, description="Passes when the value is greater.")
    below: Quantity | None = Field(None, description="Passes when the value is smaller.")
    min: Quantity | None = Field(None, description="Passes when the value is at least this.")
    max: Quantity | None = Field(None, description="Passes when the value is at most this.")
    expect: Text | None = Field(None, description="The exact value, or a /regex/.")
    unit: Text | None = Field(None, description="Unit of the value found.")
    at: Text | None = Field(None, description="Dotted path to the value in the JSON file.")
    include: Names | None = Field(None, description="Globs of the source files whose coverage counts.")
    baseline: CommandLine | None = Field(None, description="Measured too, and subtracted.")
    after: Text | None = Field(None, description='"decision", or the id of a gate that must be open first.')
    inputs: Names | None = Field(None, description="Globs whose content the result depends on, outside git.")
    max_age: Duration | None = Field(None, description="After this time a result is stale.")
    timeout: Duration | None = None
    must: StrictBool | None = Field(None, description="false: scored, but does not stop the gate.")
    should: StrictBool | None = Field(None, description="true is the same as must: false.")
    as_: Text | None = Field(None, alias="as", description="Name of the fact that holds the latest value.")
    cwd: Text | None = None
    env: Environment | None = None


class DeliverableBlock(CriterionBlock):
    """A deliverable: with a check it is verified by machine, without one by a named person."""

    id: Text | None = None


def deliverable(value: Any) -> Any:
    """A lone name is a deliverable without a check."""
    return {"id": value} if isinstance(value, str | int | float) else value


def listed(key: str, hint: str, lone: str | None = None) -> BeforeValidator:
    """Accept a block of id → item besides the list of items that carry `key`."""

    def unfold(value: Any) -> Any:
        if value is None:
            return []
        if isinstance(value, str | int | float):
            return [value]
        if not isinstance(value, dict):
            return value
        items = []
        for name, item in value.items():
            if isinstance(item, dict):
                items.append({key: name, **item})
            elif item is None:
                items.append({key: name})
            elif lone and isinstance(item, str | int | float):
                items.append({key: name, lone: item})
            else:
                raise BadValueError(f"{name} must be a block", hint, (name,))
        return items

    return BeforeValidator(unfold)


DeliverableItem = Annotated[
    DeliverableBlock,
    BeforeValidator(deliverable),
    WithJsonSchema({"anyOf": [{"type": ["string", "number"]}, {"$ref": "#/$defs/DeliverableBlock"}]}),
]
Deliverables = Annotated[list[DeliverableItem], listed("id", "api: {files: [src/api.rs]}", "name")]
Criteria = Annotated[list[CriterionBlock], listed("name", "tests: {run: make test}")]
