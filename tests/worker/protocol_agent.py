#!/usr/bin/env -S python3 -S -E
"""An agent that speaks Claude Code's control protocol and does what its prompt says, one step a line.

Everything it is told it writes into `$FLEET/heard`, what it did into `$FLEET/did`: so a test can see what reached it.
"""

import json
import math
import os
import sys
import time

FLEET = os.environ.get("FLEET", ".")
RUN = os.environ["LOCUST_TUI_RUN"]
SESSION = sys.argv[sys.argv.index("--session-id") + 1] if "--session-id" in sys.argv else ""
RESUMED = sys.argv[sys.argv.index("--resume") + 1] if "--resume" in sys.argv else ""
SESSION = RESUMED or SESSION
cost = 0.0
asked = 0


def note(file, text):
    with open(os.path.join(FLEET, file), "a") as f:
        f.write(f"{RUN} {text}\n")


def out(**message):
    sys.stdout.write(json.dumps({"session_id": SESSION, **message}) + "\n")
    sys.stdout.flush()


def hear():
    line = sys.stdin.readline()
    if not line:
        note("did", "end of input")
        sys.exit(0)
    note("heard", line.strip())
    return json.loads(line)


def state(word):
    out(type="system", subtype="session_state_changed", state=word)


def say(text):
    content = [{"type": "text", "text": text}]
    out(type="assistant", message={"id": "m", "model": "fake", "content": content, "usage": {}})


def result(text="done", error=None, status=None, subtype="success", **more):
    use = {"fake": {"inputTokens": 100, "outputTokens": 10, "costUSD": cost, "contextWindow": 200000}}
    out(
        type="result", subtype=subtype, is_error=error is not None, api_error_status=status, result=text,
        total_cost_usd=cost, usage={"input_tokens": 100, "output_tokens": 10}, modelUsage=use, **more,
    )  # fmt: skip
    state("idle")


def permission(tool, given, wait=True):
    global asked
    asked += 1
    id = f"ask-{asked}"
    state("requires_action")
    request = {"subtype": "can_use_tool", "tool_name": tool, "input": given, "tool_use_id": f"t{asked}"}
    out(type="control_request", request_id=id, request=request)
    while True:
        message = hear()
        if message["type"] == "control_response":
            assert message["response"]["request_id"] == id, message
            state("running")
            answer = message["response"]["response"]
            note("did", f"{tool} {given.get('command', '')} {answer['behavior']}".strip())
            return answer
        if message["type"] == "control_request":
            return None


def turn(prompt):
    """One turn; True when it ended otherwise than by a plain result."""
    global cost
    state("running")
    out(type="system", subtype="init", model="fake", claude_code_version="1.0", mcp_servers=[])
    for step in prompt.splitlines():
        word, _, rest = step.partition(" ")
        if word == "@run":
            permission("Bash", {"command": rest})
        elif word == "@question":
            options = [{"label": "red"}, {"label": "blue"}]
            answer = permission("AskUserQuestion", {"questions": [{"question": rest, "options": options}]})
            note("did", "answered " + json.dumps(answer.get("updatedInput", {}).get("answers")))
        elif word == "@cost":
            cost += float(rest)
        elif word == "@wait":
            while not os.path.exists(os.path.join(FLEET, rest)):
                time.sleep(0.02)
        elif word == "@nap":
            say("still at it")
            time.sleep(0.1)
        elif word == "@long":
            state("running")
            while True:
                message = hear()
                if message["type"] == "control_request":
                    result(
                        "interrupted", "x", subtype="error_during_execution", terminal_reason="aborted_tools"
                    )
                    return
        elif word == "@limit":
            already = os.path.join(FLEET, f"limited-{RUN.split('.')[0]}")
            if not os.path.exists(already):
                open(already, "w").close()
                at = time.time() + float(rest) if rest != "?" else None
                info = {"status": "rejected", "resetsAt": at and math.ceil(at), "rateLimitType": "five_hour"}
                out(type="rate_limit_event", rate_limit_info=info)
                result("You've hit your limit", "x", 429, api_error="usage_limit_reached")
                return
        elif word == "@limit-exit":
            already = os.path.join(FLEET, f"limited-{RUN.split('.')[0]}")
            if not os.path.exists(already):
                open(already, "w").close()
                info = {
                    "status": "rejected",
                    "resetsAt": math.ceil(time.time() + float(rest)),
                    "rateLimitType": "five_hour",
                }
                out(type="rate_limit_event", rate_limit_info=info)
                result("You've hit your limit", "x", 429, api_error="usage_limit_reached")
                sys.exit(1)
        elif word == "@warn":
            used, _, seconds = rest.partition(" ")
            info = {
                "status": "allowed_warning",
                "utilization": float(used),
                "rateLimitType": "five_hour",
                "resetsAt": math.ceil(time.time() + float(seconds or 3600)),
            }
            out(type="rate_limit_event", rate_limit_info=info)
        elif word == "@auth":
            mended = os.path.join(FLEET, "mended")
            if not os.path.exists(mended):
                out(
                    type="system",
                    subtype="api_retry",
                    attempt=1,
                    max_retries=10,
                    error="authentication_failed",
                    error_status=401,
                )
                while hear()["type"] != "control_request":
                    pass
                result("interrupted", "x", subtype="error_during_execution", terminal_reason="aborted_tools")
                return
        elif word == "@overloaded":
            already = os.path.join(FLEET, f"overloaded-{RUN}")
            if not os.path.exists(already):
                open(already, "w").close()
                result("overloaded", "x", 529)
                return
        elif word == "@fail":
            result(rest, "x", 404, api_error="model_not_found")
            return
        elif word == "@print":
            print(rest, flush=True)
        elif word == "@garbage":
            sys.stdout.buffer.write(b'\xff\xfe{"type": \x00\n[[[[\n{"type":7}\nnull\n"' + b"\n")
            sys.stdout.buffer.flush()
        elif word == "@wide":
            sys.stdout.write("{" + "x" * (int(rest) << 20) + "\n")
            sys.stdout.flush()
        elif word == "@flood":
            end = time.monotonic() + float(rest)
            block = b"y\n" * (1 << 19)
            while time.monotonic() < end:
                os.write(1, block)
        elif word == "@crash":
            os.kill(os.getpid(), 9)
        elif word == "@exit":
            sys.exit(int(rest))
        elif word == "@write":
            with open(rest, "a") as f:
                f.write("x")
            note("did", f"write {rest}")
        elif step:
            say(step)
    result(f"done: {prompt.splitlines()[0] if prompt else ''}")


note("did", f"resumed {RESUMED}" if RESUMED else "began")
pending = None
while True:
    message = hear()
    if message["type"] == "user":
        script = message["message"]["content"]
        if script.startswith("Please continue"):
            note("did", "continued")
            script = os.environ.get("AFTER", "")
        turn(script)
    elif message["type"] == "control_request" and message["request"]["subtype"] == "initialize":
        out(
            type="control_response",
            response={"subtype": "success", "request_id": message["request_id"], "response": {}},
        )
