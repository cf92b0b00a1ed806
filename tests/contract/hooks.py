"""What schemathesis cannot know of Askwell: what is there, so that not everything is answered with 404."""

import itertools
import json
import os
import re

import requests
import schemathesis

from things import ask

THINGS = json.loads(os.environ["CONTRACT_THINGS"])
PARAMETER = re.compile(r"\{(\w+)\}")

turn = itertools.count()


def one_of(path):
    """The id or key of something that a path lists."""
    collection = path.rsplit("/", 1)[1]
    if collection in THINGS:
        return THINGS[collection]
    if collection == "customers":
        tickets = ask("GET", "/api/v1/tickets")["tickets"]
        found = [ticket["customer"]["id"] for ticket in tickets if ticket.get("customer")]
    else:
        lists = [value for value in ask("GET", path).values() if isinstance(value, list)]
        found = [item.get("id") or item.get("key") for item in lists[0] if isinstance(item, dict)]
    found = [item for item in found if item and item != THINGS["own_key"]]
    return found[next(turn) % len(found)] if found else None


def real(path):
    """Path parameters that name something, as far as there is something."""
    values = {}
    for match in PARAMETER.finditer(path):
        before = PARAMETER.sub(lambda earlier: str(values.get(earlier.group(1))), path[: match.start() - 1])
        if match.group(1) == "user_id":
            before = "/api/v1/users"
        try:
            values[match.group(1)] = one_of(before)
        except requests.HTTPError:
            # Nothing is listed there.
            return None
    return values if all(values.values()) else None


@schemathesis.hook
def before_call(context, case, kwargs):
    """Every second request is about something that is there. None is about the key that asks: it would end the run."""
    if not case.path_parameters:
        return
    if next(turn) % 2:
        case.path_parameters.update(real(case.operation.path) or {})
    if THINGS["own_key"] in case.path_parameters.values():
        case.path_parameters.update({name: "nothing" for name in case.path_parameters})
