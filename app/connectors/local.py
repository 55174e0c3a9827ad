"""Commands on this machine, detached from the console: started, found again and ended through the far side's script.

The script is the only judge; what is read here directly are the same files, and only for the plainest answer (ended,
both streams complete), because a step's end should not cost another shell. The threads only wait for short shells: a
child watcher of asyncio would depend on the Python version and on which thread the loop runs in.
"""

from __future__ import annotations

import asyncio
import subprocess
from collections.abc import Mapping
from concurrent.futures import Executor, ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from app.connectors import dead_man, detached
from app.connectors.ticket_folder import TicketFolder
from app.errors import Refused, TargetUnreachable
from app.ports import CommandPhase, CommandState, Limits, Payload, Say
from app.switch import Switch, SwitchState

_SHELL_SECONDS = 30
_CHUNK = 256 << 10
_BEAT_SECONDS = 1.0
_GRACE_SECONDS = 2.0
_CLAIMED_BEATS = 3
_CANCEL_TRIES = 50
_GOING_ON = (CommandPhase.RUNNING, CommandPhase.STARTING, CommandPhase.DONE)


class LocalCommands:
    """This machine as a place for commands. `home` holds a folder per ticket, 0700.

    environ: what every command inherits; leave out what no step may see. shell: the words that start a POSIX shell.
    """

    name = "this machine"

    def __init__(self, home: Path, environ: Mapping[str, str], shell: tuple[str, ...] = ("/bin/sh",)) -> None:
        self._home = home.absolute()
        self._environ = dict(environ)
        self._far = detached.FarSide(str(self._home), shell)
        self._threads = ThreadPoolExecutor(8, "tminus-local")
        self._switches = ThreadPoolExecutor(2, "tminus-switch")  # no step's shell keeps a beat from being heard

    async def launch(self, ticket: str, payload: Payload, limits: Limits) -> CommandState:
        """Start it at most once per ticket, ever. Raises Refused when it can never start (no room, bad argument)."""
        _, words = await self._call(detached.launch(ticket, payload, limits))
        word = words.get("L", "")
        if word == "started":
            return self._running(ticket)
        state = await self.state(ticket)
        if word in ("no-room", "cut-short") and state.phase is CommandPhase.CLAIMED:
            state = await self.fence(ticket)
            if state.phase is CommandPhase.FENCED:
                raise Refused(
                    f"The command's supervisor did not start it ({word}); it never will.",
                    where=self.name,
                    hint=f"Make room in {self._home}, then try the step again.",
                )
        return state

    async def attach(self, ticket: str, out_from: int, err_from: int, say: Say) -> CommandState:
        """Stream output from these byte offsets until the command has ended; its last state."""
        walk = _Walk(self, TicketFolder(self._folder(ticket)), say, {"out": out_from, "err": err_from})
        return await walk.to_the_end(ticket)

    async def state(self, ticket: str) -> CommandState:
        """Ask once."""
        ended = TicketFolder(self._folder(ticket)).ended()
        if ended is not None and ended.group == "gone":
            return ended
        return await self._facts(detached.ask(ticket, "state"))

    async def fence(self, ticket: str) -> CommandState:
        """Make sure that it never starts; answers FENCED, or the truth when it already did."""
        return await self._facts(detached.ask(ticket, "fence"))

    async def cancel(self, ticket: str, signal: Literal["TERM", "KILL"]) -> CommandState:
        """Signal the whole process group; the state afterwards. A command that is just starting is waited for."""
        for _ in range(_CANCEL_TRIES):
            state, words = await self._call(detached.cancel(ticket, signal))
            if words.get("K") == "delivered" or state is None or state.phase is not CommandPhase.STARTING:
                break
            await asyncio.sleep(0.02)
        return await self.state(ticket)

    async def forget(self, ticket: str) -> None:
        """Remove the payload and the streams of a ticket that is done or fenced; its shut gate stays for ever."""
        folder = TicketFolder(self._folder(ticket))
        ended = folder.ended()
        if ended is not None and ended.eof:  # the plainest case, after every step: not worth a shell
            # In a thread: the next step is being started by then.
            await asyncio.get_running_loop().run_in_executor(self._threads, folder.clear)
            return
        await self._call(detached.ask(ticket, "gc"))

    async def arm(self, ticket: str, payload: Payload, limits: Limits, switch: Switch) -> SwitchState:
        """Lay it there to fire by itself. Raises Refused when it is certainly not armed."""
        return await self._switch(dead_man.arming(self._far, ticket, payload, (limits, switch)))

    async def beat(self, ticket: str) -> SwitchState:
        """Be heard."""
        return await self._switch(dead_man.beating(ticket))

    def close(self) -> None:
        """Let the waiting threads go. Commands are not touched."""
        self._threads.shutdown(wait=False)
        self._switches.shutdown(wait=False)

    def _running(self, ticket: str) -> CommandState:
        folder = TicketFolder(self._folder(ticket))
        return folder.ended() or folder.running()

    def _folder(self, ticket: str) -> Path:
        return self._home / detached.folder_name(ticket)

    async def _facts(self, call: str) -> CommandState:
        state, _ = await self._call(call)
        if state is None:
            raise _no_answer(self.name)
        return state

    async def _switch(self, call: str) -> SwitchState:
        _, words = await self._answer(self._far.request(call, more=dead_man.TEXT), self._switches)
        return dead_man.read(words, self.name)

    async def _call(self, call: str) -> tuple[CommandState | None, dict[str, str]]:
        return await self._answer(self._far.request(call), self._threads)

    async def _answer(self, request: bytes, threads: Executor) -> tuple[CommandState | None, dict[str, str]]:
        loop = asyncio.get_running_loop()
        answer = await loop.run_in_executor(threads, self._shell, request)
        reader = detached.Frames()
        return detached.answer(list(reader.feed(answer)))

    def _shell(self, request: bytes) -> bytes:
        try:
            done = subprocess.run(
                [*self._far.shell, "-s"],
                input=request,
                capture_output=True,
                timeout=_SHELL_SECONDS,
                env=self._environ,
                cwd="/",
                start_new_session=True,  # ^C in the console's terminal is not meant for it
                check=False,
            )
        except (OSError, subprocess.TimeoutExpired) as error:
            raise TargetUnreachable(
                f"The shell gave no answer: {error.__class__.__name__}.", where=self.name
            ) from error
        if not done.stdout:
            said = done.stderr.decode("utf-8", "replace").strip()[:200]
            raise TargetUnreachable(f"The shell ended with {done.returncode} and said {said!r}.", where=self.name)
        return done.stdout


