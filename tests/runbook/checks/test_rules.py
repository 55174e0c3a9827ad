"""Each rule of the checker is planted in a runbook that keeps all of them, and found at its line."""

import pytest

from app.runbook.checks.codes import EXPLANATIONS
from tests.runbook.sample import LEDGER, SITE, codes, loaded, replaced, said

# code ("w" behind: a warning), what is there, what breaks it
PLANTED = [
    (
        "RB001",
        "est: 5m\n        changes: reversible\n        check:",
        "est: 5\n        changes: reversible\n        check:",
    ),
    ("RB001", "text: Close the deploy pipeline", "txt: Close the deploy pipeline"),
    ("RB001", "- id: same\n", "- id: Same\n"),
    ("RB001", "- id: watch\n", "- id: same\n"),
    ("RB001", "id: push", "id: watch"),
    ("RB001", "deadline: 5m, otherwise: rollback", "deadline: on, otherwise: rollback"),
    ("RB001", "timezone: Europe/Lisbon", "timezone: Europe/Atlantis"),
    ("RB001", "timezone: Europe/Lisbon", "blackout: []"),
    ("RB001", "default: 5000, min: 100", "default: 50, min: 100"),
    ("RB001", "default: 2s, max: 10s", "default: 2, max: 10s"),
    ("RB001", "pattern: 'OPS-[0-9]+'", "pattern: 'OPS-['"),
    ("RB001", "    number: 4\n", "    number: 1\n"),
    ("RB001", "      - id: watch\n", "      - title: watch\n"),
    ("RB001", "uses: [dump]\n    undo: {none: final}", "uses: [dump]\n    undo:"),
    ("RB001", "id: s2, mode", "id: s1, mode"),
    ("RB001", "id: s2, mode", "id: watch, mode"),
    ("RB002", "leave: [freeze]\n      - id: backup", "leave: [frieze]\n      - id: backup"),
    (
        "RB002",
        "owner: dba\n        est: 10m\n        changes: nothing\n        track",
        "owner: dbo\n        est: 10m\n        changes: nothing\n        track",
    ),
    ("RB002", "'--ticket=${params.ticket}'", "'--ticket=${params.tickets}'"),
    ("RB002", "'--ticket=${params.ticket}'", "'--ticket=${HOME}'"),
    ("RB002", "'--ticket=${params.ticket}'", "'--ticket=${params.ticket:-none}'"),
    ("RB002", "'${h.address}']", "'${h.colour}']"),
    ("RB002", "n: '${steps.old-limit.limit}'", "n: '${steps.old-limit.limits}'"),
    ("RB002", "n: '${steps.old-limit.limit}'", "n: '${steps.older-limit.limit}'"),
    ("RB002", "at most ${modes.read_only.max}", "at most ${modes.read_only.maximum}"),
    ("RB002", "{metric: lag, is: '<= ${params.lag_max}'}", "{metric: lagg, is: '<= ${params.lag_max}'}"),
    (
        "RB002",
        "sql: {db: new, run: select count(*) as n from books}",
        "sql: {db: newer, run: select count(*) as n from books}",
    ),
    ("RB002", "name: web, argv", "name: webs, argv"),
    ("RB002", "  web: [web1, web2]", "  web: [web1, web3]"),
    ("RB002", "only: [production]", "only: [prod]"),
    ("RB002", "hosts.web2.address: web2.prd", "hosts.web3.address: web3.prd"),
    ("RB002", "params.batch.default: 10000", "params.batch.default: [1]\n      triggers: []"),
    ("RB002", "needs: [backup]", "needs: [back-up]"),
    ("RB002", "facts: [caught-up, t1]", "facts: [caught-up, t2]"),
    ("RB002", "makes: [dump]", "makes: [damp]"),
    ("RB002", "watch: [too-many-errors, too-slow]", "watch: [too-many-errors, to-slow]"),
    ("RB002", "rollback:\n  to: cutover", "rollback:\n  to: cut"),
    ("RB002", "password: ledger_pw, via: jump", "password: ledgr_pw, via: jump"),
    ("RB001", "          as: h\n", "          as: steps\n"),
    ("RB001", "in: web\n", "in: [web1, 'web 2']\n"),
    ("RB001", "in: web\n", "in: [web1, web1]\n"),
    ("RB002", "{address: web1.stg", "{address: '${params.ticket}'"),
    ("RB002", "ledger@old.stg/ledger", "ledger@${steps.same.x}/ledger"),
    ("RB002", "ledger@old.stg/ledger", "ledger@${params.nobody}/ledger"),
    ("RB003", "from: {type: enum, values: [old, new]", "from: {type: enum, values: [old, new, other]"),
    ("RB004w", "owner: app\n        est: 60m\n        ", ""),
    ("RB004w", "lead: {people: [iris, olu]}", "lead: {people: [iris]}"),
    ("RB005", "by: [lead], need: 2, facts: [same]", "by: [lead], need: 3, facts: [same]"),
    ("RB005", "facts: [caught-up, t1]", "facts: [caught-up, watch]"),
    ("RB006", "changes: reversible\n        boundary", "boundary"),
    (
        "RB006",
        (
            "        undo:\n          - est: 8m\n"
            "            host: {name: web, argv: [deploy, ledger, --previous], batch: 1}\n"
        ),
        "",
    ),
    ("RB006", "    boundary: {kind: final, says: The old engine is gone}\n", ""),
    (
        "RB006",
        "          - sql: {db: new, run: 'update limits set max_rows = :n', bind: {n: '${steps.old-limit.limit}'}}\n",
        "          []\n",
    ),
    ("RB007", "run: select max_rows from limits where name = :name", "run: delete from limits where name = :name"),
    ("RB007", "run: select ms from feed.lag", "run: select pg_reload_conf()"),
    ("RB007", "run: select version() as v", "run: truncate books"),
    ("RB007", "changes: reversible\n        check: {text: Close", "changes: nothing\n        check: {text: Close"),
    (
        "RB007",
        "compare: {left: old, right: new, by: [count, checksum]}",
        "changes: nothing\n        copy: {from: old, to: new}",
    ),
    ("RB007w", "argv: [ledger-dump, /srv/ledger.dump]", "argv: [rm, /srv/ledger.dump]"),
    ("RB007w", "run: select max_rows from limits where name = :name", "run: selekt max_rows"),
    ("RB008", "kind: lossy", "kind: final"),
    (
        "RB009",
        "facts: [s1, s2], otherwise: stop}",
        "facts: [s1, s2], otherwise: stop}\n  - {id: between, text: Wait, owner: dba}",
    ),
    ("RB009", "rollback: limited", "rollback: automated"),
    (
        "RB011",
        "check: {text: Open the deploy pipeline}\n    leave: [freeze]",
        "check: {text: Open the deploy pipeline}",
    ),
    ("RB011", "check: {text: Open the pipeline}\n            leave: [freeze]", "check: {text: Open the pipeline}"),
    (
        "RB011",
        "items: [web, jobs]}\n",
        "items: [web, jobs]}\n        leave: [read_only]\n",
    ),
    ("RB014", "        makes: [dump]\n", ""),
    ("RB014w", ", check: restore-drill}", "}"),
    ("RB017", "how: reverse, est: 10m}", "how: reverse, est: 1m}"),
    ("RB017", "  est: 10m\n  uses", "  uses"),
    ("RB017", "  est: 10m\n  uses", "  est: 30s\n  uses"),
    ("RB018", "          timeout: 10m\n", ""),
    ("RB018", "          every: 5s\n", ""),
    ("RB018", "retry: {times: 5, every: 5s}", "retry: {every: 5s}"),
    ("RB018", "on_fail: rollback", "on_fail: retry"),
    ("RB019", "metric: errors, when: '> 5%'", "metric: failures, when: '> 5%'"),
    ("RB019", "metric: errors, when: '> 5%'", "metric: errors, when: '> 5 rows'"),
    ("RB019", "metric: errors, when: '> 5%'", "metric: errors, when: '> 2x baseline'"),
    ("RB019", "for: 5m, during: [cutover]", "for: 5m, during: [cutoff]"),
    ("RB019", "from: T-8d, to: T-5d", "from: T-8d, to: T-1h"),
    ("RB019", "metric: errors, is: <= 1%", "metric: errors, is: <= 1"),
    (
        "RB020",
        "rollback: {how: reverse, est: 5m}\n    steps:\n      - id: caught-up",
        "rollback: {how: none}\n    steps:\n      - id: caught-up",
    ),
    ("RB021", "'--ticket=${params.ticket}'", "'--key=${secrets.api_token}'"),
    ("RB021", "run: select max_rows from limits where name = :name", "run: 'select ${params.ticket}'"),
    ("RB021", "query: {m: ledger_5xx}", "query: {m: '${secrets.api_token}'}"),
    ("RB021", "run: select ms from feed.lag", "run: 'select ${params.batch}'"),
    ("RB021", "'--ticket=${params.ticket}'", "--password=hunter22"),
    ("RB021", "Authorization: 'Bearer ${secrets.api_token}'", "Authorization: Bearer 12345678"),
    ("RB021", "mysql+pymysql://ledger@old.stg", "mysql+pymysql://ledger:pw@old.stg"),
    ("RB022", "argv: [deploy, ledger, --previous], batch: 1", "argv: [deploy, ledger, --previous]"),
    ("RB022", "sql: {db: old, run: drop table books}", "host: {name: web, argv: [wipe], batch: 100%}"),
    ("RB024", '      databases.new.url: "postgresql+psycopg://ledger@new.prd/ledger"\n', ""),
    ("RB024", "      hosts.web2.address: web2.prd\n", ""),
    (
        "RB024",
        'databases.new.url: "postgresql+psycopg://ledger@new.prd/ledger"',
        'databases.new.url: "postgresql://other@NEW.stg:5432/ledger"',
    ),
    ("RB025w", ", watched_by: lag}", "}"),
    ("RB028w", "is: <= 20m, at: T+2h}", "is: <= 20m}"),
    ("RB029", "when: params.full == yes", "when: params.full == maybe"),
    ("RB029", "when: params.full == yes", "when: params.full == yes and params.full == no"),
    ("RB029w", "when: params.full == yes", "when: params.full != maybe"),
    ("RB029", "only: [production]", "only: [production]\n        not_in: [production]"),
    ("RB029", "needs: [read-only]", "needs: [read-only, go-open]"),
    ("RB029", "needs: [backup]", "needs: [backup, same]"),
    (
        "RB030w",
        "est: 10m\n        changes: nothing\n        needs",
        "est: 40m\n        changes: nothing\n        needs",
    ),
    ("RB032", "      - id: raise-limit\n", "      - id: raise-limit\n        revert_unless_confirmed: 10m\n"),
    ("RB032w", "      - id: raise-limit\n", "      - id: raise-limit\n        revert_unless_confirmed: 10s\n"),
    ("RB032", "      - id: both-engines\n", "      - id: both-engines\n        revert_unless_confirmed: 10m\n"),
]


