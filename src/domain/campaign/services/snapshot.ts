import type { GroupId } from "@/utils/ids";
import type { Facts, Line, PersonFacts, PurchaseFacts, Touch } from "./facts";

/**
 * Facts as JSON, kept with what was decided by them. Big numbers are text, times are ISO 8601; lists that say
 * nothing are left out.
 */
export type Snapshot = ReturnType<typeof snapshotOf>;

export function snapshotOf({
    occurredAt,
    purchase,
    touches,
    chains,
    people,
    prices,
    ...plain
}: Facts) {
    return {
        ...plain,
        occurredAt: occurredAt.toISOString(),
        ...(purchase && { purchase: purchaseText(purchase) }),
        ...(touches.length > 0 && { touches: touches.map(touchText) }),
        ...(chains.size > 0 && { chains: Object.fromEntries(chains) }),
        ...(people.size > 0 && {
            people: [...people].map(([id, one]) => [id, personText(one)] as const),
        }),
        ...(prices.size > 0 && { prices: [...prices] }),
    };
}

const touchText = ({ occurredAt, ...touch }: Touch) => ({
    ...touch,
    occurredAt: occurredAt.toISOString(),
});

function purchaseText({
    total,
    subtotal,
    discount,
    shipping,
    tax,
    lines,
    ...purchase
}: PurchaseFacts) {
    return {
        ...purchase,
        total: `${total}`,
        subtotal: `${subtotal}`,
        discount: `${discount}`,
        shipping: `${shipping}`,
        tax: `${tax}`,
        ...(lines && { lines: lines.map(lineText) }),
    };
}

const lineText = ({ unitPrice, total, ...line }: Line) => ({
    ...line,
    unitPrice: `${unitPrice}`,
    total: `${total}`,
});

function personText({ spend, rewards, ...person }: PersonFacts) {
    const sums = [...spend].map(([currency, amount]) => [currency, `${amount}`] as const);
    return { ...person, spend: sums, rewards: { ...rewards, amount: `${rewards.amount}` } };
}

/** The inverse of `snapshotOf`. */
export function factsOf({
    occurredAt,
    purchase,
    touches,
    chains,
    people,
    prices,
    ...plain
}: Snapshot): Facts {
    return {
        ...plain,
        occurredAt: new Date(occurredAt),
        purchase: purchase && purchaseFrom(purchase),
        touches: (touches || []).map((touch) => ({
            ...touch,
            occurredAt: new Date(touch.occurredAt),
        })),
        chains: new Map(Object.entries(chains || {}) as [GroupId, GroupId[]][]),
        people: new Map((people || []).map(([id, person]) => [id, personFrom(person)])),
        prices: new Map(prices || []),
    };
}

function purchaseFrom(purchase: ReturnType<typeof purchaseText>): PurchaseFacts {
    const { total, subtotal, discount, shipping, tax, lines, ...plain } = purchase;
    return {
        ...plain,
        total: BigInt(total),
        subtotal: BigInt(subtotal),
        discount: BigInt(discount),
        shipping: BigInt(shipping),
        tax: BigInt(tax),
        lines: lines?.map((line) => ({
            ...line,
            unitPrice: BigInt(line.unitPrice),
            total: BigInt(line.total),
        })),
    };
}

function personFrom({ spend, rewards, ...person }: ReturnType<typeof personText>): PersonFacts {
    return {
        ...person,
        spend: new Map(spend.map(([currency, amount]) => [currency, BigInt(amount)])),
        rewards: { ...rewards, amount: BigInt(rewards.amount) },
    };
}
