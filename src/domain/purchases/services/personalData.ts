import { parseLossless } from "@/utils/json";

/** What a delivery says, for telling whom it is about. */
export type Said = {
    /** Every scalar in it, and the text as it came, in lower case. */
    text: string;
    /** The mail addresses, telephone and customer numbers in it, in lower case. */
    values: Set<string>;
};

const personal = /(^|_)(email|phone)$|^customer_?id$/i;
const uuids = /[\da-f]{8}(-[\da-f]{4}){3}-[\da-f]{12}/g;

/** Reads what cannot be read as JSON as text. */
export function saidIn(body: Uint8Array): Said {
    const raw = new TextDecoder().decode(body).toLowerCase();
    const said: Said = { text: raw, values: new Set() };
    const leaves = [raw];
    walk(parsed(body), [], (path, leaf) => {
        leaves.push(leaf);
        if (isPersonal(path)) said.values.add(leaf);
    });
    return { ...said, text: leaves.join("\n") };
}

/** Every UUID in a text: a browser's client id may be among them. */
export const uuidsIn = ({ text }: Said): string[] => [...new Set(text.match(uuids) ?? [])];

function parsed(body: Uint8Array): unknown {
    try {
        return parseLossless(new TextDecoder().decode(body));
    } catch {
        return undefined;
    }
}

function isPersonal(path: readonly string[]): boolean {
    const [parent, name = ""] = path.slice(-2);
    return personal.test(name) || (parent === "customer" && name === "id");
}

function walk(
    value: unknown,
    path: readonly string[],
    visit: (path: readonly string[], leaf: string) => void
): void {
    if (value === null || value === undefined) return;
    if (typeof value !== "object") visit(path, String(value).toLowerCase());
    else for (const [name, part] of Object.entries(value)) walk(part, [...path, name], visit);
}
