"""Criteria: what is measured, and against which limit."""

from __future__ import annotations

from typing import Annotated, Self

from pydantic import Field, StrictBool, model_validator

from ..quantities import known_unit
from ..resolve_criteria import resolve_limit
from .forms import Listed, Lone
from .values import Block, CommandLine, Duration, Environment, Names, Quantity, Ref, Text


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
    metric: Annotated[MetricBlock, Lone("file")] | None = Field(
        None, description="A JSON file, or {run: command}."
    )
    memory: CommandLine | None = Field(None, description="Peak memory of this command.")
    time: CommandLine | None = Field(None, description="Duration of this command.")
    http: Annotated[HttpBlock, Lone("url")] | None = Field(
        None, description="An address; its status code is the value."
    )
    manual: Annotated[ManualBlock, Lone("text")] | None = Field(
        None, description="A question that a person signs."
    )
    agent: Annotated[AgentOpinionBlock, Lone("text")] | None = Field(
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
    after: Ref | None = Field(None, description='"decision", or the id of a gate that must be open first.')
    inputs: Names | None = Field(None, description="Globs whose content the result depends on, outside git.")
    max_age: Duration | None = Field(None, description="After this time a result is stale.")
    timeout: Duration | None = None
    must: StrictBool | None = Field(None, description="false: scored, but does not stop the gate.")
    should: StrictBool | None = Field(None, description="true is the same as must: false.")
    as_: Text | None = Field(None, alias="as", description="Name of the fact that holds the latest value.")
    cwd: Text | None = None
    env: Environment | None = None

    @model_validator(mode="after")
    def _limits_agree(self) -> Self:
        if self.above or self.below or self.min or self.max or self.unit:
            resolve_limit(self)
            if self.unit is not None:
                known_unit(self.unit)
        return self


class DeliverableBlock(CriterionBlock):
    """A deliverable: with a check it is verified by machine, without one by a named person."""

    id: Ref | None = None


Deliverables = Annotated[
    list[Annotated[DeliverableBlock, Lone("id")]], Listed("id", "api: {files: [src/api.rs]}", "name")
]
Criteria = Annotated[list[CriterionBlock], Listed("name", "tests: {run: make test}")]
