"""What a host refuses after it may have followed the request is no proof that nothing happened there."""

from __future__ import annotations

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import pytest

from app.connectors.detached import Frame, Word
from app.connectors.secrets import Vault
from app.connectors.ssh import SshHost
from app.connectors.ssh_connect import Dialer
from app.connectors.ssh_link import Talk
from app.connectors.ssh_pool import Call, SshPool
from app.connectors.ssh_route import Login, Route
from app.connectors.ssh_trust import Trust
from app.connectors.ssh_waits import Waits
from app.connectors.ssh_words import LinkLost
from app.errors import Refused, TargetUnreachable
from app.ports import Limits, Payload
from app.switch import Switch, SwitchWord

pytestmark = pytest.mark.anyio
ROUTE = Route("web1", "10.0.0.1", 22, Login("ana"), "10.0.0.1")
CUT = LinkLost("nothing was heard", sent=True)
UNSENT = LinkLost("nothing was heard", sent=False)
NO_ROOM = Word("X", "no room for the undo in /t")
STRANGE = Word("D", "word=perhaps left=9")
ARMED = Word("D", "word=armed left=9")


class Said(Talk):
    """A conversation in which the far side says one thing."""

    def __init__(self, *frames: Frame) -> None:
        self._mark = b""
        self._frames_left = [frames]

    async def next(self, silence: float) -> tuple[Frame, ...] | None:
        return self._frames_left.pop() if self._frames_left else None

    def close(self) -> None: ...


class Scripted(SshPool):
    """A host that answers by a list, one conversation after the other; a cut is raised."""

    def __init__(self, *script: LinkLost | Frame, patience: float = 5.0) -> None:
        super().__init__(Dialer(Trust(Path("/nowhere")), Vault({}), waits=Waits(patience=patience)))
        self.script = list(script)

    async def ready(self, route: Route) -> None: ...

    @asynccontextmanager
    async def turn(self, ticket: str) -> AsyncIterator[None]:
        yield

    async def talk(self, route: Route, call: Call) -> Talk:
        said = self.script.pop(0)
        if isinstance(said, LinkLost):
            raise said
        return Said(said)


async def arm(*script: LinkLost | Frame) -> SwitchWord:
    pool = Scripted(*script)
    told = await SshHost(ROUTE, pool).arm("r1/s/undo/1/armed-1", Payload(argv=("true",)), Limits(), Switch(9))
    assert pool.script == []
    return told.word


async def test_a_refusal_of_the_first_try_says_that_nothing_was_armed() -> None:
    with pytest.raises(Refused, match="no room"):
        await arm(NO_ROOM)
    with pytest.raises(Refused, match="no room"):
        await arm(UNSENT, NO_ROOM)


async def test_a_refusal_after_the_line_was_cut_does_not_say_that_nothing_was_armed() -> None:
    with pytest.raises(TargetUnreachable, match="no room"):
        await arm(CUT, NO_ROOM)
    assert await arm(CUT, ARMED) is SwitchWord.ARMED


async def test_a_refusal_after_an_answer_that_nobody_understood_does_not_either() -> None:
    with pytest.raises(TargetUnreachable, match="no room"):
        await arm(STRANGE, NO_ROOM)
    assert await arm(STRANGE, ARMED) is SwitchWord.ARMED


async def test_a_launch_that_was_answered_with_nonsense_is_never_told_as_unsent() -> None:
    class Nonsense(Said):
        async def next(self, silence: float) -> tuple[Frame, ...] | None:
            raise TargetUnreachable("The far side answered 'Welcome', which is not the protocol.")

    class Host(Scripted):
        async def talk(self, route: Route, call: Call) -> Talk:
            return Nonsense()

    with pytest.raises(TargetUnreachable, match="not the protocol"):
        await SshHost(ROUTE, Host(patience=0)).launch("r1/s/1", Payload(argv=("true",)), Limits())
