"""Sending a callback as the browser does."""

from typing import Any

from flask import Flask
from werkzeug.test import TestResponse


def call(server: Flask, output: str, *values: Any, opening: bool = True) -> TestResponse:
    """Send the callback that updates `output`, such as "sum.children".

    Args:
        server: The app.
        output: Id and property; of several outputs, one.
        values: Of its inputs and states, in order; the rest are None.
        opening: Whether the page just opened, so that no input triggered it.
    """
    client = server.test_client()
    rules = client.get("/_dash-dependencies").get_json()
    return client.post("/_dash-update-component", json=payload(rules, output, *values, opening=opening))


def payload(rules: list[dict[str, Any]], output: str, *values: Any, opening: bool = True) -> dict[str, Any]:
    """What a browser sends for a callback, given the callbacks of `/_dash-dependencies`.

    One without an output goes by its input.
    """
    rule = next(rule for rule in rules if output in (outputs(rule) or inputs_of(rule)))
    given = [*values, *[None] * (len(rule["inputs"]) + len(rule["state"]) - len(values))]
    sent = [
        {**part, "value": value} for part, value in zip(rule["inputs"] + rule["state"], given, strict=True)
    ]
    specs = [dict(zip(("id", "property"), name.rsplit(".", 1), strict=True)) for name in outputs(rule)]
    inputs = sent[: len(rule["inputs"])]
    return {
        "output": rule["output"],
        "outputs": specs[0] if specs and not rule["output"].startswith("..") else specs,
        "inputs": inputs,
        "state": sent[len(inputs) :],
        "changedPropIds": [] if opening else [f"{inputs[0]['id']}.{inputs[0]['property']}"],
    }


def outputs(rule: dict[str, Any]) -> list[str]:
    """What a callback updates: "id.property" each, as `/_dash-dependencies` names it; empty for none."""
    return [name for name in rule["output"].strip(".").split("...") if "." in name]


def inputs_of(rule: dict[str, Any]) -> list[str]:
    """What a callback listens to, as "id.property" each."""
    return [f"{part['id']}.{part['property']}" for part in rule["inputs"]]
