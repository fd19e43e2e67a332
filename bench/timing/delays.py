# SPDX-License-Identifier: Apache-2.0
"""The delays of a fabric (a .toml beside this file), and the Liberty library that OpenSTA reads.

Liberty knows cells and loads, but a wire's delay in an FPGA depends on how many pins the net has, on where the net comes from, and on
which pin it goes to: a look-up table reaches the flip-flop beside it without leaving its slice. So every input has a
capacitance of 1, a net's load is its fan-out, and each output hands it on as the transition of the net: as it is where the
output is a slice's logic, with ROUTED added where it must take the general wires. Each input adds what the net takes to come to it.
No transition is ever in ns here.
"""
import dataclasses
import re
import tomllib

ROUTED = 100_000  # more pins than any net has

HEAD = """library (fabric) {
  delay_model : table_lookup; time_unit : "1ns"; voltage_unit : "1V"; current_unit : "1mA";
  pulling_resistance_unit : "1kohm"; capacitive_load_unit (1, pf); nom_voltage : 1; nom_process : 1; nom_temperature : 25;
  input_threshold_pct_rise : 50; input_threshold_pct_fall : 50; output_threshold_pct_rise : 50; output_threshold_pct_fall : 50;
  slew_lower_threshold_pct_rise : 20; slew_lower_threshold_pct_fall : 20;
  slew_upper_threshold_pct_rise : 80; slew_upper_threshold_pct_fall : 80;
"""


class DelayError(Exception):
    """A table of delays, or a cell that it does not know."""


@dataclasses.dataclass
class Cell:
    """One kind of cell with one set of parameters. Pins are given with their width, None for a single bit."""
    name: str
    when: dict  # parameters that the netlist must give it
    pins: dict
    inputs: list
    outputs: list
    ignored: set  # pins that the netlist may connect and that have no timing here
    data: dict


def expand(text):
    """Names, of which A0..3 stands for A0 A1 A2 A3."""
    names = []
    for name in text.split():
        match = re.fullmatch(r"(.*?)(\d+)\.\.(\d+)", name)
        names += [f"{match[1]}{i}" for i in range(int(match[2]), int(match[3]) + 1)] if match else [name]
    return names


def read_pins(text):
    """"CI S:4" as {CI: None, S: 4}."""
    return {name: int(width) if width else None for name, _, width in (pin.partition(":") for pin in expand(text))}


def each(table):
    """A table by pins, whose keys may stand for many."""
    return {name: value for key, value in table.items() for name in expand(key)}


