"""How the tokens of a batch lie in a graph's tensors.

Attention needs one row a text, so rows are as long as the longest. Everything else looks at one token at a time: in the
ragged layout those parts, nine tenths of the work and more, see the real tokens alone, and texts of unlike length share
a batch at hardly any cost. (The same idea: ByteTransformer, Zhai et al., 2022, arXiv:2210.03052.)
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Protocol

import numpy as np

if TYPE_CHECKING:
    from graphs import Builder

PADDED_INPUTS = ("input_ids", "attention_mask", "token_type_ids")


class Layout(Protocol):
    """`inputs`: int64, by name, with their axes. `axes`: those of every tensor outside of attention."""

    inputs: dict[str, list[str]]
    axes: list[str]

    def constants(self, builder: Builder, hidden: int) -> None: ...

    def position(self, builder: Builder) -> str:
        """The position embeddings of all tokens."""
        ...

    def to_rows(self, builder: Builder, x: str) -> str:
        """Token vectors as [batch, sequence, hidden]."""
        ...

    def to_tokens(self, builder: Builder, ordered: str, output: str) -> str:
        """[batch, sequence, heads, hidden / heads] as token vectors."""
        ...


class Padded:
    inputs = {name: ["batch", "sequence"] for name in PADDED_INPUTS}
    axes = ["batch", "sequence"]

    def constants(self, builder: Builder, hidden: int) -> None:
        builder.constant("zero", np.array([0], np.int64))
        builder.constant("one", np.array([1], np.int64))
        builder.constant("two", np.array([2], np.int64))
        builder.constant("joined", np.array([0, 0, hidden], np.int64))

    def position(self, builder: Builder) -> str:
        shape = builder.node("Shape", ["input_ids"], "shape")
        length = builder.node("Slice", [shape, "one", "two"], "sequence_length")
        return builder.node("Slice", [builder.weight("embeddings.position"), "zero", length, "zero"], "position")

    def to_rows(self, builder: Builder, x: str) -> str:
        return x

    def to_tokens(self, builder: Builder, ordered: str, output: str) -> str:
        return builder.node("Reshape", [ordered, "joined"], output)


class Ragged:
    """`row_tokens` says which token stands at each place of the rows (any at padding, which is masked), `token_places`
    at which place of the rows, counted through, each token stands."""

    inputs = {
        "input_ids": ["tokens"],
        "position_ids": ["tokens"],
        "token_type_ids": ["tokens"],
        "token_places": ["tokens"],
        "row_tokens": ["batch", "sequence"],
        "attention_mask": ["batch", "sequence"],
    }
    axes = ["tokens"]

    def constants(self, builder: Builder, hidden: int) -> None:
        builder.constant("flat", np.array([-1, hidden], np.int64))

    def position(self, builder: Builder) -> str:
        return builder.node("Gather", [builder.weight("embeddings.position"), "position_ids"], "position")

    def to_rows(self, builder: Builder, x: str) -> str:
        return builder.node("Gather", [x, "row_tokens"], f"{x}.rows", axis=0)

    def to_tokens(self, builder: Builder, ordered: str, output: str) -> str:
        flat = builder.node("Reshape", [ordered, "flat"], f"{ordered}.flat")
        return builder.node("Gather", [flat, "token_places"], output, axis=0)
