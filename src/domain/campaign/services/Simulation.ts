import type { GroupId } from "@/utils/ids";
import type { Attribute } from "./attributed";
import { compile, type Evaluator } from "./compile";
import type { Decision, Identity } from "./decision";
import type { Definition } from "./definition";
import type { Facts } from "./facts";
import { StandingBook } from "./StandingBook";
import type { Outcome } from "./trace";

/** `token`, `points`, or `discount:EUR`: what amounts of may be added. */
export type AssetKey = string;
export type SimulationResult = {
    interactions: number;
    outcomes: Partial<Record<Outcome, number>>;
    /** In base units of each asset. */
    cost: Map<AssetKey, bigint>;
    rewards: number;
    /** People who would have got something. */
    winners: number;
    /** How often a limit or a budget kept something from being paid. */
    capHits: Map<string, number>;
};

/**
 * What a definition would pay, for one thing that happened after another: the engine itself, in memory, with
 * budgets and caps that begin untouched and windows of the time that it happened.
 */
export class Simulation {
    private readonly evaluator: Evaluator;
    private readonly book = new StandingBook();
    private readonly winners = new Set<GroupId>();
    private readonly result: Omit<SimulationResult, "winners"> = {
        interactions: 0,
        outcomes: {},
        cost: new Map(),
        rewards: 0,
        capHits: new Map(),
    };

    constructor(
        private readonly definition: Definition,
        private readonly identity: Identity,
        attribute: Attribute
    ) {
        this.evaluator = compile(definition, identity, attribute);
    }

    /** Must be told in the order in which it happened. What is queued waits outside: nobody stands in line here. */
    add(facts: Facts): void {
        const { campaignId } = this.identity;
        const governed = { campaignId, definition: this.definition, facts };
        const standing = this.book.standing(governed, facts.occurredAt);
        const decision = this.evaluator.outline(facts, standing);
        const { outcome } = decision;
        this.result.interactions++;
        this.result.outcomes[outcome] = (this.result.outcomes[outcome] ?? 0) + 1;
        for (const name of decision.held ?? []) this.countHit(name);
        const { queued: _, ...taking } = decision;
        this.book.take(governed, facts.occurredAt, taking);
        this.pay(decision);
    }

    end(): SimulationResult {
        return { ...this.result, winners: this.winners.size };
    }

    private pay({ rewards }: Decision): void {
        const { cost } = this.result;
        this.result.rewards += rewards.length;
        for (const { groupId, kind, currency, amount } of rewards) {
            this.winners.add(groupId);
            const key = currency ? `${kind}:${currency}` : kind;
            cost.set(key, (cost.get(key) ?? 0n) + amount);
        }
    }

    private countHit(name: string): void {
        this.result.capHits.set(name, (this.result.capHits.get(name) ?? 0) + 1);
    }
}