class Delays:
    """A fabric: .name, .cells by type (a list of variants each), .clock, .net."""

    def __init__(self, path):
        try:
            table = tomllib.loads(path.read_text())
            self.name, self.clock, self.net, self.ports = table["name"], table["clock"], table["net"], table["ports"]
            if len(self.net["fanout"]) != len(self.net["delay"]) or self.net["fanout"] != sorted(set(self.net["fanout"])):
                raise DelayError(f"{path}: net: fanout must rise, with a delay for each")
            crossing = table.get("crossing", {"modules": "", "types": ""})
            self.crossing_modules, self.crossing_types = crossing["modules"].split(), crossing["types"].split()
            self.cells = {}
            known = {}
            for data in table["cell"]:
                if "like" in data:  # another cell's times on pins of other widths
                    data = known[data["like"]] | data
                inputs, outputs = read_pins(data["in"]), read_pins(data["out"])
                for kind in data["types"].split():
                    variants = self.cells.setdefault(kind, [])
                    name = kind + (f"_v{len(variants)}" if data.get("when") else "")
                    when = {key: str(value) for key, value in data.get("when", {}).items()}
                    known.setdefault(kind, data)
                    known[name] = data
                    variants.append(Cell(name, when, inputs | outputs, list(inputs), list(outputs),
                                         set(expand(data.get("ignore", ""))), data))
        except (KeyError, ValueError, OSError) as error:
            raise DelayError(f"{path}: {error}") from error

    def variant(self, kind, parameters):
        """The cell of a type with these parameters; None where the fabric has no such type, DelayError where it has others."""
        for cell in self.cells.get(kind, []):
            if all(parameters.get(key) == value for key, value in cell.when.items()):
                return cell
        if kind in self.cells:
            asked = sorted({key for cell in self.cells[kind] for key in cell.when})
            raise DelayError(f"{kind} with " + ", ".join(f"{key}={parameters[key]}" for key in asked if key in parameters))
        return None

    def crosses(self, module, kind):
        """Whether a cell of this type takes its inputs from another die, where it is in this module."""
        return kind in self.crossing_types and any(re.search(rf"(^|\\){name}($|\\)", module) for name in self.crossing_modules)

    def route(self, fanout):
        """Nanoseconds from an output over the general wires to each of this many pins."""
        points = list(zip(self.net["fanout"], self.net["delay"]))
        if fanout <= points[0][0]:
            return points[0][1]
        for (x0, y0), (x1, y1) in zip(points, points[1:]):
            if fanout <= x1:
                return y0 + (y1 - y0) * (fanout - x0) / (x1 - x0)
        return points[-1][1]

    def liberty(self, names):
        """The library as text, of the cells of these names: OpenSTA takes longer to read them all than to time a module."""
        fanouts = self.net["fanout"]
        self._transitions = [fanouts[0], *fanouts[1:], ROUTED - 1, *(ROUTED + fanout for fanout in fanouts), 2 * ROUTED]
        index = ", ".join(str(transition) for transition in self._transitions)
        text = [HEAD]
        for name, variable in ("arc", "input_net_transition"), ("check", "constrained_pin_transition"):
            text.append(f'  lu_table_template ({name}) {{ variable_1 : {variable}; index_1 ("{index}"); }}\n')
        text.append(f'  lu_table_template (load) {{ variable_1 : total_output_net_capacitance; index_1 ("0, {ROUTED}"); }}\n')
        cells = [cell for variants in self.cells.values() for cell in variants]
        for cell in cells:
            self._check(cell)
        cells = [cell for cell in cells if cell.name in names]
        for width in sorted({width for cell in cells for width in cell.pins.values() if width}):
            text.append(f"  type (bus{width}) {{ base_type : array; data_type : bit; bit_width : {width}; "
                        f"bit_from : {width - 1}; bit_to : 0; }}\n")
        text += [self._cell(cell) for cell in cells]
        return "".join(text) + "}\n"

    def _wire(self, cell, pin):
        """What each transition of a net costs on its way to this pin."""
        direct, local = each(cell.data.get("direct", {})), each(cell.data.get("local", {}))
        count = len(self.net["fanout"])
        routed = [*self.net["delay"], self.net["delay"][-1]]
        if pin in direct:
            return [direct[pin]] * len(self._transitions)
        if pin in local:
            inside, outside = local[pin]
            return [inside] * (count + 1) + [outside + delay for delay in routed]
        return [*self.net["delay"], self.net["delay"][-1], *routed]

    def _table(self, name, template, values):
        text = ", ".join(f"{value:.4f}" for value in values)
        return f'{name} ({template}) {{ values ("{text}"); }} '

    def _timing(self, kind, related, delays, cell):
        """An arc to an output: from input pins through a table, or from a clock."""
        first = ROUTED if cell.data.get("drives", "slice") != "slice" else 0
        template = "scalar" if isinstance(delays, float) else "arc"
        values = [delays] if isinstance(delays, float) else delays
        text = f'timing () {{ related_pin : "{related}"; timing_type : {kind}; timing_sense : non_unate; '
        for edge in "rise", "fall":
            text += self._table(f"cell_{edge}", template, values)
            text += self._table(f"{edge}_transition", "load", [first, first + ROUTED])
        return text + "} "

    def _output(self, cell, pin, bit):
        """All arcs to one bit of an output."""
        text = ""
        for arc in cell.data.get("arcs", []):
            if pin not in expand(arc["to"]):
                continue
            for source in expand(arc["from"]):
                width = cell.pins[source]
                delays = [arc["delay"] + wire for wire in self._wire(cell, source)]
                bits = [""] if width is None else [f"[{i}]" for i in range(width)]
                if arc.get("ripple") and width:
                    bits = bits[:bit + (1 if arc["ripple"] == "up to" else 0)]
                if bits:
                    text += self._timing("combinational", " ".join(source + b for b in bits), delays, cell)
        for clocked in cell.data.get("clocked", []):
            if pin in (to := each(clocked.get("to", {}))):
                text += self._timing("rising_edge", clocked["clock"], float(to[pin]), cell)
        return text

    def _input(self, cell, pin):
        """The checks of an input against the clock."""
        text = ""
        for clocked in cell.data.get("clocked", []):
            if pin in (setup := each(clocked.get("setup", {}))):
                values = [setup[pin] + wire for wire in self._wire(cell, pin)]
                text += f'timing () {{ related_pin : "{clocked["clock"]}"; timing_type : setup_rising; '
                text += self._table("rise_constraint", "check", values) + self._table("fall_constraint", "check", values) + "} "
        return text

    def _cell(self, cell):
        clocks = {clocked["clock"] for clocked in cell.data.get("clocked", [])}
        text = [f"  cell ({cell.name}) {{\n"]
        for pin, width in cell.pins.items():
            output = pin in cell.outputs
            if output and width:
                text.append(f"    bus ({pin}) {{ bus_type : bus{width}; direction : output;\n")
                for bit in range(width):
                    text.append(f"      pin ({pin}[{bit}]) {{ direction : output; {self._output(cell, pin, bit)}}}\n")
                text.append("    }\n")
                continue
            body = self._output(cell, pin, 0) if output else f"capacitance : {0 if pin in clocks else 1}; {self._input(cell, pin)}"
            if pin in clocks:
                body += "clock : true; "
            group = f"bus ({pin}) {{ bus_type : bus{width}; " if width else f"pin ({pin}) {{ "
            text.append(f"    {group}direction : {'output' if output else 'input'}; {body}}}\n")
        return "".join(text) + "  }\n"

    def _check(self, cell):
        """Every pin that the table speaks of is one of the cell's."""
        named = set(each(cell.data.get("local", {}))) | set(each(cell.data.get("direct", {})))
        for arc in cell.data.get("arcs", []):
            named |= set(expand(arc["from"])) | set(expand(arc["to"]))
        for clocked in cell.data.get("clocked", []):
            named |= {clocked["clock"]} | set(each(clocked.get("setup", {}))) | set(each(clocked.get("to", {})))
        for pin in sorted(named - set(cell.pins)):
            raise DelayError(f"{self.name}: {cell.name} has no pin {pin}")


def plain(value):
    """A parameter as the netlist writes it, such as 32'sd1 or "FALSE", without size and quotes."""
    match = re.fullmatch(r"\d+'s?([dhb])([0-9a-fA-F]+)", value)
    return str(int(match[2], {"d": 10, "h": 16, "b": 2}[match[1]])) if match else value.strip('"')
