"""The links: every hop between two parts of the system that the fault engine carries and can disturb."""

from dataclasses import dataclass
from difflib import get_close_matches
from typing import Annotated

from pydantic import AfterValidator, WithJsonSchema

from chaos.toxics import Stream


@dataclass(frozen=True)
class Link:
    """One hop. Requests go upstream, from `caller` to `answerer`; answers come back downstream.

    `answers` begins a sentence about the answers, unmistakable where one answerer serves two links.
    """

    name: str
    caller: str
    answerer: str
    answers: str

    def traffic(self, stream: Stream) -> str:
        """What travels on the stream, as the subject of a sentence: "SIMPONI's answers to M-Paspor"."""
        if stream == "downstream":
            return f"{self.answerer}'s answers to {self.caller}"
        return f"requests from {self.caller} to {self.answerer}"


LINKS = {
    link.name: link
    for link in (
        Link("edge", caller="the people", answerer="M-Paspor", answers="M-Paspor answers"),
        Link("dukcapil", caller="M-Paspor", answerer="Dukcapil", answers="Dukcapil answers"),
        Link("simponi", caller="M-Paspor", answerer="SIMPONI", answers="SIMPONI answers"),
        Link("simkim", caller="M-Paspor", answerer="SIMKIM", answers="SIMKIM answers"),
        Link("bank", caller="the bank", answerer="SIMPONI", answers="SIMPONI answers the bank"),
        Link("callback", caller="SIMPONI", answerer="M-Paspor", answers="M-Paspor answers SIMPONI's callback"),
        Link("database", caller="M-Paspor", answerer="PostgreSQL", answers="PostgreSQL answers"),
    )
}


def known_link(name: str) -> str:
    """`name` itself where it is a link. Raises ValueError with the list of links and the nearest one."""
    if name in LINKS:
        return name
    near = get_close_matches(name, LINKS, n=1)
    meant = f"; did you mean {near[0]}?" if near else ""
    raise ValueError(f"expected a link ({', '.join(LINKS)}), found {name!r}{meant}")


def branch_name(link: str, branch: str) -> str:
    """What the proxy of a branch is called.

    >>> branch_name("edge", "java_4g"), link_of("edge.java_4g"), link_of("edge")
    ('edge.java_4g', 'edge', 'edge')
    """
    return f"{link}.{branch}"


def link_of(proxy: str) -> str:
    """The link that a proxy carries, whole or a branch of it."""
    return proxy.partition(".")[0]


LinkName = Annotated[str, AfterValidator(known_link), WithJsonSchema({"type": "string", "enum": list(LINKS)})]
