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


def irreducible(members: Sequence, enough: Callable[[list], bool]) -> list:
    """Out of members that are `enough`, some that are and of which none can be spared.

    Earlier ones are preferred to later ones.
    """
    return spared(members, ([member] for member in reversed(members)), enough)


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
