"""The tokens that a run may spend: kept back before a request is sent, counted once it was answered."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass
class Budget:
    """A number of tokens, input and output together, and what became of them."""

    limit: int
    input_tokens: int = 0
    output_tokens: int = 0
    reserved: int = 0
    """What requests under way may use at most."""

    @property
    def used(self) -> int:
        """What was counted so far."""
        return self.input_tokens + self.output_tokens

    @property
    def left(self) -> int:
        """What a further request may use."""
        return max(0, self.limit - self.used - self.reserved)

    def reserve(self, tokens: int) -> bool:
        """Keep tokens back for a request; False, and nothing is kept back, if they are not there."""
        if tokens > self.left:
            return False
        self.reserved += tokens
        return True

    def release(self, tokens: int) -> None:
        """Give back what was kept for a request that used nothing."""
        self.reserved -= tokens

    def charge(self, reserved: int, input_tokens: int, output_tokens: int) -> None:
        """Count what a request used, in place of what was kept back for it."""
        self.release(reserved)
        self.input_tokens += input_tokens
        self.output_tokens += output_tokens

    def exhausted(self, wanted: int, architectures: int) -> str:
        """Say that a request of `wanted` tokens does not fit, and for how many architectures that is the end."""
        are = "architecture is" if architectures == 1 else "architectures are"
        return (
            f"the token budget of {self.limit} is spent ({self.used} used, the next request may need {wanted}); "
            f"{architectures} {are} left: raise --lsqm-token-budget"
        )
