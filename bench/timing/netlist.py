# SPDX-License-Identifier: Apache-2.0
"""From the Verilog that Yosys writes (write_verilog -noattr, cells of the fabric only) to what OpenSTA reads.

Parameters go: a cell's type then says with which it was (delays.py). A cell that Yosys numbered gets the name of the net that it
drives, as far as that has one: `busy_q[3]` is easier to find than `_1234_`.
"""
import dataclasses
import re

from delays import DelayError, plain

_INSTANCE = re.compile(r"  (\\\S+ |[A-Za-z_$][\w$]*) +(#\(|(\\\S+ |[A-Za-z_$][\w$]*) *\($)")
_PORT = re.compile(r"    \.(\\\S+ |[\w$]+)\((.*)\),?$")
_WIRE = re.compile(r"  wire (?:\[(\d+):(\d+)\] )?(\\\S+|[\w$]+) ?;")
_SPREAD = re.compile(r"  assign (\{.*\}) = (.*);$")
_PART = re.compile(r"\s*(?:(\d+)'[sh]*([hbd])([0-9a-fA-FxXzZ?]+)|(\\\S+(?: |$)|[\w$]+)(?:\s*\[(\d+)(?::(\d+))?\])?)\s*(?:,|$)")
_KEYWORDS = {"module", "endmodule", "wire", "input", "output", "inout", "reg", "assign"}
_NUMBERED = re.compile(r"_\d+_$")


@dataclasses.dataclass
class Module:
    """What a module has: .instances of modules, name -> module, and the names of its .cells' kinds."""
    instances: dict = dataclasses.field(default_factory=dict)
    cells: set = dataclasses.field(default_factory=set)


def bare(name):
    """An identifier without Verilog's escape."""
    return name.strip().removeprefix("\\")


def escaped(name):
    return name if re.fullmatch(r"[A-Za-z_][\w$]*", name) else f"\\{name} "


def convert(source, target, delays):
    """Writes the netlist of open file `source` into open file `target`; gives its modules by name, the top last as Yosys has it.

    Throws DelayError with module and instance for a cell that the fabric does not know, or a pin of it.
    """
    modules, module, where = {}, None, ""
    declared = re.compile(r"^module +(\\\S+ |[\w$]+)")
    lines = iter(source)
    for line in lines:
        if match := declared.match(line):
            where = bare(match[1])
            module = modules.setdefault(where, Module())
            taken, widths = set(), {}
        if match := _WIRE.match(line):
            widths[bare(match[3])] = (int(match[1]), int(match[2])) if match[1] else None
        if match := _SPREAD.match(line):
            for left, right in zip(_bits(match[1], widths), _bits(match[2], widths), strict=True):
                target.write(f"  assign {left} = {right};\n")
            continue
        match = _INSTANCE.match(line)
        if not match or bare(match[1]) in _KEYWORDS:
            target.write(line)
            continue
        kind, parameters, name = bare(match[1]), {}, match[3]
        if match[2].startswith("#("):
            for line in lines:
                if not (port := _PORT.match(line)):
                    break
                parameters[bare(port[1])] = plain(port[2])
            name = re.match(r"  \) +(\\\S+ |[\w$]+)", line)[1]
        if delays.crosses(where, kind):
            kind += "_SLR"
        ports = []
        for line in lines:
            if not (port := _PORT.match(line)):
                break
            ports.append((bare(port[1]), port[2]))
        try:
            cell = delays.variant(kind, parameters)
            if cell is None and kind.startswith(("$_", "$")) and not kind.startswith("$paramod"):
                raise DelayError(f"{kind}")
        except DelayError as error:
            raise DelayError(f"no delays for {error}: cell {bare(name)} of module {where}") from error
        name = bare(name)
        if cell is None:
            module.instances[name] = kind
        else:
            module.cells.add(cell.name)
            for pin, _ in ports:
                if pin not in cell.pins and pin not in cell.ignored:
                    raise DelayError(f"no delays for pin {pin} of {kind}: cell {name} of module {where}")
            ports = [(pin, _fitted(net, cell.pins[pin], widths, "1'b0" if pin in cell.inputs else "_open_"))
                     for pin, net in ports if pin in cell.pins]
            name = _named(name, cell, ports, taken)
            taken.add(name)
            kind = cell.name
        text = ", ".join(f".{escaped(pin)}({_constants(net)})" for pin, net in ports)
        target.write(f"  {escaped(kind)} {escaped(name)} ({text});\n")
    for where, module in modules.items():
        for name, kind in module.instances.items():
            if kind not in modules:
                raise DelayError(f"no delays for {kind}: cell {name} of module {where}")
    return modules


def _named(name, cell, ports, taken):
    """A cell's name: that of a net which it alone drives, where Yosys had only numbered the cell."""
    if not _NUMBERED.match(name):
        return name
    for pin, net in ports:
        if pin in cell.outputs:
            net = bare(net).replace(" ", "")
            if net and net[0] not in "{_" and net not in taken and "'" not in net:
                return net
    return name


def _bits(expression, widths):
    """The bits of an identifier, a constant or a concatenation, highest first. OpenSTA takes no concatenation on the left."""
    bits, text, at = [], expression.strip().removeprefix("{").removesuffix("}"), 0
    while at < len(text):
        part = _PART.match(text, at)
        if not part:
            raise DelayError(f"netlist: cannot read '{expression}'")
        at = part.end()
        size, base, digits, name, first, last = part.groups()
        name = f"{name.strip()} " if name and name[0] == "\\" else name  # an escape ends with a blank
        if size:
            value = int(re.sub("[xXzZ?]", "0", digits), {"h": 16, "b": 2, "d": 10}[base])
            bits += [f"1'b{value >> i & 1}" for i in reversed(range(int(size)))]
        elif first is None and widths.get(bare(name)) is None:
            bits.append(name)
        else:
            high, low = (int(first), int(last or first)) if first else widths[bare(name)]
            step = 1 if high >= low else -1
            bits += [f"{name}[{i}]" for i in range(high, low - step, -step)]
    return bits


def _fitted(net, width, widths, filling):
    """What a bus of this width has of a net: as Verilog has it, the low bits of a wider one, and filling above a narrower."""
    if width is None or not net:
        return net
    bits = _bits(net, widths)
    return net if len(bits) == width else "{ " + ", ".join(([filling] * width + bits)[-width:]) + " }"


def _constants(net):
    """Unknown bits are zeros: they drive no arc, and OpenSTA wants digits."""
    return re.sub(r"(\d+'[hbd])([0-9a-fA-FxXzZ?]+)", lambda m: m[1] + re.sub("[xXzZ?]", "0", m[2]), net)
