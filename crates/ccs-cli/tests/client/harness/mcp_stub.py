"""A stdio MCP server with a tool that writes a file and one that shows it: what a hook sees of a tool it does not know."""
import json
import sys

TOOLS = [{
    "name": "save", "description": "Writes a text to a file",
    "inputSchema": {"type": "object", "required": ["path", "text"],
                    "properties": {"path": {"type": "string"}, "text": {"type": "string"}}},
}, {
    "name": "show", "description": "Shows a file, as an error if it shall fail",
    "inputSchema": {"type": "object", "required": ["path"],
                    "properties": {"path": {"type": "string"}, "fail": {"type": "boolean"}}},
}]


def main():
    for line in sys.stdin:
        message = json.loads(line)
        result = answer(message.get("method"), message.get("params") or {})
        if result is not None:
            print(json.dumps({"jsonrpc": "2.0", "id": message.get("id"), "result": result}), flush=True)


def answer(method, params):
    if method == "initialize":
        return {"protocolVersion": params.get("protocolVersion", "2025-06-18"), "capabilities": {"tools": {}},
                "serverInfo": {"name": "files", "version": "1"}}
    if method == "tools/list":
        return {"tools": TOOLS}
    if method == "tools/call":
        arguments = params["arguments"]
        if params["name"] == "show":
            with open(arguments["path"]) as file:
                text = file.read()
            return {"content": [{"type": "text", "text": text}], "isError": arguments.get("fail", False)}
        with open(arguments["path"], "w") as file:
            file.write(arguments["text"])
        return {"content": [{"type": "text", "text": "saved"}], "isError": False}
    return {} if method == "ping" else None


if __name__ == "__main__":
    main()
