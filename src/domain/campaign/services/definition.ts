import { type Static, Type } from "@sinclair/typebox";
import { oneOf } from "@/utils/schema";

const strict = { additionalProperties: false };
const Decimal = Type.String({
    pattern: "^\\d{1,30}(\\.\\d{1,30})?$",
    description: "a plain decimal as text",
});
const Percent = Type.String({
    pattern: "^(?!0+(\\.0+)?$)(\\d{1,2}(\\.\\d{1,6})?|100(\\.0{1,6})?)$",
    description: "more than 0 and at most 100, as text",
});
const Currency = Type.String({ pattern: "^[A-Z]{3}$", description: "an ISO 4217 code" });

/** A fact, compared. Money is a decimal as text, in the order's own currency unless it names one. */
const Condition = Type.Object(
    {
        field: oneOf("purchase.total"),
        op: oneOf("eq", "neq", "gt", "gte", "lt", "lte"),
        value: Decimal,
        currency: Type.Optional(Currency),
    },
    strict
);

const Conditions = Type.Recursive((node) => {
    const nodes = Type.Array(Type.Union([Condition, node]), { minItems: 1, maxItems: 50 });
    return Type.Union([
        Type.Object({ all: nodes }, strict),
        Type.Object({ any: nodes }, strict),
        Type.Object({ none: nodes }, strict),
    ]);
});

const Fixed = Type.Object(
    { fixed: Type.Object({ amount: Decimal, currency: Type.Optional(Currency) }, strict) },
    strict
);

const PercentOf = Type.Object(
    {
        percent: Type.Object(
            {
                of: oneOf("total", "subtotal"),
                percent: Percent,
                min: Type.Optional(Decimal),
                max: Type.Optional(Decimal),
            },
            strict
        ),
    },
    strict
);

const RewardRule = Type.Object(
    {
        recipient: oneOf("referrer", "referee", "user"),
        asset: oneOf("token"),
        amount: Type.Union([Fixed, PercentOf]),
    },
    strict
);

const Budget = Type.Object(
    {
        name: Type.String({ pattern: "^[\\w -]{1,50}$" }),
        window: oneOf("total"),
        amount: Decimal,
        onExhausted: oneOf("skip"),
    },
    strict
);

/**
 * What a merchant says a campaign is: whom it rewards for what, with how much, as long as which budget lasts.
 * Amounts, caps and budgets without a currency are in units of the reward asset.
 */
export const Definition = Type.Object(
    {
        trigger: oneOf("purchase"),
        conditions: Type.Optional(Conditions),
        rewards: Type.Array(RewardRule, { minItems: 1, maxItems: 20 }),
        budget: Type.Optional(Type.Array(Budget, { minItems: 1, maxItems: 1 })),
        lockupSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 150 * 86_400 })),
        expireAfterDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650 })),
        attribution: Type.Optional(
            Type.Object(
                {
                    model: oneOf("lastReferral"),
                    windowDays: Type.Integer({ minimum: 1, maximum: 365 }),
                },
                strict
            )
        ),
    },
    strict
);

export type Condition = Static<typeof Condition>;
export type ConditionNode =
    | Condition
    | { all: ConditionNode[] }
    | { any: ConditionNode[] }
    | { none: ConditionNode[] };
export type RewardRule = Static<typeof RewardRule>;
export type Definition = Omit<Static<typeof Definition>, "conditions"> & {
    conditions?: ConditionNode;
};
