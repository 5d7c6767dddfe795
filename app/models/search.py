"""Text search by words, through an index: a word is found by its beginning, in any case."""

import string
from collections.abc import Sequence

from sqlalchemy import ColumnElement, Text, cast, func, literal_column
from sqlalchemy.dialects.postgresql import REGCONFIG, TSQUERY, TSVECTOR
from sqlalchemy.sql.functions import coalesce

# PostgreSQL's parser keeps addresses and paths whole, so that their parts are not found; it splits at blanks.
_MARKS = literal_column("'{}'".format(string.punctuation.replace("'", "''")), Text)
_BLANKS = literal_column(f"'{' ' * len(string.punctuation)}'", Text)
_SIMPLE = literal_column("'simple'::regconfig", REGCONFIG)
_BLANK, _NOTHING = literal_column("' '", Text), literal_column("''", Text)


def words(columns: Sequence[ColumnElement[str]]) -> ColumnElement[str]:
    """The words of these columns; an index on this expression answers ``matches`` of the same columns."""
    first, *others = (coalesce(column, _NOTHING) for column in columns)
    text: ColumnElement[str] = first
    for other in others:
        text = text + _BLANK + other
    return func.to_tsvector(_SIMPLE, func.translate(text, _MARKS, _BLANKS), type_=TSVECTOR)


def matches(columns: Sequence[ColumnElement[str]], q: ColumnElement[str]) -> ColumnElement[bool]:
    """Whether each word of ``q`` begins a word of the columns; nothing matches a ``q`` without a word."""
    typed = cast(func.plainto_tsquery(_SIMPLE, func.translate(q, _MARKS, _BLANKS)), Text)  # 'read' & 'la'
    prefixes = func.replace(func.nullif(typed, ""), "' &", "':* &") + ":*"  # 'read':* & 'la':*
    return words(columns).bool_op("@@")(cast(prefixes, TSQUERY))
