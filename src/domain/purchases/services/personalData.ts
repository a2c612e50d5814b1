import { parseLossless } from "@/utils/json";

/** What a delivery says, for telling whom it is about. */
export type Said = {
    /** Every scalar in it, and the text as it came, in lower case. */
    text: string;
    /** The mail addresses and numbers of its customer, in lower case. */
    values: Set<string>;
};

/** Where shops say who bought. A telephone is left out: a house, an office or a sample shares one. */
const customerField = /^(customer_?id|(contact|customer)_?email)$/i;
const buyerField =
    /^(customer|billing|billing_address|order|entity)\.email$|^customer\.id$|^email$/;
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

const isPersonal = (path: readonly string[]): boolean =>
    customerField.test(path.at(-1) ?? "") || buyerField.test(path.slice(-2).join("."));

function walk(
    value: unknown,
    path: readonly string[],
    visit: (path: readonly string[], leaf: string) => void
): void {
    if (value === null || value === undefined) return;
    if (typeof value !== "object") visit(path, String(value).toLowerCase());
    else for (const [name, part] of Object.entries(value)) walk(part, [...path, name], visit);
}
