"""A console in a process of its own, to be killed: appends for ever and prints each number once it is on the disk.

python writer.py RECORD append      one event at a time, and groups, for ever
python writer.py RECORD hold        opens the record, says "driving", and waits for its input to end
python writer.py RECORD serve N     drives until N requests have been taken; records each as a note
python writer.py RECORD ask NAME N  puts N requests into the inbox
python writer.py RECORD limit N     appends until no file may grow beyond N bytes; prints the refusal
"""

import itertools
import resource
import sys
from pathlib import Path

from app.errors import RecordUnwritable
from app.journal.inbox import put_request
from app.journal.store import Journal, open_for_driving
from app.run.events import NoteAdded
from app.run.requests import Note
from tests.journal.records import Ticking


def main() -> None:
    path, verb, *rest = Path(sys.argv[1]), *sys.argv[2:]
    match verb:
        case "append":
            append(open_for_driving(path, Ticking(), "writer"))
        case "hold":
            with open_for_driving(path, Ticking(), "writer"):
                say("driving")
                sys.stdin.read()
        case "serve":
            with open_for_driving(path, Ticking(), "writer") as journal:
                serve(journal, int(rest[0]))
        case "ask":
            for number in range(int(rest[1])):
                put_request(path, Note(rest[0], str(number)), Ticking())
        case "limit":
            limit(path, int(rest[0]))
        case _:
            raise SystemExit(f"unknown: {verb}")


def append(journal: Journal) -> None:
    for number in itertools.count():
        journal.append([NoteAdded("writer", "x" * (number % 3000))] * (1 + number % 5))
        say(f"{journal.seq}:{journal.head}")


def serve(journal: Journal, wanted: int) -> None:
    say("driving")
    taken = 0
    while taken < wanted:
        for asked in journal.take_requests():
            assert isinstance(asked.request, Note)
            journal.append([NoteAdded(asked.request.by, asked.request.text)], [asked.id])
            taken += 1


def limit(path: Path, most: int) -> None:
    journal = open_for_driving(path, Ticking(), "writer")
    resource.setrlimit(resource.RLIMIT_FSIZE, (most, most))
    try:
        while True:
            journal.append([NoteAdded("writer", "x" * 1000)])
            say(str(journal.seq))
    except RecordUnwritable as error:
        say(str(error))
    try:
        journal.append([NoteAdded("writer", "x")])
    except RecordUnwritable as error:
        say(str(error))


def say(text: str) -> None:
    sys.stdout.write(text + "\n")
    sys.stdout.flush()


if __name__ == "__main__":
    main()
