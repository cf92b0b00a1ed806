"""Holds a running Askwell to its description: whatever is sent, it answers what /api/openapi.json says.

Starts the binary on a fresh folder with the demo, makes a key and a session, and lets schemathesis send what the description allows
and what it forbids. Fails on a 5xx, on a status, a content type, a header or a body that is not described, on an operation that does
not ask for a credential, and on a method that is answered without being described. Prints "N passed, N failed".

ASKWELL_BIN  the binary to start
"""

import http.client
import json
import os
import re
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from pathlib import Path

# Nothing is left in the repository.
sys.dont_write_bytecode = True
os.environ["PYTHONDONTWRITEBYTECODE"] = "1"

import things  # noqa: E402

HERE = Path(__file__).parent
# For each operation and phase. What chance finds with more is for somebody's own machine.
EXAMPLES = os.environ.get("CONTRACT_EXAMPLES", "10")
CHECKS = [
    "not_a_server_error",
    "status_code_conformance",
    "content_type_conformance",
    "response_headers_conformance",
    "response_schema_conformance",
    "ignored_auth",
    "unsupported_method",
    "allow_header_conformance",
]
# Everybody's own affairs need a session; the stream of events has no end.
OWN = r"^/api/v1/me(/|$)"
ENDLESS = "/api/v1/events"
# A hang, not a slow machine: a run takes less than a minute on two cores (measured 2026-11).
SECONDS_MAX = 900
START_SECONDS_MAX = 60
# The limits are tested elsewhere. Nothing is told to anybody outside.
CONFIG = """
[server]
requests_per_minute = 1000000
key_requests_per_minute = 1000000
session_requests_per_minute = 1000000
address_requests_per_minute = 1000000
[webhooks]
allow = ["127.0.0.1"]
"""


def main():
    binary = os.environ["ASKWELL_BIN"]
    with tempfile.TemporaryDirectory(prefix="askwell-contract-") as folder:
        data = Path(folder) / "data"
        data.mkdir()
        (data / "askwell.toml").write_text(CONFIG)
        key = make_key(binary, data)
        with socket.socket() as free:
            free.bind(("127.0.0.1", 0))
            address = f"127.0.0.1:{free.getsockname()[1]}"
        command = [binary, "serve", "--demo", "--data", str(data), "--listen", address]
        with open(Path(folder) / "log", "w+") as log:
            server = subprocess.Popen(command, stdout=log, stderr=subprocess.STDOUT)
            try:
                sign_in = wait(server, log, address)
                cookie = session(address, sign_in)
                os.environ.update(CONTRACT_URL=f"http://{address}", CONTRACT_KEY=key)
                os.environ["CONTRACT_THINGS"] = json.dumps(things.make())
                failed = [
                    name
                    for name, args in {
                        "what a key may do": ["-H", f"Authorization: Bearer {key}", "--exclude-path-regex", OWN, "--exclude-path", ENDLESS],
                        "what people do of their own": ["-H", f"Cookie: {cookie}", "-H", "Sec-Fetch-Site: same-origin", "--include-path-regex", OWN],
                    }.items()
                    if not held(name, f"http://{address}", args, folder)
                ]
                if server.poll() is not None:
                    failed.append("the server, which has ended")
            finally:
                server.terminate()
                server.wait()
            if failed:
                log.seek(0)
                print("".join(log.readlines()[-40:]))
        print(f"contract: {2 - len(failed)} passed, {len(failed)} failed" + "".join(f"\n  {name}" for name in failed))
        sys.exit(1 if failed else 0)


def make_key(binary, data):
    command = [binary, "key", "create", "--data", str(data), "--scopes", "admin", "--name", "contract"]
    return subprocess.run(command, check=True, capture_output=True, text=True).stdout.split()[-1]


def wait(server, log, address):
    """Waits until the server is ready; gives the link that it prints for the first admin."""
    for _ in range(START_SECONDS_MAX * 10):
        time.sleep(0.1)
        try:
            ready = urllib.request.urlopen(f"http://{address}/readyz").status == 200
        except OSError:
            ready = False
        log.seek(0)
        text = log.read()
        link = re.search(r"/app/sign-in\?token=\S+", text)
        if ready and link:
            return link.group()
        if server.poll() is not None:
            sys.exit(f"the server does not start:\n{text}")
    sys.exit("the server does not get ready")


def session(address, sign_in):
    """Signs in by the link; gives the cookie."""
    connection = http.client.HTTPConnection(address)
    connection.request("GET", sign_in)
    cookies = connection.getresponse().headers.get_all("set-cookie") or []
    return next(line.split(";")[0] for line in cookies if line.startswith("askwell_session="))


def held(name, url, args, folder):
    print(f"\n── {name}", flush=True)
    command = [str(Path(sys.executable).parent / "schemathesis"), "--no-color", "run", f"{url}/api/openapi.json"]
    command += ["--phases", "examples,coverage,fuzzing", "--max-examples", EXAMPLES, "--generation-deterministic", "--no-shrink", "--generation-with-security-parameters", "false"]
    command += ["--workers", "1", "--continue-on-failure", "--checks", ",".join(CHECKS), "--warnings", "off", *args]
    command += os.environ.get("CONTRACT_ARGS", "").split()
    environment = {
        **os.environ,
        "SCHEMATHESIS_HOOKS": "hooks",
        "PYTHONPATH": str(HERE),
    }
    # In the folder that goes: what a tool keeps for its next run is not for the repository.
    return subprocess.run(command, env=environment, cwd=folder, timeout=SECONDS_MAX).returncode == 0


main()
