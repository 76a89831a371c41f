"""An outside system as a process of its own."""

import socket
import subprocess
from dataclasses import dataclass

import urllib3


@dataclass
class Running:
    """A system in a process of its own, answering at `url`."""

    process: subprocess.Popen
    url: str

    def request(self, method: str, path: str, body: object = None, **headers: str):
        named = {name.replace("_", "-"): value for name, value in headers.items()}
        return urllib3.request(method, self.url + path, json=body, headers=named, retries=False, timeout=10)

    def answers(self) -> bool:
        try:
            return self.request("GET", "/healthz").status == 200
        except urllib3.exceptions.HTTPError:
            return False


def a_free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
