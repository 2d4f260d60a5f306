"""Shapes of a search: what it takes, what it answers."""

from typing import Any

from rest_framework import serializers

from bugs.search import facets as counts
from bugs.search import ranking
from bugs.search.candidates import CANDIDATES
from bugs.serializers.bugs import BugSerializer


class SearchParametersSerializer(serializers.Serializer[Any]):
    text = serializers.CharField(
        required=False,
        allow_blank=True,
        trim_whitespace=False,
        help_text='Words, "phrases in a row", -excluded words, beginn* of words. All of them must be there.',
    )
    similar_to = serializers.CharField(
        required=False,
        max_length=300,
        help_text="Instead of `text`: a bug (id or reference) or a title; bugs with a similar title, most alike first.",
    )
    sort = serializers.ChoiceField(
        choices=ranking.SORTS,
        required=False,
        help_text=(
            "`relevance` (without it), `recency`, `frequency` of its errors or affected `users`. All but `recency` "
            f"put the newest {CANDIDATES} hits in order and say so in `ranked`."
        ),
    )
    exact = serializers.BooleanField(
        required=False, help_text="Search for the words as they were typed, however strange; suggest others."
    )
    facets = serializers.CharField(
        required=False, help_text=f"`all` (without it), `none`, or names: {', '.join(counts.NAMES)}."
    )
    highlights = serializers.BooleanField(required=False, help_text="Show where it was found; true without it.")
    fields = serializers.CharField(required=False, help_text="Columns of each bug, separated by commas.")  # type: ignore[assignment]


class HighlightsSerializer(serializers.Serializer[Any]):
    title = serializers.CharField(help_text="HTML: escaped, with `<mark>` around what was found.")
    part = serializers.CharField(allow_null=True, help_text="Where else: `description`, `comments`, `errors`.")
    snippet = serializers.CharField(allow_null=True, help_text="The best place of that part, as HTML like the title.")


class HitSerializer(serializers.Serializer[Any]):
    bug = BugSerializer()
    highlights = HighlightsSerializer(allow_null=True)
    similarity = serializers.FloatField(required=False, help_text="Of the titles, 0 to 1; with `similar_to`.")


class CorrectionSerializer(serializers.Serializer[Any]):
    typed = serializers.CharField()
    used = serializers.CharField()


class RankedSerializer(serializers.Serializer[Any]):
    candidates = serializers.IntegerField(help_text="How many of the newest hits were put in order.")
    complete = serializers.BooleanField(help_text="Whether these are all hits; if not, older bugs may hold more.")


class FacetValueSerializer(serializers.Serializer[Any]):
    value = serializers.CharField(allow_null=True)
    count = serializers.IntegerField()


class SearchSerializer(serializers.Serializer[Any]):
    results = HitSerializer(many=True)
    next = serializers.URLField(allow_null=True)
    previous = serializers.URLField(allow_null=True)
    ranked = RankedSerializer(allow_null=True, help_text="null when sorted by recency.")
    corrected = CorrectionSerializer(many=True, help_text="Words that nobody wrote, and what was searched instead.")
    did_you_mean = serializers.CharField(allow_null=True, help_text="With `exact`: the text as it would be corrected.")
    facets = serializers.DictField(child=FacetValueSerializer(many=True))
    count = serializers.IntegerField(help_text=f"Hits, counted up to {CANDIDATES}; when there are facets.")
    count_is = serializers.ChoiceField(choices=["exact", "at_least"])
