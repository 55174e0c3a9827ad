"""Commands on a host over SSH, detached from the link: started, found again and ended through the far side's script.

Nothing that the link does decides anything. A launch that was cut off is sent again (the far side runs a ticket once,
however often it is asked); a stream that was cut off is taken up at its next byte; an exit status counts only when the
ticket's own folder says it. While a host is away `attach` goes on asking for it; the other verbs give up after a while
and say so. `launch` asks for the streams in the same breath, so that a short step costs one conversation.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Awaitable, Callable
from concurrent.futures import Executor
from dataclasses import dataclass, field, replace
from typing import Literal, TypeVar

from app.connectors import dead_man, detached, host_identity, ssh_words
from app.connectors.detached import Chunk, Frame, Word
from app.connectors.host_identity import Facts
from app.connectors.ssh_link import Talk, new_mark
from app.connectors.ssh_pool import Call, SshPool
from app.connectors.ssh_route import Route, is_user
from app.connectors.ssh_tries import Patience, Tries, WaryTries
from app.connectors.ssh_words import LinkLost
from app.errors import Refused, TargetUnreachable
from app.ports import CommandPhase, CommandState, Fingerprint, Limits, Payload, Say
from app.switch import Switch, SwitchState

T = TypeVar("T")

_UNCLAIMED_SECONDS = 10.0
_CANCEL_TRIES = 50


@dataclass(frozen=True, slots=True)
class Manner:
    """Where tickets lie there ("" for ~/.tminus/commands of the user), who runs them ("" for whoever logs in).

    expects: facts of its fingerprint without which nothing is started, asked or signalled there.
    """

    home: str = ""
    user: str = ""
    expects: Facts = ()


class SshHost:
    """A host as a place for commands (`app.ports.Host`). Belongs to the loop of its pool."""

    def __init__(self, route: Route, pool: SshPool, manner: Manner = Manner()) -> None:
        self.name = f"host {route.name}" + (f" as {manner.user}" if manner.user else "")
        self._route, self._pool, self._manner = route, pool, manner
        self._far = detached.FarSide(manner.home, route.shell)
        self._begun: dict[str, Talk] = {}

    def become(self, user: str) -> SshHost:
        """The same host, with every command and all its traces under another user, through `sudo -n`."""
        if not is_user(user):
            raise Refused(f"{user[:60]!r} is no user name.", where=self.name, hint="Mend the step's `sudo`.")
        return SshHost(self._route, self._pool, replace(self._manner, user=user))

    def only(self, facts: Facts) -> SshHost:
        """The same host as long as it shows these facts; any other answers with Refused, and nothing happens there."""
        return SshHost(self._route, self._pool, replace(self._manner, expects=facts))

    async def identity(self) -> Fingerprint:
        """The key that it proved to have, and the id of its machine."""
        patience = Patience(self._pool.waits.patience)
        while True:
            try:
                talk = await self._talk(host_identity.asking())
                try:
                    _, words = detached.answer(await self._answer(talk, lambda frame: isinstance(frame, Word)))
                    return host_identity.fingerprint(talk.link.key, words.get("M", "").split(), self.name)
                finally:
                    talk.close()
            except LinkLost as lost:
                trouble = self._away(lost)
            except TargetUnreachable as away:
                trouble = away
            if not await patience.goes_on():
                raise trouble

    def queued(self, ticket: str) -> bool:
        """Whether it waits for its turn here, and not for the network or the host."""
        return self._pool.queued(self._route, ticket)

    async def launch(self, ticket: str, payload: Payload, limits: Limits) -> CommandState:
        """Start it at most once per ticket, ever. Raises Refused when certainly nothing was started by this call."""
        with self._pool.queue(ticket):
            call = await _on_thread(lambda: detached.launch(ticket, payload, limits))
            return await self._launch(ticket, (call, detached.attach(ticket, 0, 0, launched=True)))

    async def _launch(self, ticket: str, calls: tuple[str, str]) -> CommandState:
        tries = WaryTries(self._pool.waits.patience, self._away)
        while True:
            with tries:
                await self._pool.ready(self._route)  # a host that is away takes nobody's turn
                async with self._pool.turn(ticket):
                    talk = await self._talk(*calls)
                    tries.arrived()
                    return await self._launched(ticket, talk)
            self._pool.unqueue(ticket)  # it had its turn: from now on it is the host that is waited for
            if not await tries.patience.goes_on():
                break
        assert tries.trouble is not None
        if tries.sent:
            raise tries.trouble
        trouble = tries.trouble
        raise Refused(trouble.what, where=trouble.where, hint=f"Nothing was sent to it. {trouble.hint}")

    async def attach(self, ticket: str, out_from: int, err_from: int, say: Say) -> CommandState:
        """Stream output from these byte offsets until the command has ended; its last state. Outlasts lost links."""
        walk = _Walk(self.name, say, {"out": out_from, "err": err_from})
        talk = self._claim(ticket) if (out_from, err_from) == (0, 0) else None
        patience = Patience(None)
        while True:
            try:
                talk = talk or await self._talk(detached.attach(ticket, walk.at["out"], walk.at["err"]))
                return await self._along(walk, talk, patience)
            except LinkLost:
                pass  # taken up again at the next byte
            except TargetUnreachable:
                if talk is not None:  # it answered, with nonsense
                    raise
                # Else it is away: the engine hears the silence and says so, and the step goes on there.
            finally:
                if talk is not None:
                    talk.close()
                talk = None
            await patience.goes_on()

    async def _along(self, walk: _Walk, talk: Talk, patience: Patience) -> CommandState:
        """To the end of the streams, or as far as this conversation goes (LinkLost)."""
        new: tuple[Frame, ...] | None = talk.early
        while new is not None:
            if walk.ended(new) and walk.last is not None:
                return walk.last
            new = await self._next(talk, self._pool.waits.silence)
            patience.renew()
            walk.say.alive(self.name)
        raise LinkLost("the far side ended before the command did")

    async def state(self, ticket: str) -> CommandState:
        """Ask once."""
        return await self._facts(detached.ask(ticket, "state"))

    async def fence(self, ticket: str) -> CommandState:
        """Make sure that it never starts; answers FENCED, or the truth when it already did."""
        return await self._facts(detached.ask(ticket, "fence"))

    async def cancel(self, ticket: str, signal: Literal["TERM", "KILL"]) -> CommandState:
        """Signal the whole process group; the state afterwards. A command that is just starting is waited for."""
        for _ in range(_CANCEL_TRIES):
            state, words = await self._ask(detached.cancel(ticket, signal), _is_state)
            if words.get("K") == "delivered" or state is None or state.phase is not CommandPhase.STARTING:
                break
            await asyncio.sleep(0.02)
        return await self.state(ticket)

    async def forget(self, ticket: str) -> None:
        """Remove the payload and the streams of a ticket that is done or fenced; its shut gate stays for ever."""
        await self._ask(detached.ask(ticket, "gc"), lambda frame: isinstance(frame, Word))

    async def arm(self, ticket: str, payload: Payload, limits: Limits, switch: Switch) -> SwitchState:
        """Lay it there to fire by itself; sending it again after a cut is safe. Raises Refused when it is not armed."""
        call = await _on_thread(
            lambda: dead_man.arming(self._far, ticket, payload, (limits, switch)), self._pool.urgent
        )
        return await self._switch(call)

    async def beat(self, ticket: str) -> SwitchState:
        """Be heard."""
        return await self._switch(dead_man.beating(ticket))

    # ------------------------------------------------------------ conversations

    async def _switch(self, call: str) -> SwitchState:
        """On threads of its own: whoever is not heard in time has its step taken back."""
        asked = await _on_thread(lambda: self._request((call,), dead_man.TEXT), self._pool.urgent)
        told: list[SwitchState] = []

        def judge(words: dict[str, str]) -> None:
            told.append(dead_man.read(words, self.name))

        await self._asked(lambda: self._talk_with(asked, urgent=True), _is_switch, judge)
        return told[-1]

    async def _facts(self, call: str) -> CommandState:
        state, _ = await self._ask(call, _is_state)
        if state is None:
            raise TargetUnreachable("The far side gave no facts.", where=self.name)
        return state

    async def _ask(self, call: str, is_last: Callable[[Frame], bool]) -> tuple[CommandState | None, dict[str, str]]:
        """One request that may safely be made twice, and its answer."""
        return await self._asked(lambda: self._talk(call), is_last)

    async def _asked(
        self,
        begin: Callable[[], Awaitable[Talk]],
        is_last: Callable[[Frame], bool],
        judge: Callable[[dict[str, str]], None] | None = None,
    ) -> tuple[CommandState | None, dict[str, str]]:
        """The same, however it is begun.

        judge: looks at the words too; a refusal is none when the target may have followed the request before a cut.
        """
        tries = (Tries if judge is None else WaryTries)(self._pool.waits.patience, self._away)
        while True:
            with tries:
                talk = await begin()
                tries.arrived()
                with contextlib.closing(talk):
                    answer = detached.answer(await self._answer(talk, is_last))
                    if judge is not None:
                        judge(answer[1])
                    return answer
            if not await tries.patience.goes_on():
                assert tries.trouble is not None
                raise tries.trouble

    async def _answer(self, talk: Talk, is_last: Callable[[Frame], bool]) -> list[Frame]:
        frames: list[Frame] = []
        while (new := await self._next(talk)) is not None:
            frames += new
            if any(is_last(frame) or _is_refusal(frame) for frame in new):
                return frames
        raise LinkLost("the far side ended before it answered")

    async def _launched(self, ticket: str, talk: Talk) -> CommandState:
        try:
            early = await self._answer(talk, lambda frame: isinstance(frame, Word))
            _, words = detached.answer(early)
        except BaseException:
            talk.close()
            raise
        word = words.get("L", "")
        if word == "started":  # its streams follow on this very conversation
            self._keep(ticket, talk, early)
            return CommandState(CommandPhase.RUNNING)
        talk.close()
        return await self._not_started(ticket, word)

    async def _not_started(self, ticket: str, word: str) -> CommandState:
        state = await self.state(ticket)
        if word in ("no-room", "cut-short") and state.phase is CommandPhase.CLAIMED:
            state = await self.fence(ticket)
            if state.phase is CommandPhase.FENCED:
                raise Refused(
                    f"The command's supervisor did not start it ({word}); it never will.",
                    where=self.name,
                    hint=f"Make room in {self._manner.home or '~/.tminus'} there, then try the step again.",
                )
        return state

    async def _next(self, talk: Talk, silence: float = 0.0) -> tuple[Frame, ...] | None:
        """The next frames; None at the end. A connection on which nobody hears anything any more is given up."""
        silence = silence or self._pool.waits.answer
        try:
            new = await talk.next(silence)
        except LinkLost:
            if asyncio.get_running_loop().time() - talk.link.heard >= silence / 2:
                talk.link.sever()
            raise
        if new is None and not talk.began:
            raise ssh_words.no_shell(self._route, self._manner.user, talk.noise)
        return new

    async def _talk(self, *calls: str) -> Talk:
        return await self._talk_with(await _on_thread(lambda: self._request(calls)))

    async def _talk_with(self, asked: tuple[bytes, bytes], *, urgent: bool = False) -> Talk:
        call = Call(self._command(), *asked, self._manner.expects, urgent=urgent)
        return await self._pool.talk(self._route, call)

    def _request(self, calls: tuple[str, ...], more: str = "") -> tuple[bytes, bytes]:
        """The whole text for the far side's shell, and the mark after which its words begin."""
        call, mark = new_mark()
        insisting = host_identity.insisting(self._manner.expects)
        return self._far.request(call, *insisting, *calls, more=more), mark

    def _command(self) -> str:
        shell = " ".join(self._route.shell)
        become = f"sudo -n -H -u {self._manner.user} -- " if self._manner.user else ""
        return f"exec {become}{shell} -s"

    def _away(self, lost: LinkLost) -> TargetUnreachable:
        return TargetUnreachable(
            f"The connection to {self._route.spot} was lost: {lost.what}.",
            where=self.name,
            hint="Whatever runs there goes on.",
        )

    # ------------------------------------------------------------ streams that a launch asked for

    def _keep(self, ticket: str, talk: Talk, early: list[Frame]) -> None:
        old = self._begun.pop(ticket, None)
        if old is not None:
            old.close()
        talk.early = tuple(early)
        self._begun[ticket] = talk
        asyncio.get_running_loop().call_later(_UNCLAIMED_SECONDS, self._drop, ticket, talk)

    def _claim(self, ticket: str) -> Talk | None:
        return self._begun.pop(ticket, None)

    def _drop(self, ticket: str, talk: Talk) -> None:
        if self._begun.get(ticket) is talk:
            del self._begun[ticket]
            talk.close()


