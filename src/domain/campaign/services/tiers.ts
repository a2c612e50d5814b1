import { scaled } from "@/utils/decimal";
import { exponentOf } from "@/utils/money";
import { asDecimal, decimalScale, findField, isSpend, type Money, type Scene } from "./fields";

type Reach = { from: string; to?: string };

/** Finds the tier that a scene falls into, if any: from its lower end up to, and not including, its upper. */
export function compileTiers<Tier extends Reach>(
    fieldName: string,
    tiers: readonly Tier[]
): (scene: Scene) => Tier | undefined {
    const measure = measureOf(fieldName);
    const reaches = tiers.map((tier) => ({
        tier,
        from: scaled(tier.from, decimalScale),
        to: tier.to === undefined ? undefined : scaled(tier.to, decimalScale),
    }));
    return (scene) => {
        const size = measure(scene);
        if (size === undefined) return undefined;
        return reaches.find(({ from, to }) => from <= size && (to === undefined || size < to))
            ?.tier;
    };
}

/** What a field measures, in units of 10^-30: euros, tokens, pieces. */
function measureOf(name: string): (scene: Scene) => bigint | undefined {
    const field = findField(name);
    if (!field) throw new Error(`A saved definition has tiers of ${name}`);
    const { read, type } = field;
    return (scene) => {
        const value = read(scene);
        if (value === undefined || value === null) return undefined;
        if (type === "money") return measureMoney(value);
        if (type === "units") return raised(value as bigint, scene.facts.asset.decimals);
        return asDecimal(value);
    };
}

function measureMoney(value: unknown): bigint | undefined {
    if (!isSpend(value)) {
        const { amount, currency } = value as Money;
        return raised(amount, exponentOf(currency));
    }
    const { of, currency } = value;
    return currency && raised(of.get(currency) ?? 0n, exponentOf(currency));
}

const raised = (units: bigint, decimals: number): bigint =>
    units * 10n ** BigInt(decimalScale - decimals);
