"""The API held against its own description: Schemathesis makes up requests, the real application answers each.

Every request runs in a savepoint that is taken back, so each meets the same house. Ids in addresses are real where the house
has any: a request that finds nothing proves little.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import Any

import hypothesis
import schemathesis
from schemathesis.checks import not_a_server_error
from schemathesis.core.failures import Failure, FailureGroup
from schemathesis.generation import GenerationMode
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from foundation.database import fetch, transaction
from tests.support.people import Browser

CHECKS = [not_a_server_error, status_code_conformance, content_type_conformance, response_schema_conformance]
NOBODY = "00000000-0000-0000-0000-000000000000"
STAND_INS = [f"00000000-0000-4000-8000-00000000000{n}" for n in (1, 2, 3)]
SENT = "-sent"
TABLES = {"round_id": "ballot_round", "objection": "notice_objection", "grant": "role_grant", "member": "entry_member"}
"""Where an address's word is not the table's name."""


class TakenBack(Exception):
    """Ends a case's savepoint."""


async def real_ids() -> dict[str, list[str]]:
    """Ids that exist, by table."""
    tables = await fetch(
        "SELECT table_name FROM information_schema.columns WHERE table_schema = 'public' AND column_name = 'id'"
        " AND data_type = 'uuid'"
    )
    found = {}
    for row in tables:
        table = row["table_name"]
        rows = await fetch(f'SELECT id FROM "{table}" ORDER BY id LIMIT {len(STAND_INS)}')
        found[table] = [str(row["id"]) for row in rows]
    return found


def narrowed(document: dict[str, Any]) -> dict[str, Any]:
    """The description, every id that is sent one of the stand-ins or nobody's; what they stand for is put in on the way."""
    schemas = document["components"]["schemas"]
    sent = {f"{name}{SENT}": _stood_in(schema) for name, schema in schemas.items()}
    paths = {
        path: {method: {name: part if name == "responses" else _stood_in(part) for name, part in operation.items()}
               for method, operation in operations.items()}
        for path, operations in document["paths"].items()
    }  # fmt: skip
    return {**document, "paths": paths, "components": {**document["components"], "schemas": {**schemas, **sent}}}


def _stood_in(given: Any) -> Any:
    if isinstance(given, dict):
        if given.get("format") == "uuid":
            return {"enum": [*STAND_INS, NOBODY]}
        return {
            name: inner + SENT if name == "$ref" and isinstance(inner, str) else _stood_in(inner)
            for name, inner in given.items()
        }
    return [_stood_in(inner) for inner in given] if isinstance(given, list) else given


def put_in(given: Any, ids: dict[str, list[str]], word: str = "") -> Any:
    """The same with real ids for the stand-ins: of the table that the place's word names, as far as there are any."""
    if isinstance(given, dict):
        return {name: put_in(inner, ids, str(name)) for name, inner in given.items()}
    if isinstance(given, list):
        return [put_in(inner, ids, word) for inner in given]
    if given not in STAND_INS:
        return given
    real = ids.get(TABLES.get(word, word.removesuffix("_id")), [])
    place = STAND_INS.index(given)
    return real[place] if place < len(real) else NOBODY


def cases(document: dict[str, Any], examples: int) -> Iterator[Any]:
    """Made-up requests, the same at each run: half of them as the description wants them, half not."""
    for found in schemathesis.openapi.from_dict(narrowed(document)).get_all_operations():
        operation = found.ok()
        for mode in (GenerationMode.POSITIVE, GenerationMode.NEGATIVE):
            yield from _made(operation, mode, examples)


def _made(operation: Any, mode: GenerationMode, examples: int) -> list[Any]:
    kept: list[Any] = []

    @hypothesis.settings(
        max_examples=examples, derandomize=True, database=None, deadline=None, phases=[hypothesis.Phase.generate],
        suppress_health_check=list(hypothesis.HealthCheck),
    )  # fmt: skip
    @hypothesis.given(operation.as_strategy(generation_mode=mode))
    def keep(case: Any) -> None:
        kept.append(case)

    try:
        keep()
    except hypothesis.errors.Unsatisfiable:
        return []  # nothing of this operation can be wrong
    return kept


async def faults_of(browser: Browser, made: list[Any]) -> tuple[list[str], Counter[int]]:
    """Send each; what was wrong with the answers, one line each, and how often each status came."""
    wrong: dict[str, str] = {}
    statuses: Counter[int] = Counter()
    token, ids = await browser.token(), await real_ids()
    for case in made:
        answer = await _answer(browser, case, token, ids)
        statuses[answer.status_code] += 1
        try:
            case.validate_response(answer, checks=CHECKS)
        except (FailureGroup, Failure) as failures:
            for one in getattr(failures, "exceptions", [failures]):
                line = f"{case.operation.label}: {answer.status_code} {one.title}"
                wrong.setdefault(
                    line, f"{line}: {one.message[:300]} | {case.body!r:.300} {case.query} | {answer.text[:200]}"
                )
    return list(wrong.values()), statuses


async def _answer(browser: Browser, case: Any, token: str, ids: dict[str, list[str]]) -> Any:
    given = case.as_transport_kwargs(base_url="https://testserver.local")
    url = given["url"]
    for word, value in case.path_parameters.items():
        url = url.replace(str(value), put_in(value, ids, word)) if value in STAND_INS else url
    headers = {**given["headers"], "X-CSRF-Token": token, "Accept": "application/json"}
    body = {"json": put_in(given["json"], ids)} if "json" in given else {"content": given.get("data")}
    try:
        async with transaction():
            answer = await browser.request(given["method"], url, params=given.get("params"), headers=headers, **body)
            raise TakenBack
    except TakenBack:
        return answer
