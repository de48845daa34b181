"""What YAML allows and a plan does not: one function for each, the event it is about in, the error out."""

from __future__ import annotations

from typing import Any

from yaml.events import Event

from .tree import TreeError, event_span


def tagged(event: Any) -> TreeError:
    tag = event.tag.replace("tag:yaml.org,2002:", "!!", 1)
    return TreeError(
        "tag",
        f"{tag} is a YAML tag; a plan has none",
        event_span(event),
        "put the text in quotes, or remove the tag",
    )


def empty_text(event: Any) -> TreeError:
    return TreeError(
        "value-start",
        f'a value cannot begin with "{event.style}" here',
        event_span(event),
        "put it in quotes, or write the text below, indented",
    )


def block_as_key(event: Event) -> TreeError:
    return TreeError(
        "key",
        "a key must be a text, not a block or a list",
        event_span(event),
        'put a text that begins with "{" or "[" in quotes',
    )


def second_document(event: Event) -> TreeError:
    help_ = "a plan is one document: remove this ---"
    return TreeError("documents", "a second document begins here", event_span(event), help_)


def merged_no_block(event: Event) -> TreeError:
    help_ = "<<: *name, where &name marks a block"
    return TreeError("merge", "<< can only take in a block, or a list of blocks", event_span(event), help_)


def too_deep(event: Event, most: int) -> TreeError:
    message = f"blocks stand {most} deep here, and no plan needs that"
    return TreeError("depth", message, event_span(event), "flatten it")


def too_large(event: Event, most: int) -> TreeError:
    message = f"the plan has more than {most:,} values once its aliases are expanded"
    return TreeError("size", message, event_span(event), "take the repeated aliases out")


def alias_in_itself(event: Any) -> TreeError:
    name = event.anchor
    return TreeError(
        "alias",
        f"*{name} stands inside the block that &{name} marks, so it would contain itself",
        event_span(event),
        "write the part out instead",
    )


def unknown_alias(event: Any) -> TreeError:
    return TreeError(
        "value-start",
        'a value cannot begin with "*" here',
        event_span(event),
        f'put it in quotes: "*{event.anchor}"',
    )
