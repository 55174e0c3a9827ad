"""A password in the URL of a database is found wherever a URL may hold one, and looking for it takes no long time."""

import time

import pytest

from app.runbook.checks.secrets import check_literals
from app.runbook.checks.survey import survey
from tests.runbook.sample import KINDS, codes, loaded, said, small

STEP = "{id: a, owner: op, est: 1m, changes: nothing, check: {text: 'look'}}"


def _declared(url: str) -> str:
    return small(f"- {STEP}", f"databases: {{d: {{url: '{url}'}}}}")


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://h/db?password=hunter2",
        "postgresql://h/db?sslmode=require&PassWd=hunter2",
        "postgresql://h/db?sslpassword=hunter2",
        "mysql+pymysql://u:pa/ss@h/db",
        "mysql+pymysql://u:pa ss@h/db",
        "mysql+pymysql://u:pw@h/db",
        "mysql+pymysql://:pw@h/db",
    ],
)
def test_a_password_in_a_databases_url_is_refused_in_the_file_and_in_an_environment(url: str) -> None:
    assert "RB021" in codes(_declared(url))
    for override in (f"databases.d.url: '{url}'", f"databases.d: {{url: '{url}'}}"):
        more = f"databases: {{d: {{url: 'sqlite:////tmp/x.db'}}}}\nenvironments: {{e: {{set: {{{override}}}}}}}"
        told = [line for line in said(small(f"- {STEP}", more)) if "RB021" in line]
        assert len(told) == 1, told


@pytest.mark.parametrize(
    "url",
    [
        "postgresql://u@h:5432/db?sslmode=require",
        "postgresql://h/db?password=${params.pw}",
        "postgresql://u:${params.pw}@h/db",
        "sqlite:////tmp/at@home:1.db",
        "postgresql://u@h/db?passfile=/etc/pgpass",
    ],
)
def test_a_reference_and_other_parts_of_a_url_are_no_secret(url: str) -> None:
    more = f"params: {{pw: {{type: text, default: x}}}}\ndatabases: {{d: {{url: '{url}'}}}}"
    assert "RB021" not in codes(small(f"- {STEP}", more))


@pytest.mark.parametrize("piece", ["a", "eyJ-", "a://", "a:"])
def test_one_long_word_takes_time_in_proportion_to_its_length(piece: str) -> None:
    """Eight times the text: eight times the time, where each letter began a new search it was sixty times."""

    def taken(length: int) -> float:
        whole = loaded(small(f"- {STEP.replace('look', piece * (length // len(piece)))}"))
        assert whole.runbook is not None
        looked = survey(whole.runbook, whole.document, KINDS, None)
        best = float("inf")
        for _ in range(3):
            began = time.process_time()
            list(check_literals(looked))
            best = min(best, time.process_time() - began)
        return best

    assert taken(32_000) < 24 * taken(4_000) + 0.01
