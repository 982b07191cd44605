"""The BERT encoder as an ONNX graph over weights.bin, in float32 or with its linear layers in int8.

Inputs and axes are the layout's (layouts.py). Output last_hidden_state: float32, [batch, sequence, hidden] padded or
[tokens, hidden] ragged. Every weight is stored once, the matrices as float16; the runtime folds the casts (and, in the
int8 graph, the quantization of the weights) when the session is created. The word table is the exception: it is gathered
as float16 and only the rows in use are cast, so that no session holds a float32 copy of it.

No operation looks across the texts of a batch, and masked positions weigh exactly zero, so a text's vector does not
depend on its batch-mates.
"""

from __future__ import annotations

import math
from typing import Protocol

import numpy as np
import onnx
from onnx import TensorProto, helper, numpy_helper

import weights as weights_file
from checkpoint import Checkpoint
from layouts import Layout
from weights import Weights

OPSET = 17
IR_VERSION = 8
OUTPUT = "last_hidden_state"


class Builder:
    """Collects nodes and initializers; every method that adds a node returns the name of its output."""

    def __init__(self, weights: Weights) -> None:
        self.weights = weights
        self.nodes: list[onnx.NodeProto] = []
        self.initializers: dict[str, TensorProto] = {}
        self.domains = {"": OPSET}
        self.cast: set[str] = set()

    def node(self, operator: str, inputs: list[str], output: str, domain: str = "", **attributes: object) -> str:
        if domain:
            self.domains[domain] = 1
        self.nodes.append(helper.make_node(operator, inputs, [output], name=output, domain=domain, **attributes))
        return output

    def constant(self, name: str, value: np.ndarray) -> str:
        self.initializers[name] = numpy_helper.from_array(np.ascontiguousarray(value), name)
        return name

    def stored(self, name: str) -> str:
        """The tensor as weights.bin holds it."""
        stored = self.weights.tensors[name]
        stored_name = name if stored.element == TensorProto.FLOAT else f"{name}.f16"
        if stored_name not in self.initializers:
            tensor = TensorProto(name=stored_name, data_type=stored.element, data_location=TensorProto.EXTERNAL)
            tensor.dims.extend(stored.shape)
            place = {"location": weights_file.FILE_NAME, "offset": stored.offset, "length": stored.length}
            for key, value in place.items():
                tensor.external_data.add(key=key, value=str(value))
            self.initializers[stored_name] = tensor
        return stored_name

    def weight(self, name: str) -> str:
        """The tensor as float32."""
        source = self.stored(name)
        if source != name and name not in self.cast:
            self.cast.add(name)
            self.node("Cast", [source], name, to=TensorProto.FLOAT)
        return name

    def model(self, layout: Layout, hidden: int, extra_outputs: list[str]) -> onnx.ModelProto:
        inputs = [helper.make_tensor_value_info(n, TensorProto.INT64, axes) for n, axes in layout.inputs.items()]
        outputs = [helper.make_tensor_value_info(OUTPUT, TensorProto.FLOAT, [*layout.axes, hidden])]
        outputs += [helper.make_tensor_value_info(n, TensorProto.FLOAT, None) for n in extra_outputs]
        graph = helper.make_graph(self.nodes, "encoder", inputs, outputs, list(self.initializers.values()))
        opsets = [helper.make_opsetid(domain, version) for domain, version in self.domains.items()]
        return helper.make_model(graph, opset_imports=opsets, ir_version=IR_VERSION, producer_name="sutra-embedder")


class Linear(Protocol):
    """How y = x W + b is computed. `x` is the input tensor's name, `layer` the layer's, e.g. layer.0.expand."""

    def __call__(self, builder: Builder, x: str, layer: str) -> str: ...


def float_linear(builder: Builder, x: str, layer: str) -> str:
    product = builder.node("MatMul", [x, builder.weight(f"{layer}.weight")], f"{layer}.product")
    return builder.node("Add", [product, builder.weight(f"{layer}.bias")], layer)


def build(
    checkpoint: Checkpoint, weights: Weights, layout: Layout, linear: Linear, extra_outputs: list[str] | None = None
) -> onnx.ModelProto:
    """The whole encoder. `extra_outputs` names inner tensors to return as well (calibration reads them)."""
    builder = Builder(weights)
    layout.constants(builder, checkpoint.hidden)
    _constants(builder, checkpoint)
    x = _embeddings(builder, checkpoint, layout)
    mask = _mask(builder)
    for index in range(checkpoint.layers):
        x = _layer(builder, checkpoint, layout, linear, f"layer.{index}", x, mask)
    builder.nodes[-1].output[0] = OUTPUT
    return builder.model(layout, checkpoint.hidden, extra_outputs or [])


