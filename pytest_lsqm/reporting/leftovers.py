"""What stayed in the accounts when all was destroyed, in lines for a terminal."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from pytest_lsqm.models import ValidationResult


def of_one(result: ValidationResult) -> Iterator[str]:
    """Yield what one architecture left, a line for each thing."""
    for left in result.cleaning.leftovers if result.cleaning else ():
        how = "removed" if left.removed else f"cannot be removed ({left.answer})"
        yield f"left in the account: {left.service} {left.kind} {left.id}: {how}"


def of_all(results: Sequence[ValidationResult], *, everything: bool) -> Iterator[str]:
    """Yield how much was left and by whom; with `everything`, what could not be looked for too."""
    cleaned = [(result.name or result.arch_hash, result.cleaning) for result in results if result.cleaning]
    if left := [(name, cleaning) for name, cleaning in cleaned if cleaning.leftovers]:
        stays = sum(len(cleaning.remains) for _, cleaning in left)
        rest = f", {stays} of them cannot be removed" if stays else " and removed"
        count = sum(len(cleaning.leftovers) for _, cleaning in left)
        yield f"left in the accounts: {count} things{rest}: {', '.join(name for name, _ in left)}"
    if everything and (unchecked := sorted({each for _, cleaning in cleaned for each in cleaning.unchecked})):
        yield f"not looked for afterwards: what came of {', '.join(unchecked)}"
