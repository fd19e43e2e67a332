# SPDX-License-Identifier: Apache-2.0
"""The faults that may be planted in a SystemVerilog file: where, of what kind, and what stands there instead.

Only what the hardware does at run time is mutated. What elaboration needs as a constant (parameters, widths, ranges, generate
conditions), the left sides of assignments and what macros expand to are left alone.
"""
import dataclasses
import re

from pyslang import SourceManager
from pyslang.syntax import SyntaxNode, SyntaxTree

# An operator, and what may stand in its place.
SWAPS = {
    "Add": "-", "Subtract": "+", "Multiply": "+",
    "LogicalAnd": "||", "LogicalOr": "&&", "BinaryAnd": "|", "BinaryOr": "&", "BinaryXor": "|",
    "Equality": "!=", "Inequality": "==",
    "LessThan": "<= >", "LessThanEqual": "< >", "GreaterThan": ">= <", "GreaterThanEqual": "> <",
    "LogicalShiftLeft": ">>", "LogicalShiftRight": "<<", "ArithmeticShiftRight": ">>",
    "UnaryLogicalNot": "", "UnaryBitwiseNot": "", "UnaryMinus": "",
    "UnaryBitwiseAnd": "|", "UnaryBitwiseOr": "&",
}
HANDSHAKE = re.compile(r"(?:^|_)(valid|ready|en|start|done|clear|stop|push|pop|take|load|active|idle|error)(_[ioqd])?$")
IGNORED = re.compile(r"unused")


@dataclasses.dataclass(frozen=True)
class Fault:
    """In place of text[begin:end] stands `instead`. Of a statement (`statement`) nothing stands there."""
    operator: str
    begin: int
    end: int
    instead: str
    statement: bool = False
    port: str = ""  # the text is a connection `.port`, whose expression is the port's name