def test_the_runbooks_that_are_broken_here_keep_every_rule() -> None:
    assert said(LEDGER) == []
    assert said(SITE) == []


@pytest.mark.parametrize(("code", "old", "new"), PLANTED, ids=[f"{p[0]}-{i}" for i, p in enumerate(PLANTED)])
def test_a_broken_rule_is_found_where_it_is_broken(code: str, old: str, new: str) -> None:
    broken = replaced(LEDGER, old, new)
    problems = [p for p in loaded(broken).problems if p.code + "w" * (p.severity.value == "warning") == code]
    assert problems, said(broken)
    assert all(p.place.line > 1 and p.place.column > 0 for p in problems)
    assert [
        p.what
        for p in problems
        if not p.what.endswith(".")
        or not (p.what[0].isupper() or p.what[0] in "`0123456789$" or p.what.startswith("plan."))
    ] == []


def test_every_code_that_can_be_planted_is_explained() -> None:
    assert {code.removesuffix("w") for code, _, _ in PLANTED} <= {each.code for each in EXPLANATIONS}


def test_every_explained_rule_is_planted() -> None:
    rules = {each.code for each in EXPLANATIONS if each.code < "RB100"}
    assert rules == {code.removesuffix("w") for code, _, _ in PLANTED}


def test_an_undo_that_needs_its_own_save_is_found() -> None:
    broken = replaced(SITE, "enter: [short]", "enter: [short]\n        save: {old: stdout}")
    broken = broken.replace(
        "'${steps.record.ttl}'], env: {KEY: '${secrets.dns_key}'}}\n            leave",
        "'${steps.shorten.old}'], env: {KEY: '${secrets.dns_key}'}}\n            leave",
    )
    assert any("own step saves" in line for line in said(broken))