@dataclass(slots=True)
class _Walk:
    """One walk along a ticket's streams, over as many connections as it takes. `at`: the next byte of each."""

    name: str
    say: Say
    at: dict[Literal["out", "err"], int]
    last: CommandState | None = field(default=None)

    def ended(self, frames: tuple[Frame, ...]) -> bool:
        """Tell what is new in them; whether the far side said that this was all."""
        for frame in frames:
            match frame:
                case Chunk(stream=stream, offset=offset, data=data):
                    fresh = data[max(0, self.at[stream] - offset) :]
                    if fresh:
                        start, self.at[stream] = self.at[stream], self.at[stream] + len(fresh)
                        self.say.output(stream, start, fresh)
                case CommandState():
                    self.last = frame
                case Word(kind="X", text=text):
                    raise Refused(f"The target refused: {text}.", where=self.name)
                case Word(kind="Z"):
                    return True
                case Word():
                    pass
        return False


def _is_state(frame: Frame) -> bool:
    return isinstance(frame, CommandState)


def _is_switch(frame: Frame) -> bool:
    return isinstance(frame, Word) and frame.kind == "D"


def _is_refusal(frame: Frame) -> bool:
    return isinstance(frame, Word) and frame.kind == "X"


async def _on_thread(work: Callable[[], T], threads: Executor | None = None) -> T:
    return await asyncio.get_running_loop().run_in_executor(threads, work)
