/** What the server answers, as far as this page reads it. */
export type Shop = { merchantId: string; name: string; domain: string };
export type Campaign = { name: string; definition: Definition };
export type Bank = { status: string; balances: TokenAmount[] };

export type TokenAmount = { amount: string; symbol: string; decimals: number };
export type Money = { amount: string; currency: string; exponent: number };

type Amount =
    | { fixed: { amount: string; currency?: string } }
    | { percent: { of: string; percent: string; max?: string } };
export type RewardRule = { recipient: Role; amount: Amount };
type Asked = { field: string; op: string; value: string };
export type Definition = { conditions?: { all?: Asked[] }; rewards: RewardRule[] };
export type Role = "referrer" | "referee" | "user";

export type Order = {
    deliveryId: string;
    status: "received" | "processed" | "ignored" | "dead";
    reason: string | null;
    receivedAt: string;
    processedAt: string | null;
    purchase: Purchase | null;
    why: Why | null;
};
type Purchase = {
    id: string;
    name: string;
    status: string;
    total: Money | null;
    linkedBy: string | null;
};

export type Reward = {
    id: string;
    purchaseId: string | null;
    role: Role;
    amount: TokenAmount;
    status: RewardStatus;
    reason: string | null;
    settledAt: string | null;
    createdAt: string;
    txHash: string | null;
};
export type RewardStatus =
    | "pending"
    | "available"
    | "waitsForFunds"
    | "settling"
    | "settled"
    | "cancelled"
    | "expired";

export type Condition = {
    field: string;
    op: string;
    expected: string;
    actual: string | null;
    met: boolean;
};
export type Evaluation = {
    outcome: string;
    conditions: Condition[];
    attribution: { windowDays: number; shares: { share: string }[] };
    budgets: { name: string; before: string; taken: string; after: string }[];
    prices: { currency: string; price: string; source: string }[];
    rewards: { role: Role; amount: string }[];
};
export type Why = { evaluations: Evaluation[] };
