"""A small decoder-only transformer over characters, made to be scaled by its width alone."""

import math

import torch
from corpus import VOCABULARY
from torch import Tensor, nn
from torch.nn import functional

#: Characters that the short convolution at the entry of each block sees, the last one included.
NEAR = 4


class Block(nn.Module):
    """Causal attention with rotary positions, then an MLP; both read a normalised stream."""

    def __init__(self, width: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.near = nn.Conv1d(width, width, NEAR, groups=width, bias=False)
        nn.init.zeros_(self.near.weight)
        self.attention_in = _matrix(width, 3 * width)
        self.attention_out = _matrix(width, width, zero=True)
        self.mlp_in = _matrix(width, 4 * width)
        self.mlp_out = _matrix(4 * width, width, zero=True)

    def forward(self, stream: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
        batch, length, width = stream.shape
        before = functional.pad(_normal(stream).transpose(1, 2), (NEAR - 1, 0))
        stream = stream + self.near(before).transpose(1, 2)
        joined = self.attention_in(_normal(stream))
        split = joined.view(batch, length, 3, self.heads, width // self.heads)
        query, key, value = split.permute(2, 0, 3, 1, 4)
        mixed = functional.scaled_dot_product_attention(
            _turned(_normal(query), turn), _turned(_normal(key), turn), value, is_causal=True
        )
        stream = stream + self.attention_out(mixed.transpose(1, 2).reshape(stream.shape))
        return stream + self.mlp_out(functional.gelu(self.mlp_in(_normal(stream))))


class CharacterModel(nn.Module):
    """Embedding, blocks, and a head of its own; norms carry no weights, layers no biases."""

    def __init__(self, width: int, depth: int, heads: int, context: int) -> None:
        super().__init__()
        self.embedding = nn.Embedding(VOCABULARY, width)
        self.blocks = nn.ModuleList(Block(width, heads) for _ in range(depth))
        self.head = _matrix(width, VOCABULARY, zero=True)
        angles = _angles(context, width // heads)
        self.register_buffer("cos", angles.cos(), persistent=False)
        self.register_buffer("sin", angles.sin(), persistent=False)

    def forward(self, symbols: Tensor) -> Tensor:
        """Logits, (batch, length, vocabulary), of the character after each of (batch, length)."""
        length = symbols.shape[1]
        turn = self.cos[:length], self.sin[:length]
        stream = self.embedding(symbols)
        for block in self.blocks:
            stream = block(stream, turn)
        return self.head(_normal(stream))


def _matrix(inputs: int, outputs: int, *, zero: bool = False) -> nn.Linear:
    layer = nn.Linear(inputs, outputs, bias=False)
    if zero:
        nn.init.zeros_(layer.weight)
    else:
        nn.init.normal_(layer.weight, std=1 / math.sqrt(inputs))
    return layer


def _normal(stream: Tensor) -> Tensor:
    return functional.rms_norm(stream, (stream.shape[-1],))


def _angles(context: int, size: int) -> Tensor:
    """Rotary angles, (context, size / 2)."""
    speeds = 1000.0 ** (-torch.arange(0, size, 2) / size)
    return torch.outer(torch.arange(context), speeds)


def _turned(heads: Tensor, turn: tuple[Tensor, Tensor]) -> Tensor:
    cos, sin = turn
    first, second = heads.chunk(2, dim=-1)
    return torch.cat((first * cos - second * sin, first * sin + second * cos), dim=-1)
