type Condition = { field: string; op: string; value?: unknown; currency?: string };
type Group = { all: Node[] } | { any: Node[] } | { none: Node[] };
type Node = Condition | Group;

const signs: Record<string, string> = { eq: "=", neq: "≠", gt: ">", gte: "≥", lt: "<", lte: "≤" };

/** What has to be true, one line for each condition that must be met on its own. */
export function summaryOf(node: Node): string[] {
    return "all" in node ? node.all.flatMap(summaryOf) : [textOf(node)];
}

function textOf(node: Node): string {
    if ("field" in node) return conditionText(node);
    if ("all" in node) return `(${node.all.map(textOf).join(" and ")})`;
    if ("any" in node) return `(${node.any.map(textOf).join(" or ")})`;
    return `not (${node.none.map(textOf).join(" or ")})`;
}

function conditionText({ field, op, value, currency }: Condition): string {
    const operand = Array.isArray(value) ? value.join(", ") : String(value ?? "");
    return [field, signs[op] ?? op, operand, currency].filter(Boolean).join(" ");
}