@dataclass(slots=True)
class _Walk:
    """One walk along a ticket's streams, from two offsets to their ends."""

    commands: LocalCommands
    folder: TicketFolder
    say: Say
    at: dict[Literal["out", "err"], int]
    ended_at: float | None = None
    claimed_beats: int = 0

    async def to_the_end(self, ticket: str) -> CommandState:
        loop = asyncio.get_running_loop()
        began = loop.time()
        heard = began if self.folder.started() else began - _BEAT_SECONDS
        while True:
            # Read before the streams: what they hold afterwards is all there will be.
            over = self.folder.over()
            complete = over and self.folder.complete()
            await self._drain()
            now = loop.time()
            if over and (complete or self._kept_open(now)):
                return await self.commands.state(ticket)
            if not over and now - heard >= _BEAT_SECONDS:
                heard = now
                state = await self.commands.state(ticket)
                if not self._goes_on(state):
                    await self._drain()
                    return state
            # 4 % of the time so far: a short command is not kept waiting, a long one not asked too often.
            await asyncio.sleep(min(0.05, max(0.0005, (now - began) / 25)))

    def _kept_open(self, now: float) -> bool:
        """A child of the command keeps a stream open for ever."""
        if self.ended_at is None:
            self.ended_at = now
        return now - self.ended_at > _GRACE_SECONDS

    def _goes_on(self, state: CommandState) -> bool:
        self.say.alive(self.commands.name)
        if state.phase is not CommandPhase.CLAIMED:
            return state.phase in _GOING_ON
        self.claimed_beats += 1  # a launch is on its way, or it died there: then it is the caller's to fence
        return self.claimed_beats <= _CLAIMED_BEATS

    async def _drain(self) -> None:
        for stream in self.at:
            while data := self.folder.read(stream, self.at[stream], _CHUNK):
                offset, self.at[stream] = self.at[stream], self.at[stream] + len(data)
                self.say.output(stream, offset, data)
                await asyncio.sleep(0)  # other steps run between two chunks


def _no_answer(where: str) -> TargetUnreachable:
    return TargetUnreachable("The far side gave no facts.", where=where)
