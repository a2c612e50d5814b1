import { type Static, t } from "elysia";
import type { CampaignView } from "@/domain/campaign";
import type { SimulationAnswer, SimulationRequest } from "@/orchestration";
import type { MerchantId } from "@/utils/ids";
import { asCurrency } from "@/utils/money";
import { TokenAmountShape } from "../schemas";
import { amountIn } from "../views";

const Decimal = t.String({ pattern: "^\\d{1,30}(\\.\\d{1,30})?$", examples: ["49.90"] });
const Who = t.Optional(t.String({ minLength: 1, maxLength: 100, examples: ["Cleo"] }));
const Words = t.Optional(t.Array(t.String({ maxLength: 200 }), { maxItems: 50 }));
const Item = t.Object({
    productId: Who,
    sku: Who,
    categories: Words,
    quantity: t.Integer({ minimum: 1, maximum: 1_000_000 }),
    total: Decimal,
});
const Order = t.Object({
    currency: t.String({ pattern: "^[A-Z]{3}$", examples: ["EUR"] }),
    total: Decimal,
    subtotal: t.Optional(Decimal),
    discount: t.Optional(Decimal),
    shipping: t.Optional(Decimal),
    tax: t.Optional(Decimal),
    discountCodes: Words,
    isTest: t.Optional(t.Boolean()),
    items: t.Optional(t.Array(Item, { maxItems: 200 })),
    customer: Who,
    referrer: Who,
    occurredAt: t.Optional(t.String({ format: "date-time" })),
});
const over = {
    orders: t.Optional(
        t.Array(Order, { minItems: 1, maxItems: 1_000, description: "In the order in time" })
    ),
    days: t.Optional(
        t.Integer({
            minimum: 1,
            maximum: 365,
            description: "Without orders: what happened since then; 30 if not said",
        })
    ),
};
export const SimulationOfDraft = t.Object({ definition: t.Unknown(), ...over });
export const SimulationOfChange = t.Object({ definition: t.Optional(t.Unknown()), ...over });

export const SimulationShape = t.Object({
    interactions: t.Integer(),
    outcomes: t.Record(t.String(), t.Integer()),
    rewards: t.Integer(),
    winners: t.Integer({ description: "People who would have got something" }),
    cost: t.Array(TokenAmountShape),
    capHits: t.Array(t.Object({ name: t.String(), count: t.Integer() })),
    difference: t.Array(
        t.Object({ simulated: TokenAmountShape, actual: TokenAmountShape, difference: t.String() }),
        { description: "From what was really owed in that time; nothing for given orders" }
    ),
});

const defaultDays = 30;

export const requestOf = (
    merchantId: MerchantId,
    campaign: CampaignView | undefined,
    { definition, orders, days = defaultDays }: Static<typeof SimulationOfChange>
): SimulationRequest => {
    for (const { currency } of orders ?? []) asCurrency(currency);
    return { merchantId, campaign, definition, orders, days };
};

export function asSimulation({ asset, simulated, actual }: SimulationAnswer) {
    const amount = (key: string) => {
        const [kind, currency] = key.split(":") as ["token" | "points" | "discount", string?];
        return amountIn(kind, currency, asset);
    };
    const { cost, capHits, ...counts } = simulated;
    const was = new Map(
        (actual ?? []).map(({ asset: kind, currency, amount: sum }) => [
            currency ? `${kind}:${currency}` : kind,
            sum,
        ])
    );
    const keys = actual ? [...new Set([...cost.keys(), ...was.keys()])] : [];
    return {
        ...counts,
        outcomes: counts.outcomes as Record<string, number>,
        cost: [...cost].map(([key, sum]) => amount(key)(sum)),
        capHits: [...capHits].map(([name, count]) => ({ name, count })),
        difference: keys.map((key) => {
            const [then, now] = [was.get(key) ?? 0n, cost.get(key) ?? 0n];
            return {
                simulated: amount(key)(now),
                actual: amount(key)(then),
                difference: (now - then).toString(),
            };
        }),
    };
}
