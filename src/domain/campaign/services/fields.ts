import { dateThere, dayOfWeek, hourOfDay } from "@/utils/calendar";
import { decimalText, isPlainDecimal, scaled } from "@/utils/decimal";
import { type Currency, moneyText } from "@/utils/money";
import { days } from "@/utils/time";
import type { Operator } from "./definition";
import type { Facts, Line, PersonFacts, Touch } from "./facts";

/** What conditions are asked of: the facts, who brought the person, and by which arrival. */
export type Scene = {
    facts: Facts;
    model: string;
    touch: Touch | undefined;
    referrer: PersonFacts | undefined;
};

export type FieldType =
    | "money"
    | "integer"
    | "units"
    | "text"
    | "boolean"
    | "date"
    | "texts"
    | "custom";
export type Money = { amount: bigint; currency: Currency };

export type Field = {
    type: FieldType;
    /** Nothing when it is not known of this one. */
    read: (scene: Scene) => unknown;
    /** For fields of an order's lines: one that is met is enough, or all must be. */
    over?: "any" | "all";
    /** Which sum of the order it is, for the shortest way to it. */
    sum?: OrderSum;
};
export type OrderSum = "total" | "subtotal" | "discount" | "shipping" | "tax";

const ordered = ["eq", "neq", "gt", "gte", "lt", "lte", "between", "in", "notIn"] as const;
const known = ["exists", "notExists"] as const;
const written = ["contains", "startsWith", "endsWith"] as const;

/** Which operators fit a type. */
export const operatorsOf: Record<FieldType, readonly Operator[]> = {
    money: [...ordered, ...known],
    integer: [...ordered, ...known],
    units: [...ordered, ...known],
    date: [...ordered, ...known],
    text: ["eq", "neq", "in", "notIn", ...written, ...known],
    texts: ["in", "notIn", ...written, ...known],
    boolean: ["eq", "neq", ...known],
    custom: [...ordered, ...written, ...known],
};

const money = (sum: OrderSum): Field => ({
    type: "money",
    sum,
    read: ({ facts: { purchase } }) =>
        purchase && { amount: purchase[sum], currency: purchase.currency },
});

const purchaseFields: Record<string, Field> = {
    "purchase.total": money("total"),
    "purchase.subtotal": money("subtotal"),
    "purchase.discount": money("discount"),
    "purchase.shipping": money("shipping"),
    "purchase.tax": money("tax"),
    "purchase.currency": { type: "text", read: ({ facts }) => facts.purchase?.currency },
    "purchase.itemCount": {
        type: "integer",
        read: ({ facts }) =>
            facts.purchase?.lines?.reduce((count, { quantity }) => count + quantity, 0),
    },
    "purchase.discountCodes": { type: "texts", read: ({ facts }) => facts.purchase?.discountCodes },
    "purchase.isFirst": { type: "boolean", read: ({ facts }) => facts.purchase?.isFirst },
    "purchase.isTest": { type: "boolean", read: ({ facts }) => facts.purchase?.isTest },
};

const utm = (name: keyof NonNullable<Touch["utm"]>): Field => ({
    type: "text",
    read: ({ touch }) => touch?.utm?.[name],
});
const attributionFields: Record<string, Field> = {
    // Who came by no way that we know of came directly.
    "attribution.source": { type: "text", read: ({ touch }) => touch?.source ?? "direct" },
    "attribution.model": { type: "text", read: ({ model }) => model },
    "attribution.utm.source": utm("source"),
    "attribution.utm.medium": utm("medium"),
    "attribution.utm.campaign": utm("campaign"),
    "attribution.utm.term": utm("term"),
    "attribution.utm.content": utm("content"),
    "attribution.daysSinceTouch": {
        type: "integer",
        read: ({ facts, touch }) =>
            touch &&
            Math.floor((facts.occurredAt.getTime() - touch.occurredAt.getTime()) / days(1)),
    },
};

const personFields = (whose: string, find: (scene: Scene) => PersonFacts | undefined) => ({
    [`${whose}.isNew`]: field("boolean", (scene) => {
        const person = find(scene);
        return person && person.purchases === 0;
    }),
    [`${whose}.purchases`]: field("integer", (scene) => find(scene)?.purchases),
    [`${whose}.spend`]: field("money", (scene) => spendOf(find(scene), scene)),
    [`${whose}.country`]: field("text", (scene) => find(scene)?.country),
    [`${whose}.hasWallet`]: field("boolean", (scene) => find(scene)?.hasWallet),
    [`${whose}.rewards.count`]: field("integer", (scene) => find(scene)?.rewards.count),
    [`${whose}.rewards.amount`]: field("units", (scene) => find(scene)?.rewards.amount),
});

