import { audienceConditions } from "./audience";
import type { ConditionNode, Definition } from "./definition";

/** Which facts a definition asks for beyond what happened itself: what nobody asks for is not read. */
export type Needs = {
    /** Who the actor and the referrers are to the shop. */
    people: boolean;
    lines: boolean;
    /** How far up the chain of referrers. */
    chainDepth: number;
    /** Whose prices a conversion may need, besides the order's own. */
    currencies: readonly string[];
};

export function needsOf(definition: Definition): Needs {
    const { conditions, audience, rewards, limits } = definition;
    const names = [
        ...fieldsIn(conditions),
        ...fieldsIn(audienceConditions(audience)),
        ...rewards.flatMap(({ amount }) => ("tiered" in amount ? [amount.tiered.field] : [])),
    ];
    return {
        people:
            limits?.firstPurchaseOnly === true ||
            names.some((name) => /^(user|referrer)\.|^purchase\.isFirst$/.test(name)),
        lines:
            names.some((name) => /^purchase\.(items\.|itemCount$)/.test(name)) || ofItems(rewards),
        chainDepth: Math.max(0, ...rewards.map(({ chaining }) => (chaining?.maxDepth ?? 1) - 1)),
        currencies: [...new Set(JSON.stringify(rewards).match(/(?<="currency":")[A-Z]{3}/g) ?? [])],
    };
}

const ofItems = (rewards: Definition["rewards"]): boolean =>
    rewards.some(({ item }) => item) || JSON.stringify(rewards).includes('"of":"items"');

/** All that any of them asks for. */
export const allNeeds = (all: readonly Needs[]): Needs => ({
    people: all.some(({ people }) => people),
    lines: all.some(({ lines }) => lines),
    chainDepth: Math.max(0, ...all.map(({ chainDepth }) => chainDepth)),
    currencies: [...new Set(all.flatMap(({ currencies }) => currencies))],
});

function fieldsIn(node: ConditionNode | undefined): string[] {
    if (!node) return [];
    if ("field" in node) return [node.field];
    return Object.values(node).flat().flatMap(fieldsIn);
}
