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
const PercentOrNone = Type.String({
    pattern: "^(\\d{1,2}(\\.\\d{1,6})?|100(\\.0{1,6})?)$",
    description: "0 to 100, as text",
});
const Currency = Type.String({ pattern: "^[A-Z]{3}$", description: "an ISO 4217 code" });

export const triggers = [
    "purchase",
    "referral",
    "share",
    "signup",
    "walletConnected",
    "custom",
] as const;
export type Trigger = (typeof triggers)[number];

export const operators = [
    "eq",
    "neq",
    "gt",
    "gte",
    "lt",
    "lte",
    "between",
    "in",
    "notIn",
    "contains",
    "startsWith",
    "endsWith",
    "exists",
    "notExists",
] as const;
export type Operator = (typeof operators)[number];

/** A fact, compared. What the value may be depends on the field: see `fields.ts`, which refuses the rest. */
const Condition = Type.Object(
    {
        field: Type.String({ minLength: 1, maxLength: 200 }),
        op: oneOf(...operators),
        value: Type.Optional(Type.Unknown()),
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

const Sum = Type.Object({ amount: Decimal, currency: Type.Optional(Currency) }, strict);
const Fixed = Type.Object({ fixed: Sum }, strict);
const bounds = { min: Type.Optional(Decimal), max: Type.Optional(Decimal) };
const Part = Type.Object(
    { of: oneOf("total", "subtotal", "items"), percent: Percent, ...bounds },
    strict
);
const PercentOf = Type.Object({ percent: Part }, strict);

/** Reaches from `from` up to, and not including, `to`. */
const reach = { from: Decimal, to: Type.Optional(Decimal) };
const Tier = Type.Union([
    Type.Object({ ...reach, fixed: Type.Union([Decimal, Sum]) }, strict),
    Type.Object({ ...reach, percent: Type.Union([Percent, Part]) }, strict),
]);
const Tiered = Type.Object(
    {
        tiered: Type.Object(
            {
                field: Type.String({ minLength: 1, maxLength: 200 }),
                tiers: Type.Array(Tier, { minItems: 1, maxItems: 50 }),
            },
            strict
        ),
    },
    strict
);
const Range = Type.Object(
    {
        range: Type.Object(
            { base: Type.Union([Decimal, Sum]), minFactor: Decimal, maxFactor: Decimal },
            strict
        ),
    },
    strict
);

const Names = Type.Array(Type.String({ minLength: 1, maxLength: 200 }), {
    minItems: 1,
    maxItems: 100,
});
const ItemFilter = Type.Object(
    {
        productIds: Type.Optional(Names),
        categories: Type.Optional(Names),
        skus: Type.Optional(Names),
    },
    { ...strict, minProperties: 1 }
);

export const assetKinds = ["token", "points", "discount"] as const;
export type AssetKind = (typeof assetKinds)[number];
const AssetKind = oneOf(...assetKinds);

const RewardRule = Type.Object(
    {
        recipient: oneOf("referrer", "referee", "user"),
        asset: AssetKind,
        amount: Type.Union([Fixed, PercentOf, Tiered, Range]),
        chaining: Type.Optional(
            Type.Object(
                {
                    selfPercent: PercentOrNone,
                    decayPercent: PercentOrNone,
                    maxDepth: Type.Integer({ minimum: 1, maximum: 10 }),
                },
                strict
            )
        ),
        item: Type.Optional(ItemFilter),
    },
    strict
);

const Cap = {
    count: Type.Optional(Type.Integer({ minimum: 1, maximum: 1_000_000_000 })),
    amount: Type.Optional(Decimal),
    asset: Type.Optional(AssetKind),
};
const Limit = Type.Object(Cap, { ...strict, minProperties: 1 });
const Limits = Type.Object(
    {
        perUser: Type.Optional(Limit),
        perReferrer: Type.Optional(Limit),
        perUserPeriod: Type.Optional(
            Type.Object({ ...Cap, window: oneOf("hour", "day", "week", "month") }, strict)
        ),
        firstPurchaseOnly: Type.Optional(Type.Boolean()),
    },
    strict
);

const Budget = Type.Object(
    {
        name: Type.String({ pattern: "^[\\w -]{1,50}$" }),
        window: oneOf("total", "hour", "day", "week", "month"),
        amount: Decimal,
        onExhausted: oneOf("skip", "queue"),
        asset: Type.Optional(AssetKind),
        currency: Type.Optional(Currency),
    },
    strict
);

const Attribution = Type.Object(
    {
        model: oneOf("lastReferral", "first", "last", "linear", "timeDecay", "positionBased"),
        windowDays: Type.Integer({ minimum: 1, maximum: 365 }),
        halfLifeDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 365 })),
        codeBeatsLink: Type.Optional(Type.Boolean()),
    },
    strict
);

/**
 * What a merchant says a campaign is: whom it rewards for what, with how much, as long as which budget lasts.
 * Amounts, caps and budgets without a currency are in units of the reward asset.
 */
export const Definition = Type.Object(
    {
        trigger: oneOf(...triggers),
        conditions: Type.Optional(Conditions),
        rewards: Type.Array(RewardRule, { minItems: 1, maxItems: 20 }),
        limits: Type.Optional(Limits),
        budget: Type.Optional(Type.Array(Budget, { minItems: 1, maxItems: 10 })),
        lockupSeconds: Type.Optional(Type.Integer({ minimum: 0, maximum: 150 * 86_400 })),
        expireAfterDays: Type.Optional(Type.Integer({ minimum: 1, maximum: 3_650 })),
        holdoutPercent: Type.Optional(PercentOrNone),
        attribution: Type.Optional(Attribution),
        audience: Type.Optional(
            Type.Union([oneOf("everyone", "newCustomers", "returningCustomers"), Conditions])
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
export type Sum = Static<typeof Sum>;
export type Part = Static<typeof Part>;
export type Tier = Static<typeof Tier>;
export type ItemFilter = Static<typeof ItemFilter>;
export type RewardRule = Static<typeof RewardRule>;
export type Amount = RewardRule["amount"];
export type Budget = Static<typeof Budget>;
export type Limits = Static<typeof Limits>;
export type AttributionRule = Static<typeof Attribution>;
export type Definition = Omit<Static<typeof Definition>, "conditions" | "audience"> & {
    conditions?: ConditionNode;
    audience?: "everyone" | "newCustomers" | "returningCustomers" | ConditionNode;
};
