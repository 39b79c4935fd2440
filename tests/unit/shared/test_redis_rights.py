"""The rights that docs/servers.md grants are those of the commands that the code uses."""

import re

from redis.asyncio import Redis

from tests.architecture.sources import ROOT
from tests.redis_rights import rights

CALL = re.compile(r"\b(?:redis|_redis|pipe|write|client)\.([a-z_]+)\(")
LUA = re.compile(r"redis\.p?call\(\s*'([A-Za-z]+)'")
OTHERS = {"delete": "del", "incr": "incrby", "xpending_range": "xpending", "scan_iter": "scan"}
"""Methods of the client that are named otherwise than their command."""
NO_COMMANDS = {"aclose", "close", "pipeline", "register_script", "execute_command", "info", "count", "type", "append"}
BY_THE_CLIENT = {
    "info", "select", "multi", "exec", "discard", "unwatch", "evalsha", "script|load", "xreadgroup",
}  # fmt: skip
"""What redis-py and FastStream send by themselves, and `info`, which is also a method of loggers."""
OPTIONAL = {"config|get", "config|set"}


def used() -> set[str]:
    """Return the commands that the code sends."""
    methods = {name for name in dir(Redis) if not name.startswith("_")} - NO_COMMANDS
    commands: set[str] = set()
    for path in [*ROOT.glob("services/**/*"), *ROOT.glob("shared/**/*")]:
        if path.suffix == ".lua":
            commands |= {name.lower() for name in LUA.findall(path.read_text("utf-8"))}
        elif path.suffix == ".py" and "redis" in (text := path.read_text("utf-8")):
            commands |= {OTHERS.get(name, name) for name in CALL.findall(text) if name in methods}
    parents = ("xgroup", "xinfo", "config")
    return {re.sub(rf"^({'|'.join(parents)})_", r"\1|", command) for command in commands} - OPTIONAL


def test_the_rights_are_those_of_the_commands_that_are_used() -> None:
    granted = {word.removeprefix("+") for word in rights() if word.startswith("+")}
    assert {"hset", "xgroup|create", "zpopmin"} <= used(), "the search for commands works"
    assert sorted(used() - granted) == [], "grant them in docs/servers.md"
    assert sorted(granted - used() - BY_THE_CLIENT) == [], "nothing uses them"
