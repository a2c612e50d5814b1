import { sharesOf } from "@/domain/attribution/services/models";
import { compile } from "@/domain/campaign/services/compile";
import { compileConditions } from "@/domain/campaign/services/conditions";
import type { ConditionNode, Definition } from "@/domain/campaign/services/definition";
import { type Facts, noStanding } from "@/domain/campaign/services/facts";
import type { Scene } from "@/domain/campaign/services/fields";
import { Simulation } from "@/domain/campaign/services/Simulation";
import type { ConditionTrace } from "@/domain/campaign/services/trace";
import type { CampaignId, GroupId, InteractionId, TouchpointId } from "@/utils/ids";
import { asCurrency } from "@/utils/money";
import { hours, later } from "@/utils/time";
import { summary } from "../lib/load";
import type { Row } from "../lib/report";

const euro = asCurrency("EUR");
const start = new Date("2026-11-21T12:00:00.000Z");
const condition = (field: string, op: string, value: unknown) => ({ field, op, value });
const five = [
    condition("purchase.total", "gte", "20.00"),
    condition("purchase.subtotal", "gt", "10.00"),
    condition("purchase.shipping", "lte", "9.90"),
    condition("purchase.currency", "eq", "EUR"),
    condition("attribution.source", "in", ["referral", "code"]),
];
const ten = [
    ...five,
    condition("time.dayOfWeek", "lte", 7),
    condition("time.hour", "between", [0, 23]),
    condition("purchase.discount", "lt", "50.00"),
    condition("attribution.daysSinceTouch", "lte", 30),
    condition("purchase.isTest", "eq", false),
];
const definition = {
    trigger: "purchase",
    conditions: { all: ten },
    rewards: [
        {
            recipient: "referrer",
            asset: "token",
            amount: { percent: { of: "subtotal", percent: "5", max: "20.00" } },
        },
        { recipient: "referee", asset: "token", amount: { fixed: { amount: "2.00" } } },
    ],
    limits: { perReferrer: { count: 10_000 } },
    budget: [{ name: "purse", window: "month", amount: "100000.00", onExhausted: "skip" }],
} as unknown as Definition;
const identity = { campaignId: "bench" as CampaignId, version: "1" };

function orderOf(index: number): Facts {
    const total = BigInt(1_000 + ((index * 7_919) % 20_000));
    const occurredAt = later(start, index * 1_000);
    return {
        interactionId: `order-${index}` as InteractionId,
        trigger: "purchase",
        actor: `buyer-${index % 300_000}` as GroupId,
        occurredAt,
        timeZone: "Europe/Paris",
        asset: { address: `0x${"a1".repeat(20)}`, symbol: "TEA", decimals: 6 },
        purchase: {
            total,
            subtotal: total,
            discount: 0n,
            shipping: 490n,
            tax: 0n,
            currency: euro,
            isTest: false,
            isConfirmed: true,
        },
        touches: [
            {
                touchpointId: "touch" as TouchpointId,
                source: "referral",
                referrerGroupId: `sharer-${index % 5_000}` as GroupId,
                occurredAt: later(occurredAt, -hours(30)),
            },
        ],
        chains: new Map(),
        people: new Map(),
        prices: new Map([[euro, { price: "0.92", source: "bench", at: "" }]]),
    };
}

/** The engine alone: one core, no database. */
export function engine(seconds: number): Row[] {
    const facts = Array.from({ length: 1_024 }, (_, index) => orderOf(index));
    const scenes = facts.map(
        (one): Scene => ({ facts: one, model: "last", touch: one.touches[0], referrer: undefined })
    );
    const meets = compileConditions({ all: five } as ConditionNode);
    const { decide, outline } = compile(definition, identity, sharesOf);
    return [
        row(
            "5 flat conditions",
            "≥ 10 M/s",
            rate(seconds, (place) => meets(scenes[place] as Scene))
        ),
        row(
            "5 flat conditions, with their trace",
            "≥ 1 M/s",
            rate(seconds, (place) => {
                const trace: ConditionTrace[] = [];
                return meets(scenes[place] as Scene, trace) && trace.length > 0;
            })
        ),
        row(
            "whole decision, 10 conditions, 2 rewards",
            undefined,
            rate(seconds, (place) => outline(facts[place] as Facts, noStanding))
        ),
        row(
            "whole decision with its whole trace",
            undefined,
            rate(seconds, (place) => decide(facts[place] as Facts, noStanding))
        ),
        simulated(),
    ];
}

const orders = 1_000_000;

function simulated(): Row {
    const before = process.memoryUsage().rss;
    const startedAt = performance.now();
    const simulation = new Simulation(definition, identity, sharesOf);
    for (let index = 0; index < orders; index++) simulation.add(orderOf(index));
    const { winners } = simulation.end();
    const elapsed = (performance.now() - startedAt) / 1_000;
    const mebibytes = Math.round((process.memoryUsage().rss - before) / 2 ** 20);
    const name = `simulation of 1 M orders: ${elapsed.toFixed(1)} s, ${mebibytes} MiB, ${winners} winners`;
    return row(name, "< 15 s", orders / elapsed);
}

/** How often in a second, after it was warm. */
function rate(seconds: number, once: (place: number) => unknown): number {
    const batch = 100_000;
    let [count, elapsed] = [0, 0];
    for (let index = 0; index < batch * 3; index++) once(index & 1_023);
    while (elapsed < seconds * 1_000) {
        const startedAt = performance.now();
        for (let index = 0; index < batch; index++) once(index & 1_023);
        elapsed += performance.now() - startedAt;
        count += batch;
    }
    return (count / elapsed) * 1_000;
}

const row = (name: string, goal: string | undefined, perSecond: number): Row => ({
    name,
    measured: { ...summary([], 1, 0), perSecond },
    ...(goal ? { goal } : {}),
});