function field(type: FieldType, read: Field["read"]): Field {
    return { type, read };
}

/** Sums of several currencies are not added: a condition compares the one that it names, or the order's. */
function spendOf(person: PersonFacts | undefined, { facts }: Scene): unknown {
    const currency = facts.purchase?.currency;
    if (!person) return undefined;
    return { of: person.spend, currency };
}

/** A person's sums of money by currency; `currency` is the order's. */
export type Spend = { of: ReadonlyMap<Currency, bigint>; currency: Currency | undefined };

export const isSpend = (value: unknown): value is Spend =>
    typeof value === "object" && value !== null && "of" in value;

const timeFields: Record<string, Field> = {
    "time.dayOfWeek": field("integer", ({ facts }) => dayOfWeek(facts.occurredAt, facts.timeZone)),
    "time.hour": field("integer", ({ facts }) => hourOfDay(facts.occurredAt, facts.timeZone)),
    "time.date": field("date", ({ facts }) => dateThere(facts.occurredAt, facts.timeZone)),
};

type LineReader = { type: FieldType; read: (line: Line, currency: Currency) => unknown };
const lineReaders: Record<string, LineReader> = {
    productId: { type: "text", read: ({ productId }) => productId },
    variantId: { type: "text", read: ({ variantId }) => variantId },
    sku: { type: "text", read: ({ sku }) => sku },
    title: { type: "text", read: ({ title }) => title },
    category: { type: "texts", read: ({ categories }) => categories },
    quantity: { type: "integer", read: ({ quantity }) => quantity },
    unitPrice: { type: "money", read: ({ unitPrice: amount }, currency) => ({ amount, currency }) },
    total: { type: "money", read: ({ total: amount }, currency) => ({ amount, currency }) },
};

function itemField(name: string, { type, read }: LineReader, over: "any" | "all") {
    const readAll: Field["read"] = ({ facts: { purchase } }) =>
        purchase?.lines?.map((line) => read(line, purchase.currency));
    return [`purchase.items.${name}`, { type, read: readAll, over }] as const;
}
const itemFields: Record<string, Field> = Object.fromEntries(
    Object.entries(lineReaders).flatMap(([name, reader]) => [
        itemField(name, reader, "any"),
        itemField(`any.${name}`, reader, "any"),
        itemField(`all.${name}`, reader, "all"),
    ])
);

const fields = new Map<string, Field>(
    Object.entries({
        ...purchaseFields,
        ...itemFields,
        ...attributionFields,
        ...personFields("user", ({ facts }) => facts.people.get(facts.actor)),
        ...personFields("referrer", ({ referrer }) => referrer),
        ...timeFields,
    })
);

const customName = /^custom\.[\w-]{1,100}(\.[\w-]{1,100}){0,4}$/;

/** The field of this name, unless there is none. `custom.a.b` is what the event said under `a`, `b`. */
export function findField(name: string): Field | undefined {
    const found = fields.get(name);
    if (found || !customName.test(name)) return found;
    const path = name.split(".").slice(1);
    return { type: "custom", read: ({ facts }) => dig(facts.custom, path) };
}

function dig(value: unknown, path: readonly string[]): unknown {
    return path.reduce<unknown>(
        (inner, name) =>
            typeof inner === "object" && inner !== null && Object.hasOwn(inner, name)
                ? (inner as Record<string, unknown>)[name]
                : undefined,
        value
    );
}

/** The most decimals that a decimal in a condition or an event can have. */
export const decimalScale = 30;

/** A number or a plain decimal as text, in units of 10^-30: compared without a float in sight. */
export function asDecimal(value: unknown): bigint | undefined {
    const text = typeof value === "number" ? String(value) : value;
    if (typeof text !== "string") return undefined;
    const isNegative = text.startsWith("-");
    const digits = isNegative ? text.slice(1) : text;
    if (!isPlainDecimal(digits)) return undefined;
    return isNegative ? -scaled(digits, decimalScale) : scaled(digits, decimalScale);
}

/** A value as people read it, for the trace. */
export function valueText(value: unknown, decimals: number): string | null {
    if (value === undefined || value === null) return null;
    if (typeof value === "bigint") return decimalText(value, decimals);
    if (Array.isArray(value)) {
        return value.map((one) => valueText(one, decimals) ?? "-").join(", ");
    }
    if (isMoney(value)) return moneyText(value);
    return typeof value === "object" ? JSON.stringify(value) : String(value);
}

const isMoney = (value: unknown): value is Money =>
    typeof value === "object" && value !== null && "amount" in value && "currency" in value;
