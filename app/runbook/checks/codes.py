"""What each code means: shown by `tminus explain`. RB001 to RB032 are the rules of the language, RB1xx is reading."""

from __future__ import annotations

import difflib
from dataclasses import dataclass

from app.errors import Refused


@dataclass(frozen=True, slots=True)
class Explanation:
    """One code: a title, why the rule exists, what breaks it, and what keeps it."""

    code: str
    title: str
    text: str
    wrong: str
    right: str

    @property
    def example(self) -> str:
        """Wrong and right, one under the other."""
        return f"Wrong:\n{_indented(self.wrong)}\n\nRight:\n{_indented(self.right)}"


def explain(code: str) -> Explanation:
    """The explanation of a code. Raises Refused for an unknown one."""
    wanted = code.strip().upper()
    for each in EXPLANATIONS:
        if each.code == wanted:
            return each
    near = difflib.get_close_matches(wanted, [each.code for each in EXPLANATIONS], 1)
    hint = f"Did you mean {near[0]}?" if near else f"Codes go from {EXPLANATIONS[0].code} to {EXPLANATIONS[-1].code}."
    raise Refused(f"There is no code `{code}`.", hint=hint)


def _indented(text: str) -> str:
    return "\n".join(f"    {line}" for line in text.strip("\n").splitlines())


