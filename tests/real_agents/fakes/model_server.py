"""A scripted model behind HTTP on 127.0.0.1: reads the request, plays the script's turn, keeps what it was asked."""

from __future__ import annotations

import argparse
import threading
import time
from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass, field
from http.server import ThreadingHTTPServer
from typing import ClassVar, Self

from .answer import Answer, Call, Failure, Header, Text, Thought
from .handler import Asked, Handler, Json
from .script import Script, Step

CUT = "partial "


@dataclass(slots=True)
class Gate:
    """A place where an answer waits until the test lets it go."""

    reached: threading.Event = field(default_factory=threading.Event)
    open: threading.Event = field(default_factory=threading.Event)


class FakeModel(ABC):
    """One API of a model provider. Use as a context manager; `url` is its root without a path."""

    answers: ClassVar[str]  # the path of the model
    models: ClassVar[Json] = {}

    def __init__(self, port: int = 0) -> None:
        self.asked: list[Asked] = []
        self._gates: dict[str, Gate] = {}
        self._failed: Counter[str] = Counter()
        self._limits: dict[str, int] = {}
        self._lock = threading.Lock()
        self._closing = threading.Event()
        handler = type("Handler", (Handler,), {"model": self})
        self._http = ThreadingHTTPServer(("127.0.0.1", port), handler)
        self._http.daemon_threads = True

    @property
    def port(self) -> int:
        return self._http.server_port

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def __enter__(self) -> Self:
        threading.Thread(
            target=self._http.serve_forever, args=(0.05,), name="fake-model", daemon=True
        ).start()
        return self

    def __exit__(self, *_: object) -> None:
        self._closing.set()
        for gate in list(self._gates.values()):
            gate.open.set()
        self._http.shutdown()
        self._http.server_close()

    def questions(self) -> list[Json]:
        """Bodies of the requests to the model, in order."""
        return [asked.body for asked in self.asked if asked.path.split("?")[0].endswith(self.answers)]

    def release(self, name: str) -> None:
        """Let `@hold NAME` go on, now and later."""
        self._gate(name).open.set()

    def wait_held(self, name: str, seconds: float = 60.0) -> None:
        """Return when an answer waits at `@hold NAME`."""
        if not self._gate(name).reached.wait(seconds):
            raise TimeoutError(f"no request reached @hold {name} within {seconds:g} s")

    def pause(self, seconds: float) -> None:
        """Wait, or less when the server is closed."""
        self._closing.wait(seconds)

    @abstractmethod
    def script(self, question: Json) -> tuple[Script, int]:
        """The script in force and how many of its turns have been played."""

    @abstractmethod
    def shell(self, command: str) -> Call:
        """The agent's own tool for shell commands."""

    @abstractmethod
    def window(self, resets_at: int, used: float, name: str, *, reached: bool) -> list[Header]:
        """Headers that tell how much of a usage window is gone."""

    @abstractmethod
    def failure(self, failure: Failure) -> Json:
        """The body of an HTTP error."""

    @abstractmethod
    def events(self, question: Json, answer: Answer) -> Iterable[tuple[str, Json]]:
        """The SSE events of an answer, (type, data)."""

    def answer(self, question: Json) -> Answer:
        """Play the turn that is due. Raises Failure."""
        script, done = self.script(question)
        if not script.turns:
            return Answer([Text("FAKE-OK: " + " ".join(script.prompt.split())[:60])])
        if done >= len(script.turns):
            return Answer([Text("FAKE-DONE")])
        answer = Answer()
        for step in script.turns[done]:
            # not the prompt: an agent adds to it what it is told after a turn that failed
            self._play(step, answer, repr(script.turns))
        return answer

    def _gate(self, name: str) -> Gate:
        with self._lock:
            return self._gates.setdefault(name, Gate())

    def _play(self, step: Step, answer: Answer, script: str) -> None:
        match step.verb:
            case "text" | "say":
                answer.blocks.append(Text(step.rest.replace("\\n", "\n")))
            case "think":
                answer.blocks.append(Thought(step.rest))
            case "run":
                answer.blocks.append(self.shell(step.rest))
            case "tool" | "tools":
                answer.blocks += [Call(name, arguments) for name, arguments in step.calls()]
            case "custom":
                name, text = step.words(2)
                answer.blocks.append(Call(name, text.replace("\\n", "\n"), free_form=True))
            case "sleep":
                self.pause(float(step.rest))
            case "hold":
                gate = self._gate(step.rest)
                gate.reached.set()
                gate.open.wait()
            case "stream":
                count, pause_ms = step.words(2)
                answer.blocks.append(Text(" ".join(f"word{number}" for number in range(int(count)))))
                answer.pause_s = float(pause_ms) / 1000
            case "flaky" | "error" | "limit" | "warn":
                self._trouble(step, answer, script)
            case _:
                self._end_badly(step, answer)

    def _trouble(self, step: Step, answer: Answer, script: str) -> None:
        if step.verb == "flaky":
            times, status, kind, message = step.words(4)
            with self._lock:
                self._failed[script] += 1
                if self._failed[script] > int(times):
                    return
            raise Failure(int(status), kind, message)
        if step.verb == "error":
            status, kind, message = step.words(3)
            raise Failure(int(status), kind, message)
        if step.verb == "limit":
            told, name = step.words(2)
            resets_at = int(told)
            if told.startswith("+"):
                with self._lock:
                    resets_at = self._limits.setdefault(script, int(time.time()) + resets_at)
            if time.time() >= resets_at:
                return
            headers = self.window(resets_at, 1.0, name or "five_hour", reached=True)
            raise Failure(429, "usage_limit", "The usage limit is reached", headers, resets_at)
        resets_at, used, name = step.words(3)
        answer.headers += self.window(int(resets_at), float(used), name or "five_hour", reached=False)

    def _end_badly(self, step: Step, answer: Answer) -> None:
        answer.blocks.append(Text("" if step.verb == "refuse" else CUT))
        match step.verb:
            case "maxtok":
                answer.ending = "max_tokens"
            case "refuse":
                answer.ending = "refusal"
            case "drop":
                answer.ending = "drop"
            case "hang":
                answer.silence_s = float(step.rest)
            case "failed":
                code, message = step.words(2)
                answer.ending, answer.error = "error", (code, message)
            case _:
                answer.ending = "error"


def serve(kind: type[FakeModel]) -> None:
    """Run one server until it is interrupted; the first line on stdout is its port."""
    parser = argparse.ArgumentParser(description=kind.__doc__)
    parser.add_argument("--port", type=int, default=0, help="0: a free one")
    with kind(parser.parse_args().port) as model, suppress(KeyboardInterrupt):
        print(model.port, flush=True)
        while True:
            time.sleep(3600)
