"""What limiter state costs in Redis: memory of a bucket, and scripts a second on one core.

Not part of the build: it needs a `redis-server`. It starts one on a loopback port without
persistence, measures, stops it, and writes ``results/limiter_redis.json``, which says where and when.

    python simulations/limiter_redis.py [folder with redis-server and redis-benchmark]

Memory: the growth of `used_memory` for each of 100,000 keys with an expiry, allocator and both
tables included, which is what a machine must have. Key names have 35 bytes.

Speed: `redis-benchmark`, 50 connections, no pipelining, on the same machine, so the client takes
CPU too. A script reads and writes its buckets at once (GCRA, one timestamp each). The value is
the best of the rounds, since other work on the machine can only slow one down; the lowest and
highest round stand beside it. It is not a claim about larger machines, threads for input and
output, a network between, or Redis Cluster.
"""

from __future__ import annotations

import datetime
import os
import platform
import socket
import subprocess
import sys
import time
from pathlib import Path

from common import RESULTS, rounded, write_results

PORT, KEYS, ROUNDS, CALLS = 16399, 100_000, 7, 100_000
RESULTS_FILE = RESULTS / "limiter_redis.json"
NAME = "rl:{{org_{0:010d}}}:ws_{0:06d}:rpm:s"
LAYOUTS = {
    "gcra": lambda name: [["SET", name, str(1_795_000_000_000_123), "EX", "86400"]],
    "hash": lambda name: [
        ["HSET", name, "tokens", "57.25", "ts", "1795000000.123"], ["EXPIRE", name, "86400"],
    ],
    "log": lambda name: [
        ["ZADD", name, *[part for i in range(10) for part in (str(1_795_000_000_000 + i), f"{i:08d}")]],
        ["EXPIRE", name, "86400"],
    ],
}  # fmt: skip
GCRA = """
local t = redis.call('TIME')
local now = t[1] * 1000000 + t[2]
local wait = 0
for i, key in ipairs(KEYS) do
  local tat = tonumber(redis.call('GET', key) or now)
  if tat - now > wait then wait = tat - now end
end
if wait > 2000000 then return wait end
for i, key in ipairs(KEYS) do
  local tat = tonumber(redis.call('GET', key) or now)
  redis.call('SET', key, string.format('%d', math.max(tat, now) + 1000), 'EX', 86400)
end
return 0
"""


class Client:
    """The few lines of the Redis protocol that this needs."""

    def __init__(self):
        self.socket = socket.create_connection(("127.0.0.1", PORT))
        self.file = self.socket.makefile("rb")

    def close(self) -> None:
        self.file.close()
        self.socket.close()

    def send(self, commands: list[list[str]]) -> list:
        self.socket.sendall(b"".join(self._packed(command) for command in commands))
        return [self._reply() for _ in commands]

    @staticmethod
    def _packed(command: list[str]) -> bytes:
        parts = [f"*{len(command)}\r\n", *(f"${len(part)}\r\n{part}\r\n" for part in command)]
        return "".join(parts).encode()

    def _reply(self):
        line = self.file.readline()[:-2]
        mark, rest = line[:1], line[1:]
        if mark == b"-":
            raise RuntimeError(rest.decode())
        if mark != b"$":
            return rest
        return self.file.read(int(rest) + 2)[:-2] if int(rest) >= 0 else None


def used(client: Client) -> int:
    """Bytes that the server's allocator has handed out."""
    text = client.send([["INFO", "memory"]])[0].decode()
    return int(text.split("used_memory:")[1].split()[0])


def bytes_for_each(client: Client, layout) -> float:
    """Growth of `used_memory` for each of KEYS keys."""
    client.send([["FLUSHALL"]])
    before = used(client)
    for first in range(0, KEYS, 1_000):
        batch = [command for i in range(first, first + 1_000) for command in layout(NAME.format(i))]
        client.send(batch)
    time.sleep(2)  # tables finish their resizing
    return (used(client) - before) / KEYS


def scripts_a_second(client: Client, folder: Path, buckets: int) -> float:
    """What redis-benchmark reports for a script over this many buckets."""
    client.send([["FLUSHALL"]])
    digest = client.send([["SCRIPT", "LOAD", GCRA]])[0].decode()
    keys = [f"rl:{{__rand_int__}}:{i}" for i in range(buckets)]
    command = [str(folder / "redis-benchmark"), "-p", str(PORT), "-n", str(CALLS), "-c", "50",
               "-r", "100000", "--csv", "EVALSHA", digest, str(buckets), *keys]  # fmt: skip
    lines = subprocess.run(command, check=True, capture_output=True, text=True).stdout.splitlines()
    return float(lines[-1].split('","')[1])


def record(client: Client) -> str:
    """Where and when, in a sentence."""
    info = client.send([["INFO", "server"]])[0].decode()
    version = info.split("redis_version:")[1].split()[0]
    cpu = next(line.split(": ")[1].strip() for line in Path("/proc/cpuinfo").read_text().splitlines()
               if line.startswith("model name"))  # fmt: skip
    day = datetime.date.today().isoformat()
    return f"Redis {version}, jemalloc, {cpu}, {os.cpu_count()} virtual cores, {platform.system()}, {day}"


def main() -> None:
    """Measure and write the record."""
    folder = Path(sys.argv[1] if len(sys.argv) > 1 else "/usr/bin")
    server = subprocess.Popen(
        [str(folder / "redis-server"), "--port", str(PORT), "--save", "", "--appendonly", "no",
         "--bind", "127.0.0.1"], stdout=subprocess.DEVNULL)  # fmt: skip
    try:
        time.sleep(1)
        client = Client()
        where, results = record(client), {}
        for name, layout in LAYOUTS.items():
            value = rounded(bytes_for_each(client, layout))
            results[f"limiter_redis.{name}"] = {
                "model": f"Memory of a key of 35 bytes, with expiry; {where}.",
                "unit": "B/bucket",
                "mean": {"value": value, "low": value, "high": value},
            }
        for buckets in (1, 4, 6):
            rounds = [scripts_a_second(client, folder, buckets) for _ in range(ROUNDS)]
            results[f"limiter_redis.scripts_{buckets}"] = {
                "model": f"Scripts over {buckets} buckets a second, best of {ROUNDS} rounds; {where}.",
                "unit": "call/s/core",
                "max": {
                    "value": rounded(max(rounds)),
                    "low": rounded(min(rounds)),
                    "high": rounded(max(rounds)),
                },
            }
        client.close()
        write_results(results, RESULTS_FILE)
    finally:
        server.terminate()
        server.wait()


if __name__ == "__main__":
    main()
