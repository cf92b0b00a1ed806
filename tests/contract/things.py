"""Things that are there before the first request, made through the API."""

import json
import os

import requests

# Made before the first request, each as often as it may be deleted.
MADE = {
    "/api/v1/users": {"name": "Eve {n}", "email": "eve{n}@askwell.example", "role": "agent"},
    "/api/v1/roles": {"key": "role{n}", "name": "Role {n}", "scopes": ["kb:read"]},
    "/api/v1/teams": {"key": "team{n}", "name": "Team {n}"},
    "/api/v1/views": {"name": "View {n}", "filter": "status:open", "sharing": "everyone"},
    "/api/v1/fields": {"key": "field{n}", "title": "Field {n}", "kind": {"type": "text"}},
    "/api/v1/webhooks": {"url": "http://127.0.0.1:9/{n}"},
    "/api/v1/keys": {"name": "key {n}", "scopes": ["kb:read"]},
    "/api/v1/schedules": {"name": "Hours {n}", "zone": "Europe/Berlin", "hours": {"monday": [{"from": "09:00", "to": "17:00"}]}},
    "/api/v1/sla-policies": {"name": "Policy {n}", "targets": {"normal": {"first_reply_min": 60}}},
    "/api/v1/tickets": {"subject": "Ticket {n}", "body": "It is broken.", "customer": {"email": "cy{n}@example.org"}},
    "/api/v1/articles": {"title": "Article {n}", "locale": "en", "body": "Words of article {n}."},
}
EACH = 5


def ask(method, path, body=None):
    headers = {"Authorization": f"Bearer {os.environ['CONTRACT_KEY']}"}
    answer = requests.request(method, os.environ["CONTRACT_URL"] + path, headers=headers, json=body, timeout=30)
    answer.raise_for_status()
    return answer.json()


def make():
    """Makes things to work on. Gives which key is the one that asks, and the ids of what no list shows."""
    own_key = ask("GET", "/api/v1/keys")["keys"][0]["id"]
    for path, body in MADE.items():
        for n in range(EACH):
            ask("POST", path, json.loads(json.dumps(body).replace("{n}", str(n))))
    for user in ask("GET", "/api/v1/users")["users"]:
        absence = {"from": "2030-02-01T00:00:00Z", "to": "2030-02-08T00:00:00Z"}
        ask("POST", f"/api/v1/users/{user['id']}/absences", absence)
    conversation = ask("POST", "/api/v1/conversations")["id"]
    answer = ask("POST", f"/api/v1/conversations/{conversation}/turns", {"text": "How do I make an API key?"})
    return {"own_key": own_key, "conversations": conversation, "turns": answer["turn_id"], "traces": answer["trace_id"]}
