"""检索键: what a name is found and sorted by.

The database has neither trigram nor pinyin support of its own, so each row stores an array of n-grams under a GIN
index and a search asks ``keys @> query_keys``. Three streams of a name are cut into grams::

    characters  张立春        1-grams and 2-grams of everything that is not a Latin letter or digit
    拼音        zhanglichun   2-grams and 3-grams
    initials    zlc           2-grams and 3-grams, in the same name space as the pinyin's

A query is cut more sparingly, since containment is an AND: a run of characters into its 2-grams (one alone: itself), a
run of letters into its 3-grams (two letters: that 2-gram). So every query that is a substring of one of the streams
has its keys among the name's: nothing is missed. Pinyin and initials share their grams because a query cannot know
which of the two it is; that, and grams that meet in another order, can let a few too many through, never too few
(:func:`matches` is the exact test). One Latin letter alone asks for names that *begin* with it (key ``^z``); beside
other runs it is left out. White space parts a query's terms, all of which must match: ``张 lichun``.

The query should fence the search off from the sorting. With ``ORDER BY … LIMIT`` beside ``@>`` in a prepared statement
the planner, once it plans without seeing the keys, walks the sort index and filters: 250 ms instead of 1::

    WITH found AS MATERIALIZED (SELECT id, name, sort_key FROM worker WHERE search_keys @> $1)
    SELECT id, name, count(*) OVER () FROM found ORDER BY sort_key COLLATE "C", id LIMIT 20

A name of three characters has about 27 keys. Capitals, full-width forms, accents, the ``·`` of a name and brackets make
no difference. A name with a character of two living readings (单, 乐, 茜) is found by either, and ``ü`` by v, u or yu.
"""

from __future__ import annotations

import re
import unicodedata
from functools import cache

from registry.pinyin import SEPARATORS, SURNAMES, organisation_syllables, reading, readings, surname_of

MAX_QUERY_KEYS = 24
MAX_VARIANTS = 6
SORT_KEY_LENGTH = 300
ORGANISATION_SORT_KEY_LENGTH = 400
_LATIN = frozenset("abcdefghijklmnopqrstuvwxyz0123456789")
_RUNS = re.compile(r"[a-z0-9]+|[^a-z0-9]+")


def keys_for_name(name: str) -> list[str]:
    """The sorted keys of a person's name: its surname read as a surname (单 shan, 尉迟 yuchi), and leniently."""
    text = fold(name)
    return _keys(text, _variants(_person_choices(text)))


def keys_for_organisation(name: str) -> list[str]:
    """The sorted keys of an organisation's name, read by words (银行 yinhang) and then by characters."""
    text = fold(name)
    return _keys(text, _variants(_organisation_choices(text)))


def keys_for_query(query: str) -> list[str]:
    """The keys that a row must hold, sorted, at most ``MAX_QUERY_KEYS``; none for a blank query, which finds all."""
    runs = _runs(query)
    if len(runs) == 1 and len(runs[0]) == 1 and runs[0] in _LATIN:
        return ["^" + runs[0]]
    keys: dict[str, None] = {}
    for run in runs:
        sizes = (3, 2) if run[0] in _LATIN else (2, 1)
        size = sizes[0] if len(run) >= sizes[0] else sizes[1]
        keys.update((run[index : index + size], None) for index in range(len(run) - size + 1))
    return sorted(list(keys)[:MAX_QUERY_KEYS])


def sort_prefix(query: str) -> str:
    """How the :func:`sort_key` of every name begins that begins with ``query``: ``wang`` for letters, ``wang2王`` for 王.

    All such names match the query. "" where the query is no plain beginning: blank, several terms, letters beside characters.
    """
    runs = _runs(query)
    if len(runs) != 1 or any(character in "0123456789" for character in runs[0]):
        return ""
    return runs[0] if runs[0][0] in _LATIN else sort_key(query)


def is_broad(query: str) -> bool:
    """Whether one key alone answers the query: it may find a good part of everybody."""
    return len(keys_for_query(query)) == 1


def matches(name: str, query: str, *, organisation: bool = False) -> bool:
    """The exact test behind the keys: each run of the query stands in the characters, the pinyin or the initials.
    A single Latin letter is judged as :func:`keys_for_query` does."""
    text = fold(name)
    streams = [text]
    for syllables in _variants(_organisation_choices(text) if organisation else _person_choices(text)):
        streams += ["".join(syllables), "".join(syllable[0] for syllable in syllables)]
    runs = _runs(query)
    if len(runs) == 1 and len(runs[0]) == 1 and runs[0] in _LATIN:
        return any(stream.startswith(runs[0]) for stream in streams)
    return all(any(run in stream for stream in streams) for run in runs if len(run) > 1 or run not in _LATIN)


