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
    sets, chosen = sorted(sets, key=len), {frozenset()}
    for _ in range(most + 1):
        missed = {own: next((s for s in sets if not s & own), None) for own in chosen}
        if None in missed.values():
            return sorted((own for own, left in missed.items() if left is None), key=sorted)
        chosen = {own | {member} for own, left in missed.items() for member in left}
    return []