class Reader:
    """Collects the faults of one file."""

    def __init__(self, path, root):
        self.manager = SourceManager()
        self.manager.addUserDirectories(str(root))
        self.text = path.read_text(encoding="ascii")
        self.tree = SyntaxTree.fromFile(str(path), self.manager)
        self.faults = []
        self.clocked = False
        self._visit(self.tree.root)

    # ------------------------------------------------------------------------------------------------------------ places
    def _plain(self, node):
        return all(self.manager.isFileLoc(place) for place in (node.sourceRange.start, node.sourceRange.end))

    def _span(self, node):
        return node.sourceRange.start.offset, node.sourceRange.end.offset

    def _source(self, node):
        begin, end = self._span(node)
        return self.text[begin:end]

    def _add(self, operator, node, instead, **more):
        if self._plain(node):
            begin, end = self._span(node)
            self.faults.append(Fault(operator, begin, end, instead, **more))

    # --------------------------------------------------------------------------------------------------------- structure
    def _visit(self, node):
        """What is no expression: looks for processes, assignments, instances and functions."""
        kind = node.kind.name
        if kind in ("ParameterPortList", "AnsiPortList", "ParameterDeclarationStatement", "DataDeclaration", "ElabSystemTask",
                    "TypedefDeclaration", "AttributeInstance"):
            return
        if kind == "ContinuousAssign":
            for assignment in self._children(node):
                if assignment.kind.name == "AssignmentExpression":
                    self._assignment(assignment)
            return
        if kind in ("AlwaysFFBlock", "AlwaysCombBlock", "AlwaysBlock", "InitialBlock"):
            self.clocked = kind in ("AlwaysFFBlock", "AlwaysBlock")
            for child in self._children(node):
                self._statement(child)
            return
        if kind == "FunctionDeclaration":
            self.clocked = False
            for child in self._children(node):
                if child.kind.name != "FunctionPrototype":
                    self._statement(child)
            return
        if kind == "HierarchyInstantiation":
            self._instance(node)
            return
        for child in self._children(node):
            if kind == "IfGenerate" and child is node.condition:
                continue
            if kind == "LoopGenerate" and child.kind.name not in ("GenerateBlock",):
                continue
            self._visit(child)

    @staticmethod
    def _children(node):
        return [child for child in node if isinstance(child, SyntaxNode)]

    def _instance(self, node):
        for instance in node.instances:
            if not isinstance(instance, SyntaxNode):
                continue
            for connection in instance.connections:
                if not isinstance(connection, SyntaxNode) or connection.kind.name != "NamedPortConnection":
                    continue
                port = connection.name.valueText
                if not port.endswith("_i") or port in ("clk_i", "rst_ni"):
                    continue
                expression = connection.expr
                if expression is None:
                    if HANDSHAKE.search(port):
                        for level in ("'0", "'1"):
                            self._add("handshake tied", connection, level, port=port)
                    continue
                if HANDSHAKE.search(port):
                    for level in ("'0", "'1"):
                        self._add("handshake tied", expression, level)
                self._expression(expression)

    # -------------------------------------------------------------------------------------------------------- statements
    def _statement(self, node):
        kind = node.kind.name
        if kind == "ExpressionStatement":
            expression = node.expr
            if "Assignment" in expression.kind.name:
                self._assignment(expression)
                if self.clocked and expression.kind.name == "NonblockingAssignmentExpression":
                    self._add("assignment dropped", node, "", statement=True)
            return
        if kind == "ConditionalStatement":
            condition = node.predicate
            self._condition(condition, always=node.elseClause is None and self.clocked)
            self._expression(condition)
            self._statement(node.statement)
            if node.elseClause is not None:
                self._statement(node.elseClause)
            return
        if kind == "CaseStatement":
            self._expression(node.expr)
            for item in node.items:
                if isinstance(item, SyntaxNode):
                    self._statement(item.clause)
            return
        if kind == "ForLoopStatement":
            self._statement(node.statement)
            return
        if kind in ("DataDeclaration", "ParameterDeclarationStatement", "EventControlWithExpression"):
            return
        for child in self._children(node):
            self._statement(child)

    def _assignment(self, node):
        target, value = node.left, node.right
        name = self._source(target)
        if IGNORED.search(name):
            return
        if HANDSHAKE.search(re.sub(r"\[.*", "", name)) and "Literal" not in value.kind.name and "Vector" not in value.kind.name:
            for level in ("'0", "'1"):
                self._add("handshake tied", value, level)
        self._expression(value)

    def _condition(self, node, always=False):
        text = self._source(node)
        if "rst_ni" in text:
            return
        if not re.fullmatch(r"\s*(!.*|[^&|?]*[!=]=[^&|?]*)", text, re.DOTALL):  # of those an operator is swapped
            self._add("condition negated", node, f"!({text})")
        self._add("condition stuck", node, "1'b1" if always else "1'b0")
        if not always:
            self._add("condition stuck", node, "1'b1")

    # ------------------------------------------------------------------------------------------------------- expressions
    def _expression(self, node):
        kind = node.kind.name
        name = kind.removesuffix("Expression")
        if kind in ("ScopedName", "MemberAccessExpression"):
            return
        if kind == "CastExpression":
            self._expression(node.right)
            return
        if kind == "MultipleConcatenationExpression":
            self._expression(node.concatenation)
            return
        if kind == "ElementSelect":
            self._select(node.selector)
            return
        if kind == "ConditionalExpression":
            self._condition(node.predicate)
        if kind == "IntegerLiteralExpression" or kind == "IntegerVectorExpression":
            self._constant(node)
            return
        if kind == "UnbasedUnsizedLiteralExpression":
            self._add("constant", node, "'1" if self._source(node) == "'0" else "'0")
            return
        if name in SWAPS:
            self._operator(node, name)
        for child in self._children(node):
            self._expression(child)

    def _operator(self, node, name):
        text = self._source(node)
        if "Unary" in name:
            operand = self._source(node.operand)
            if operand == "rst_ni":
                self._add("reset dropped", node, "1'b0")
            else:
                self._add("operator", node, SWAPS[name] + operand)
            return
        left, right = self._source(node.left), self._source(node.right)
        for side, other in ((left, right), (right, left)):
            if side == "rst_ni":
                self._add("reset dropped", node, other)
            elif side == "!rst_ni":
                pass  # its own operand is mutated
            elif name in ("LogicalAnd", "LogicalOr") and "rst_ni" not in text:
                self._add("term dropped", node, other)
        if "rst_ni" not in (left, right, left[1:], right[1:]):
            for swap in SWAPS[name].split():
                self._add("operator", node, f"{left} {swap} {right}")

    def _select(self, node):
        kind = node.kind.name
        if kind == "BitSelect":
            self._index(node.expr)
        elif kind in ("AscendingRangeSelect", "DescendingRangeSelect"):
            self._index(node.left)

    def _index(self, node):
        text = self._source(node)
        for step in ("+ 1", "- 1"):
            self._add("index", node, f"({text}) {step}")
        if "Literal" not in node.kind.name:
            self._expression(node)

    def _constant(self, node):
        text = self._source(node)
        match = re.fullmatch(r"(?:(\d+))?\s*(?:'(s?)([bodhBODH]))?\s*([0-9a-fA-F_]+)", text)
        if not match:
            return
        width, signed, base, digits = match.groups()
        if base is None:  # a plain decimal number
            value = int(text.replace("_", ""))
            self._add("constant", node, str(value + 1))
            if value > 0:
                self._add("constant", node, str(value - 1))
            return
        radix = {"b": 2, "o": 8, "d": 10, "h": 16}[base.lower()]
        bits = int(width) if width else 32
        value = int(digits.replace("_", ""), radix)
        for other in sorted({(value + 1) % (1 << bits), (value - 1) % (1 << bits)}):
            self._add("constant", node, f"{bits}'{signed}h{other:x}")


def faults_of(path, root):
    """All faults of a file, in the order of their places. `root`: what its includes are relative to."""
    reader = Reader(path, root)
    unique = {(f.begin, f.end, f.instead, f.statement): f for f in reader.faults}
    return reader.text, sorted(unique.values(), key=lambda f: (f.begin, -f.end, f.operator, f.instead))
