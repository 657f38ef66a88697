"""A scripted stand-in for the model's API on 127.0.0.1.

A script is a list of turns; turn N answers the request that holds N replies already, so a client
that asks again gets the same answer. A turn is a text, or an object

    {"ID": {"TOOL": INPUT}, ..., "meanwhile": [ACTION, ...]}

with one tool call for each ID, made at once; the actions are done, once, before the answer goes out.
"""
import json
import threading
import uuid
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer


class Script:
    """The turns of one run of the client, and those of its subagents by a text in their task."""

    def __init__(self, turns, agents, act):
        self.turns, self.agents, self.act = turns, agents, act
        self.requests = []
        self.failures = []
        self.done = set()
        self.lock = threading.Lock()

    def answer(self, body):
        """Blocks of the reply to a request."""
        with self.lock:
            self.requests.append(body)
        if not body.get("tools"):
            return [text_block('{"title": "session"}')]
        messages = body.get("messages") or []
        turns = self.turns_for(messages)
        position = sum(1 for message in messages if message.get("role") == "assistant")
        if position >= len(turns):
            return [text_block("OK")]
        self.meanwhile(turns, position)
        return blocks(turns[position])

    def turns_for(self, messages):
        task = next((text_of(m.get("content")) for m in messages if m.get("role") == "user"), "")
        for needle, turns in self.agents.items():
            if needle in task:
                return turns
        return self.turns

    def meanwhile(self, turns, position):
        actions = turns[position].get("meanwhile", []) if isinstance(turns[position], dict) else []
        with self.lock:
            is_done = (id(turns), position) in self.done
            self.done.add((id(turns), position))
        if is_done:
            return
        try:
            for action in actions:
                self.act(action)
        except Exception as error:  # a thread of the server: the scenario hears of it when the run is over
            self.failures.append("meanwhile: %s" % error)

    def results(self):
        """Tool results by call, as the model got them."""
        found = {}
        for body in self.requests:
            for message in body.get("messages") or []:
                content = message.get("content")
                for block in content if isinstance(content, list) else []:
                    if block.get("type") == "tool_result":
                        found[block["tool_use_id"]] = (text_of(block.get("content")), bool(block.get("is_error")))
        return found


def blocks(turn):
    if isinstance(turn, str):
        return [text_block(turn)]
    calls = [(name, call) for name, call in turn.items() if name != "meanwhile"]
    return [call_block(name, *next(iter(call.items()))) for name, call in calls]


def text_block(text):
    return {"type": "text", "text": text}


def call_block(name, tool, given):
    if tool == "Bash":
        given = dict({"description": "Run a command"}, **given)
    return {"type": "tool_use", "id": "toolu_" + name, "name": tool, "input": given}


def text_of(content):
    """All text of a `content` value, that of nested results included."""
    if isinstance(content, str):
        return content
    parts = []
    for block in content if isinstance(content, list) else []:
        parts += [block["text"]] if "text" in block else []
        parts += [text_of(block["content"])] if "content" in block else []
    return "\n".join(parts)


def message(content, model):
    reason = "tool_use" if any(block["type"] == "tool_use" for block in content) else "end_turn"
    usage = {"input_tokens": 100, "output_tokens": 20, "cache_creation_input_tokens": 0, "cache_read_input_tokens": 0}
    return {"id": "msg_" + uuid.uuid4().hex[:18], "type": "message", "role": "assistant", "model": model,
            "content": content, "stop_reason": reason, "stop_sequence": None, "usage": usage}


def stream(whole):
    """The message as server-sent events."""
    yield event("message_start", message=dict(whole, content=[], stop_reason=None))
    for index, block in enumerate(whole["content"]):
        if block["type"] == "text":
            start, delta = text_block(""), {"type": "text_delta", "text": block["text"]}
        else:
            start = dict(block, input={})
            delta = {"type": "input_json_delta", "partial_json": json.dumps(block["input"])}
        yield event("content_block_start", index=index, content_block=start)
        yield event("content_block_delta", index=index, delta=delta)
        yield event("content_block_stop", index=index)
    end = {"stop_reason": whole["stop_reason"], "stop_sequence": None}
    yield event("message_delta", delta=end, usage=whole["usage"])
    yield event("message_stop")


def event(kind, **fields):
    return ("event: %s\ndata: %s\n\n" % (kind, json.dumps(dict(fields, type=kind)))).encode()


class Handler(BaseHTTPRequestHandler):
    protocol_version = "HTTP/1.1"

    def log_message(self, *_arguments):
        pass

    def do_HEAD(self):
        self.send(200, b"")

    def do_GET(self):
        self.send(404, b"{}")

    def do_POST(self):
        body = json.loads(self.body() or b"{}")
        path = self.path.split("?")[0]
        if path.endswith("/count_tokens"):
            return self.send(200, b'{"input_tokens": 100}')
        if not path.endswith("/v1/messages"):
            return self.send(404, b"{}")
        whole = message(self.server.script.answer(body), body.get("model", ""))
        if body.get("stream"):
            return self.send(200, b"".join(stream(whole)), "text/event-stream")
        return self.send(200, json.dumps(whole).encode())

    def body(self):
        if self.headers.get("transfer-encoding", "").lower() != "chunked":
            return self.rfile.read(int(self.headers.get("content-length") or 0))
        data = b""
        while True:
            size = int(self.rfile.readline().split(b";")[0], 16)
            data += self.rfile.read(size)
            self.rfile.readline()
            if size == 0:
                return data

    def send(self, status, payload, kind="application/json"):
        self.send_response(status)
        self.send_header("content-type", kind)
        self.send_header("content-length", str(len(payload)))
        self.end_headers()
        if self.command != "HEAD":
            self.wfile.write(payload)


def serve():
    """A server that answers from its `script`, which the caller sets before each run."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    server.daemon_threads = True
    server.script = Script([], {}, None)
    threading.Thread(target=server.serve_forever, kwargs={"poll_interval": 0.05}, daemon=True).start()
    return server
