"""Refusals: what a rule says no to, said so that a person can put it right.

A refusal has a stable ``code``, a Chinese message that is also its msgid, the ``rule`` it rests on (``C53``) and, where it
belongs to an input, the ``field``. Facts fill the message's ``{placeholders}`` when it is shown, after translation.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable


class Refusal(Exception):
    """A rule refused. ``message`` may hold ``{name}`` placeholders that ``facts`` fill."""

    status = 422

    def __init__(
        self, code: str, message: str, *, field: str | None = None, rule: str | None = None, **facts: object
    ) -> None:
        super().__init__(code, message)
        self.code, self.message, self.field, self.rule, self.facts = code, message, field, rule, facts

    def text(self, translate: Callable[[str], str] = str) -> str:
        """The message in the reader's language, its facts filled in."""
        translated = translate(self.message)
        return translated.format(**self.facts) if self.facts else translated

    def at(self, field: str) -> Refusal:
        """The same refusal beside another field (a rule does not know the form's names)."""
        return type(self)(self.code, self.message, field=field, rule=self.rule, **self.facts)

    def __str__(self) -> str:
        return self.text()


class Refusals(Exception):
    """Several refusals at once: a form says everything that is wrong, never the first thing only."""

    status = 422

    def __init__(self, refusals: Iterable[Refusal]) -> None:
        self.refusals: tuple[Refusal, ...] = tuple(refusals)
        super().__init__(*self.refusals)

    def __str__(self) -> str:
        return "; ".join(str(refusal) for refusal in self.refusals)


class Conflict(Refusal):
    """Somebody else was there first, or the thing is no longer in that stage (HTTP 409)."""

    status = 409


class Stale(Refusal):
    """The version that was edited is no longer the current one (HTTP 412); ``current`` says what is."""

    status = 412


class NotFound(Exception):
    """No such thing for this actor: another tenant's id is not found, never forbidden (HTTP 404)."""

    status = 404


class Forbidden(Exception):
    """The policy of the handler denies this actor (HTTP 403)."""

    status = 403


class SignInRequired(Exception):
    """Nobody is signed in, or a second factor is still due (pages redirect to the sign-in, the API answers 401)."""

    status = 401


class TooMany(Exception):
    """A rate limit or a full house (HTTP 429, or 503 where it is load), with seconds to wait."""

    def __init__(self, retry_after: int, *, overloaded: bool = False) -> None:
        super().__init__(retry_after)
        self.retry_after = retry_after
        self.status = 503 if overloaded else 429


def gather(*checks: Callable[[], object]) -> None:
    """Run every check, then raise all that refused together."""
    refused: list[Refusal] = []
    for check in checks:
        try:
            check()
        except Refusal as refusal:
            refused.append(refusal)
        except Refusals as several:
            refused.extend(several.refusals)
    if refused:
        raise Refusals(refused)