def test_a_value_of_another_track_needs_a_need() -> None:
    broken = replaced(SITE, "      - id: record\n", "      - id: record\n        track: side\n")
    assert any("another track" in line for line in said(broken))
    assert codes(replaced(broken, "      - id: shorten\n", "      - id: shorten\n        needs: [record]\n")) == set()


def test_a_value_of_a_step_that_may_be_skipped_is_found() -> None:
    broken = replaced(SITE, "      - id: record\n", "      - id: record\n        not_in: [drill]\n")
    assert any("does not run in drill" in line for line in said(broken))


def test_a_final_boundary_forbids_what_goes_back_across_it() -> None:
    broken = replaced(SITE, "kind: lossy", "kind: final")
    found = [line for line in said(broken) if "RB008" in line]
    assert any("cannot have an undo" in line for line in found)
    assert any("way back of phase `calm`" in line for line in found)


def test_an_unknown_environment_is_a_problem() -> None:
    assert any("no environment `prod`" in line for line in said(LEDGER, "prod"))


def test_a_rehearsal_on_production_hardware_may_touch_it() -> None:
    assert codes(SITE) == set()
    assert "RB024" in codes(replaced(SITE, "live: true, ", ""))


def test_an_undo_that_no_single_target_can_run_alone_cannot_be_armed() -> None:
    armed = replaced(SITE, "      - id: close\n", "      - id: close\n        revert_unless_confirmed: 10m\n")
    assert codes(armed) == set()
    undo = "          - host: {name: 'gate-${params.from}', argv: [gate, open], sudo: root}\n"
    assert "RB032" in codes(replaced(armed, undo, undo + "          - local: {argv: ['true']}\n"))
    assert "RB032" in codes(replaced(armed, undo, undo + "            approve: {by: [lead]}\n"))
    assert "RB032" in codes(replaced(armed, undo, "          - check: {text: Open it}\n"))


@pytest.mark.parametrize(
    "elsewhere",
    [
        "          - host: {name: 'gate-${params.to}', argv: [gate, open], sudo: root}\n",
        "          - host: {name: 'gate-${params.from}', argv: [gate, open]}\n",
        "          - local: {argv: [gate, open]}\n",
        "          - host: {name: 'gate-${params.from}', argv: [x], sudo: root}\n            changes_identity: true\n",
    ],
    ids=["another host", "another user", "this machine", "who answers changes"],
)
def test_a_step_that_could_take_effect_after_its_undo_cannot_be_armed(elsewhere: str) -> None:
    armed = replaced(SITE, "      - id: close\n", "      - id: close\n        revert_unless_confirmed: 10m\n")
    undo = "          - host: {name: 'gate-${params.from}', argv: [gate, open], sudo: root}\n"
    assert "RB032" in codes(replaced(armed, undo, elsewhere))


def test_a_step_that_changes_who_answers_cannot_be_armed() -> None:
    more = "      - id: close\n        revert_unless_confirmed: 10m\n"
    assert "RB032" not in codes(replaced(SITE, "      - id: close\n", more))
    assert "RB032" in codes(replaced(SITE, "      - id: close\n", more + "        changes_identity: true\n"))