EXPLANATIONS: tuple[Explanation, ...] = (
    Explanation(
        "RB001",
        "Something is not written as the language wants it",
        "An unknown key, a wrong type, a number without its unit, an id that is missing, badly formed or used twice, a "
        "word such as on or no without quotes. Runbooks are read strictly, because a misspelt key that is ignored is "
        "found out during the cutover.",
        "- id: stop-jobs\n  est: 5\n  owne: app\n  check: {text: Stop the jobs}",
        "- id: stop-jobs\n  est: 5m\n  owner: app\n  check: {text: Stop the jobs}",
    ),
    Explanation(
        "RB002",
        "A name or a reference leads nowhere",
        "A role, host, database, mode, metric, artifact, trigger, phase, environment, parameter or step that does not "
        "exist; or a saved value that may not be there: saved later, on another track without needs, in a step that "
        "may be skipped, or by the very step whose undo needs it. An undo must work when its step only started.",
        "- id: low-ttl\n  save: {old: stdout}\n  local: {argv: [dns, ttl, 10s]}\n"
        "  undo:\n    - local: {argv: [dns, ttl, '${steps.low-ttl.old}']}",
        "- id: old-ttl\n  changes: nothing\n  save: {old: stdout}\n  local: {argv: [dns, ttl]}\n"
        "- id: low-ttl\n  local: {argv: [dns, ttl, 10s]}\n"
        "  undo:\n    - local: {argv: [dns, ttl, '${steps.old-ttl.old}']}",
    ),
    Explanation(
        "RB003",
        "A name built from a choice does not exist for every choice",
        "A name such as db-${params.to} must exist for every value that the parameter may have, or the run stops when "
        "somebody picks the other one.",
        "params:\n  to: {type: enum, values: [a, b, c]}\ndatabases:\n  db-a: {url: ...}\n  db-b: {url: ...}\n"
        "# in a step\nsql: {db: 'db-${params.to}', run: select 1}",
        "params:\n  to: {type: enum, values: [a, b]}\ndatabases:\n  db-a: {url: ...}\n  db-b: {url: ...}",
    ),
    Explanation(
        "RB004",
        "Nobody owns it, nobody knows how long it takes, or one person is alone",
        "A warning. A step without an owner is done by nobody in particular, one without an estimate makes every "
        "forecast wrong, and a role with one person stops when that person sleeps.",
        "roles:\n  dba: {people: [mei]}",
        "roles:\n  dba: {people: [mei, tom]}",
    ),
    Explanation(
        "RB005",
        "A decision that cannot be taken",
        "More voices are needed than there are people in the roles, or a fact comes after the decision that rests on "
        "it.",
        "roles: {lead: {people: [ana]}}\n# in a step\ndecide: {ask: Go on?, by: [lead], need: 2}",
        "roles: {lead: {people: [ana, raj]}}\n# in a step\ndecide: {ask: Go on?, by: [lead], need: 2}",
    ),
    Explanation(
        "RB006",
        "A change without a way back, or without a guard",
        "Every step says what it changes. What is reversible has an undo, or says why none is needed. What is "
        "destructive stands behind an approval or is declared a final boundary.",
        "- id: switch\n  changes: reversible\n  local: {argv: [app, use, new]}",
        "- id: switch\n  changes: reversible\n  local: {argv: [app, use, new]}\n"
        "  undo:\n    - local: {argv: [app, use, old]}",
    ),
    Explanation(
        "RB007",
        "It says that it changes nothing, but it does",
        "SQL that writes, calls a function with an effect or locks rows, a copy, or entering a mode is a change. A "
        "read-only session is the second guard only: PostgreSQL's still permits ALTER SYSTEM and pg_reload_conf(). As "
        "a warning: the text cannot be judged, or the command usually changes something.",
        "- id: count\n  changes: nothing\n  sql: {db: src, run: delete from orders}",
        "- id: count\n  changes: nothing\n  sql: {db: src, run: select count(*) as n from orders}",
    ),
    Explanation(
        "RB008",
        "A way back across a point of no return",
        "After a final boundary nothing may go back across it: no on_fail or otherwise that rolls back, no trigger, no "
        "undo on the boundary itself.",
        "- id: drop-old\n  boundary: {kind: final, says: The old rows are gone}\n  ...\n"
        "- id: smoke\n  on_fail: rollback",
        "- id: smoke\n  on_fail: stop",
    ),
    Explanation(
        "RB009",
        "A boundary that nobody decided on",
        "A decide step stands directly before every boundary, on its track or in its needs. plan.rollback must not "
        "promise more than the boundaries allow.",
        "- id: open\n  boundary: {kind: lossy, says: New orders exist on the new side only}",
        "- id: go-open\n  decide: {ask: Open writes?, by: [lead]}\n"
        "- id: open\n  boundary: {kind: lossy, says: New orders exist on the new side only}",
    ),
    Explanation(
        "RB011",
        "A mode that stays on, or was never on",
        "What is entered is left: on the way forward before the last task ends, and by the undo of the step that "
        "entered it, in every environment. What is left was entered before.",
        "- id: read-only\n  enter: [read_only]\n  undo: {none: not needed}",
        "- id: read-only\n  enter: [read_only]\n  undo:\n    - local: {argv: [app, writable]}\n"
        "      leave: [read_only]\n# later\n- id: open\n  leave: [read_only]",
    ),
    Explanation(
        "RB014",
        "A backup that nobody made",
        "A step, an undo or the rollback uses an artifact that no step makes before it. As a warning: nothing checks "
        "that the artifact can be restored.",
        "- id: restore\n  uses: [dump]",
        "- id: backup\n  makes: [dump]\n# later\n- id: restore\n  uses: [dump]",
    ),
    Explanation(
        "RB017",
        "Nobody knows how long the way back takes",
        "The way back of a phase and of the run has an estimate, and it is not smaller than the sum of the undos in "
        "its scope. An undo without an estimate takes its step's. The latest safe moment to turn back is computed from "
        "it.",
        "rollback: {how: reverse}",
        "rollback: {how: reverse, est: 10m}",
    ),
    Explanation(
        "RB018",
        "It could wait for ever",
        "A wait until something says how often it looks and when it gives up; a retry says how often, and how many "
        "times.",
        "wait: {until: {metric: lag, is: == 0ms}}",
        "wait: {until: {metric: lag, is: == 0ms}, every: 5s, timeout: 10m}",
    ),
    Explanation(
        "RB019",
        "A limit that can never be judged",
        "A trigger, a criterion or a wait on a metric or phase that does not exist, in a unit that is not the "
        "metric's, or as a factor of a baseline that is not measured, or is measured while the change is going on.",
        "metrics: {errors: {http: {url: ...}, value: json.v, unit: '%'}}\n"
        "triggers:\n  - {id: t1, metric: errors, when: '> 5 ms', do: pause}",
        "triggers:\n  - {id: t1, metric: errors, when: '> 5%', do: pause}",
    ),
    Explanation(
        "RB020",
        "A trigger that goes back where nothing can",
        "The trigger rolls back during a phase that has no way back.",
        "triggers: [{id: t1, metric: errors, when: '> 5%', during: [settle], do: rollback}]\n"
        "phases:\n  - id: settle\n    rollback: {how: none}",
        "triggers: [{id: t1, metric: errors, when: '> 5%', during: [settle], do: pause}]",
    ),
    Explanation(
        "RB021",
        "A secret that would be seen, or a value inside a script",
        "A secret stands only in password, env, stdin, bind and headers; never as text in the file. Scripts and SQL "
        "are never filled in: values arrive through env and bind, names through idents.",
        "local: {script: 'mysql -p${secrets.pw} -e \"select ${params.n}\"'}",
        "local:\n  script: mysql -e \"select $N\"\n  env: {MYSQL_PWD: '${secrets.pw}', N: '${params.n}'}",
    ),
    Explanation(
        "RB022",
        "A whole group at once",
        "A command on a group says how many hosts it takes at a time, and never destroys something on all of them at "
        "once.",
        "host: {name: web, argv: [deploy, new]}",
        "host: {name: web, argv: [deploy, new], batch: 25%}",
    ),
    Explanation(
        "RB024",
        "A rehearsal that touches production",
        "A rehearsal that is not live and production resolve to the same address of something that a step changes.",
        "environments:\n  staging: {rehearsal: true}\n  production: {production: true}",
        "environments:\n  staging: {rehearsal: true, set: {hosts.web.address: web.stg}}\n"
        "  production: {production: true, set: {hosts.web.address: web.prd}}",
    ),
    Explanation(
        "RB025",
        "A risk that nothing watches",
        "A warning. A risk in the matrix is watched by a step, a metric or a trigger.",
        "risks: [{id: r1, text: The feed falls behind}]",
        "risks: [{id: r1, text: The feed falls behind, watched_by: lag-zero}]",
    ),
    Explanation(
        "RB028",
        "A success that nobody judges",
        "A warning. A success criterion says when it is judged.",
        "success: [{id: s1, metric: errors, is: <= 1%}]",
        "success: [{id: s1, metric: errors, is: <= 1%, at: T+24h}]",
    ),
    Explanation(
        "RB029",
        "A step that can never run",
        "Its `when` never holds, `only` and `not_in` cancel out, or steps need each other in a circle or across a "
        "phase that has not begun. As a warning: its `when` always holds.",
        "- id: a\n  needs: [b]\n  track: one\n- id: b\n  needs: [a]\n  track: two",
        "- id: a\n  track: one\n- id: b\n  needs: [a]\n  track: two",
    ),
    Explanation(
        "RB030",
        "Time that may run away",
        "A warning. What may take longer than 15 minutes says when it is stopped. A window in which the clocks change, "
        "a local time that the clocks show twice, and a window with a blackout in it, are said before somebody finds "
        "out at night.",
        "est: 40m",
        "est: 40m\nmax: 2h",
    ),
    Explanation(
        "RB032",
        "A dead-man switch that cannot be armed",
        "The undo of a step with `revert_unless_confirmed` is laid at its target and runs there without anybody: it is "
        "exactly one `host` or `local` step, on one machine, and waits for no person, time or condition. The step "
        "itself is a command there too (same host, same `sudo`): its target ends it, or keeps it from starting, before "
        "it runs the undo. Every other kind (SQL, a request, a copy, a person, a command elsewhere) could still take "
        "effect after that. Nor may it change who answers under the host's name.",
        "revert_unless_confirmed: 10m\nsql: {db: new, run: drop table t}\nundo:\n  - host: {name: web1, argv: [back]}",
        "revert_unless_confirmed: 10m\nhost: {name: web1, argv: [shut]}\nundo:\n  - host: {name: web1, argv: [open]}",
    ),
    Explanation(
        "RB100",
        "The file is not YAML",
        "It cannot be read at all: a missing quote, a tab, wrong indentation, an empty file.",
        "steps:\n\t- id: a",
        "steps:\n  - id: a",
    ),
    Explanation(
        "RB101",
        "A character that cannot be seen, or no character at all",
        "The file is UTF-8, without control characters and without the ones that change the direction of text, because "
        "a reviewer must see what will run.",
        'check: {text: "harmless \\u202e gnihtemos"}',
        "check: {text: harmless}",
    ),
    Explanation(
        "RB102",
        "Too large",
        "A runbook has at most 1 MiB, 64 levels, 5,000 steps and 100,000 values.",
        "hosts: # ten thousand of them",
        "local: {argv: [./for-each-host, hosts.txt]}",
    ),
    Explanation(
        "RB103",
        "YAML that hides something",
        "Aliases, anchors, tags, merge keys, directives and further documents make a file mean something else than it "
        "shows.",
        "first: &it {est: 5m}\nsecond: *it",
        "first: {est: 5m}\nsecond: {est: 5m}",
    ),
)