def sort_key(name: str) -> str:
    """Dictionary order by pinyin with tones, equal sounds kept together by character; compare bytewise
    (``COLLATE "C"``). 张立春 → ``zhang1张 li4立 chun1春``. Cut at ``SORT_KEY_LENGTH`` characters."""
    text = fold(name)
    surname = surname_of(text)
    syllables = SURNAMES.get(surname) or tuple(reading(character) for character in surname)
    syllables += tuple(reading(character) for character in text[len(surname) :])
    return " ".join([sound + character for sound, character in zip(syllables, text, strict=True)])[:SORT_KEY_LENGTH]


def organisation_sort_key(name: str) -> str:
    """As :func:`sort_key`, for an organisation's name; cut at ``ORGANISATION_SORT_KEY_LENGTH``."""
    spelled = [sound + character for character, sound in organisation_syllables(fold(name))]
    return " ".join(spelled)[:ORGANISATION_SORT_KEY_LENGTH]


def pinyin(name: str) -> str:
    """The name in plain letters without tones or spaces: 曾乐 → ``zengle``."""
    return "".join(_person_first(fold(name)))


def initials(name: str) -> str:
    """The first letters: 张立春 → ``zlc``."""
    return "".join(syllable[0] for syllable in _person_first(fold(name)))


def organisation_pinyin(name: str) -> str:
    """An organisation's name in plain letters."""
    return "".join(choices[0] for choices in _organisation_choices(fold(name)))


def organisation_initials(name: str) -> str:
    """The first letters of an organisation's name."""
    return "".join(choices[0][0] for choices in _organisation_choices(fold(name)))


def fold(text: str) -> str:
    """Compatibility forms to plain ones, accents off, lower case, separators out: character by character, so that a
    part of a name folds to a part of the folded name."""
    return "".join([_fold_character(character) for character in text])


@cache
def _fold_character(character: str) -> str:
    plain = (part for part in unicodedata.normalize("NFKD", character) if not unicodedata.combining(part))
    return "".join(part for part in "".join(plain).lower() if part not in SEPARATORS and part.isprintable())


def _runs(query: str) -> list[str]:
    return [run for term in query.split() for run in _RUNS.findall(fold(term))]


def _person_first(text: str) -> list[str]:
    return [choices[0] for choices in _person_choices(text)]


@cache
def _plain(syllable: str) -> tuple[str, ...]:
    """A syllable without its tone; ``lv`` and ``nv`` also as ``lu`` and ``lyu``, as they stand in passports."""
    bare = syllable.rstrip("12345") or syllable
    return (bare, bare[0] + "u" + bare[2:], bare[0] + "yu" + bare[2:]) if bare[1:2] == "v" else (bare,)


@cache
def _given_choices(character: str) -> tuple[str, ...]:
    """The ways to spell one character; itself for a Latin letter or digit; none where it cannot be typed."""
    if character in _LATIN:
        return (character,)
    return tuple(dict.fromkeys(plain for syllable in readings(character) for plain in _plain(syllable)))


@cache
def _surname_choices(surname: str) -> tuple[tuple[str, ...], ...]:
    """For each character of a surname: its reading as a surname first, then the usual ones."""
    own = SURNAMES.get(surname, ())
    spelled = []
    for index, character in enumerate(surname):
        first = _plain(own[index]) if own else ()
        spelled.append(tuple(dict.fromkeys(first + _given_choices(character))))
    return tuple(spelled)


def _person_choices(text: str) -> list[tuple[str, ...]]:
    surname = surname_of(text)
    choices = list(_surname_choices(surname))
    choices += [_given_choices(character) for character in text[len(surname) :]]
    return [choice for choice in choices if choice]


def _organisation_choices(text: str) -> list[tuple[str, ...]]:
    choices = []
    for character, syllable in organisation_syllables(text):
        if character in _LATIN:
            choices.append((character,))
        elif syllable:
            choices.append(_plain(syllable))
    return choices


def _variants(choices: list[tuple[str, ...]]) -> list[list[str]]:
    """The first spelling of each character, then the same with one other spelling at a time."""
    base = [choice[0] for choice in choices]
    variants = [base]
    for index, choice in enumerate(choices):
        for other in choice[1:]:
            if len(variants) < MAX_VARIANTS:
                variants.append([*base[:index], other, *base[index + 1 :]])
    return variants


def _keys(text: str, variants: list[list[str]]) -> list[str]:
    keys: set[str] = set()
    for run in _RUNS.findall(text):
        if run[0] not in _LATIN:
            keys.update(run)
            keys.update([run[index : index + 2] for index in range(len(run) - 1)])
    for syllables in variants:
        if syllables:
            full = "".join(syllables)
            short = "".join([syllable[0] for syllable in syllables])
            keys.add("^" + full[0])
            for stream in (full, short):
                keys.update([stream[index : index + 2] for index in range(len(stream) - 1)])
                keys.update([stream[index : index + 3] for index in range(len(stream) - 2)])
    return sorted(keys)
