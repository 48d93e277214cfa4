"""Minimal sets: what cannot be spared, what has to be hit. No word of cohorts here."""

from collections.abc import Callable, Iterable, Sequence


def spared(members: Sequence, chunks: Iterable, enough: Callable[[list], bool]) -> list:
    """`members` without each of the chunks, one after the other, that can be spared.

    A chunk can where what is left is still `enough`.
    """
    kept = list(members)
    for chunk in chunks:
        rest = [member for member in kept if member not in chunk]
        if enough(rest):
            kept = rest
    return kept


def irreducible(
    members: Sequence, enough: Callable[[list], bool], known: Sequence = (), added: bool = True
) -> list:
    """Out of members that are `enough`, some that are and of which none can be spared.

    Earlier ones are preferred to later ones (QuickXplain: Junker, AAAI 2004); `known` are kept
    anyway, and `added` says whether some of them are new.
    """
    if added and enough([*known]):
        return []
    if len(members) == 1:
        return list(members)
    half = len(members) // 2
    first, last = members[:half], members[half:]
    late = irreducible(last, enough, [*known, *first], bool(first))
    return [*irreducible(first, enough, [*known, *late], bool(late)), *late]


def smallest_hitting_sets(sets: Iterable[frozenset], most: int) -> list[frozenset]:
    """Every smallest set that meets all of `sets`, or [] where more than `most` are needed.

    The corrections of a paper are such sets over its conflicts (Reiter 1987).
    """
    sets = list(sets)
    members = sorted(set().union(*sets)) if sets else []
    for size in range(most + 1):
        found = _hitting(sets, size, frozenset())
        if found:
            return sorted(set(found), key=sorted)
    return [] if members else [frozenset()]


def _hitting(sets, room, chosen):
    left = [s for s in sets if not s & chosen]
    if not left:
        return [chosen] if not room else []
    if not room:
        return []
    narrow = min(left, key=lambda s: (len(s), sorted(s)))
    return [h for fact in sorted(narrow) for h in _hitting(left, room - 1, chosen | {fact})]
