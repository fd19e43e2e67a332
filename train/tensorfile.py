# SPDX-License-Identifier: Apache-2.0
"""Read and write the safetensors format: 8 bytes of length, a JSON header, the data.

By hand because it is this short, and Debian's PyTorch comes without the safetensors package.
"""
import json
import os
import struct

import torch

DTYPES = {"F32": torch.float32, "BF16": torch.bfloat16, "F16": torch.float16}
NAMES = {dtype: name for name, dtype in DTYPES.items()}
SINGLE, INDEX = "model.safetensors", "model.safetensors.index.json"


def to_bytes(tensor):
    # NumPy knows no bfloat16, so 16-bit floats travel as the integers with the same bits.
    tensor = tensor.detach().cpu().contiguous()
    return (tensor if tensor.dtype == torch.float32 else tensor.view(torch.int16)).numpy().tobytes()


def write(path, tensors):
    header, offset = {"__metadata__": {"format": "pt"}}, 0
    for name, tensor in tensors.items():
        size = tensor.numel() * tensor.element_size()
        header[name] = {"dtype": NAMES[tensor.dtype], "shape": list(tensor.shape),
                        "data_offsets": [offset, offset + size]}
        offset += size
    text = json.dumps(header).encode()
    text += b" " * (-len(text) % 8)  # keeps the data aligned
    with open(path, "wb") as file:
        file.write(struct.pack("<Q", len(text)) + text)
        for tensor in tensors.values():
            file.write(to_bytes(tensor))


def read(path):
    with open(path, "rb") as file:
        (length,) = struct.unpack("<Q", file.read(8))
        header = json.loads(file.read(length))
        data = bytearray(file.read())
    tensors = {}
    for name, entry in header.items():
        if name == "__metadata__":
            continue
        begin, end = entry["data_offsets"]
        dtype = DTYPES[entry["dtype"]]
        size = torch.empty(0, dtype=dtype).element_size()
        flat = torch.frombuffer(data, dtype=dtype, count=(end - begin) // size, offset=begin)
        tensors[name] = flat.reshape(entry["shape"])
    return tensors


def read_folder(folder):
    index = os.path.join(folder, INDEX)
    if not os.path.exists(index):
        return read(os.path.join(folder, SINGLE))
    with open(index) as file:
        shards = sorted(set(json.load(file)["weight_map"].values()))
    return {name: tensor for shard in shards for name, tensor in read(os.path.join(folder, shard)).items()}


def write_folder(folder, tensors, shards=1):
    """Write one file, or `shards` files of about equal size and their index."""
    if shards == 1:
        return write(os.path.join(folder, SINGLE), tensors)
    total = sum(tensor.numel() * tensor.element_size() for tensor in tensors.values())
    parts, done = [{} for _ in range(shards)], 0
    for name, tensor in tensors.items():
        parts[min(done * shards // total, shards - 1)][name] = tensor
        done += tensor.numel() * tensor.element_size()
    weight_map = {}
    for n, part in enumerate(parts):
        file_name = f"model-{n + 1:05}-of-{shards:05}.safetensors"
        write(os.path.join(folder, file_name), part)
        weight_map.update((name, file_name) for name in part)
    with open(os.path.join(folder, INDEX), "w") as file:
        json.dump({"metadata": {"total_size": total}, "weight_map": weight_map}, file, indent=2)
        file.write("\n")