def _constants(builder: Builder, checkpoint: Checkpoint) -> None:
    head = checkpoint.hidden // checkpoint.heads
    builder.constant("by_head", np.array([0, 0, checkpoint.heads, head], np.int64))
    builder.constant("attention_scale", np.array(math.sqrt(head), np.float32))
    builder.constant("mask_axes", np.array([1, 2], np.int64))
    builder.constant("keep", np.array(1, np.float32))
    builder.constant("lowest", np.array(np.finfo(np.float32).min, np.float32))
    builder.constant("gelu.root", np.array(math.sqrt(2), np.float32))
    builder.constant("gelu.half", np.array(0.5, np.float32))


def _norm(builder: Builder, checkpoint: Checkpoint, x: str, name: str) -> str:
    scale, shift = builder.weight(f"{name}.weight"), builder.weight(f"{name}.bias")
    return builder.node("LayerNormalization", [x, scale, shift], name, axis=-1, epsilon=checkpoint.layer_norm_epsilon)


def _embeddings(builder: Builder, checkpoint: Checkpoint, layout: Layout) -> str:
    rows = builder.node("Gather", [builder.stored("embeddings.word"), "input_ids"], "word.f16")
    word = builder.node("Cast", [rows], "word", to=TensorProto.FLOAT)
    kind = builder.node("Gather", [builder.weight("embeddings.token_type"), "token_type_ids"], "token_type")
    position = layout.position(builder)
    total = builder.node("Add", [builder.node("Add", [word, kind], "word_and_type"), position], "embedded")
    return _norm(builder, checkpoint, total, "embeddings.norm")


def _mask(builder: Builder) -> str:
    """0 where a token is real, the lowest float where it is padding: exp() of that is exactly zero."""
    wide = builder.node("Unsqueeze", ["attention_mask", "mask_axes"], "mask.wide")
    real = builder.node("Cast", [wide], "mask.float", to=TensorProto.FLOAT)
    padding = builder.node("Sub", ["keep", real], "mask.padding")
    return builder.node("Mul", [padding, "lowest"], "mask")


def _heads(builder: Builder, x: str, order: list[int]) -> str:
    return builder.node("Transpose", [builder.node("Reshape", [x, "by_head"], f"{x}.split")], f"{x}.heads", perm=order)


def _layer(
    builder: Builder, checkpoint: Checkpoint, layout: Layout, linear: Linear, name: str, x: str, mask: str
) -> str:
    def heads(part: str, order: list[int]) -> str:
        return _heads(builder, layout.to_rows(builder, linear(builder, x, f"{name}.{part}")), order)

    query, key, value = heads("query", [0, 2, 1, 3]), heads("key", [0, 2, 3, 1]), heads("value", [0, 2, 1, 3])
    products = builder.node("MatMul", [query, key], f"{name}.attention.products")
    scores = builder.node("Div", [products, "attention_scale"], f"{name}.attention.scores")
    masked = builder.node("Add", [scores, mask], f"{name}.attention.masked")
    shares = builder.node("Softmax", [masked], f"{name}.attention.shares", axis=-1)
    mixed = builder.node("MatMul", [shares, value], f"{name}.attention.mixed")
    ordered = builder.node("Transpose", [mixed], f"{name}.attention.ordered", perm=[0, 2, 1, 3])
    context = layout.to_tokens(builder, ordered, f"{name}.context")
    attended = linear(builder, context, f"{name}.attention_out")
    residual = builder.node("Add", [attended, x], f"{name}.attention_residual")
    x = _norm(builder, checkpoint, residual, f"{name}.attention_norm")
    expanded = _gelu(builder, linear(builder, x, f"{name}.expand"), f"{name}.gelu")
    contracted = linear(builder, expanded, f"{name}.contract")
    residual = builder.node("Add", [contracted, x], f"{name}.output_residual")
    return _norm(builder, checkpoint, residual, f"{name}.output_norm")


def _gelu(builder: Builder, x: str, name: str) -> str:
    """The exact GELU, spelled so that the runtime recognises and fuses it."""
    inner = builder.node("Erf", [builder.node("Div", [x, "gelu.root"], f"{name}.inner")], f"{name}.erf")
    share = builder.node("Mul", [x, builder.node("Add", [inner, "keep"], f"{name}.one_more")], f"{name}.doubled")
    return builder.node("Mul", [share, "gelu.half"], name)
