import { decimalPlaces, scaled } from "@/utils/decimal";
import type { FieldProblem } from "@/utils/errors";
import { type Asset, type Currency, isCurrency } from "@/utils/money";
import { assertShape, invalidRequest } from "@/utils/schema";
import { decimalsOf, sumOf } from "./amounts";
import { conditionProblems } from "./conditionProblems";
import {
    type Amount,
    type AssetKind,
    type Budget,
    Definition,
    type Part,
    type RewardRule,
    type Sum,
} from "./definition";
import { decimalScale } from "./fields";
import { defaultKind } from "./limiting";
import { tierProblems } from "./tierProblems";

/** Refuses what could never be evaluated as it was meant, naming each faulty field. */
export function assertDefinition(value: unknown, asset: Asset): asserts value is Definition {
    assertShape(Definition, value, "definition");
    const definition = value as Definition;
    const problems = [
        ...conditionProblems(definition.conditions, "definition.conditions"),
        ...audienceProblems(definition),
        ...definition.rewards.flatMap((rule, index) =>
            ruleProblems(rule, { definition, asset, path: `definition.rewards.${index}` })
        ),
        ...limitProblems(definition, asset),
        ...budgetProblems(definition, asset),
    ];
    if (problems.length > 0) throw invalidRequest(problems);
}

const audienceProblems = ({ audience }: Definition): FieldProblem[] =>
    typeof audience === "object" ? conditionProblems(audience, "definition.audience") : [];

type Place = { definition: Definition; asset: Asset; path: string };

function ruleProblems(rule: RewardRule, place: Place): FieldProblem[] {
    const { path, definition } = place;
    const { chaining, recipient, amount, asset: kind } = rule;
    const isOfPurchase = definition.trigger === "purchase";
    return [
        ...amountProblems(amount, { ...place, kind, path: `${path}.amount` }),
        ...(chaining && recipient !== "referrer"
            ? [{ path: `${path}.chaining`, message: "Only a referrer has a chain above" }]
            : []),
        ...(rule.item && !isOfPurchase ? [{ path: `${path}.item`, message: onlyPurchases }] : []),
        ...(!isOfPurchase && isOfOrder(amount, kind)
            ? [{ path: `${path}.amount`, message: onlyPurchases }]
            : []),
    ];
}

const onlyPurchases = "Only a purchase has an order to take it from";

function isOfOrder(amount: Amount, kind: AssetKind): boolean {
    if ("percent" in amount) return true;
    if ("tiered" in amount) return amount.tiered.tiers.some((tier) => "percent" in tier);
    const sum = "fixed" in amount ? amount.fixed : sumOf(amount.range.base);
    return kind === "discount" && sum.currency === undefined;
}

type AmountPlace = Place & { kind: AssetKind };

function amountProblems(amount: Amount, place: AmountPlace): FieldProblem[] {
    const { path } = place;
    if ("fixed" in amount) return sumProblems(amount.fixed, { ...place, path: `${path}.fixed` });
    if ("percent" in amount) {
        return boundProblems(amount.percent, { ...place, path: `${path}.percent` });
    }
    if ("range" in amount) return rangeProblems(amount.range, { ...place, path: `${path}.range` });
    const { tiered } = amount;
    return [
        ...tierProblems(tiered, `${path}.tiered`),
        ...tiered.tiers.flatMap((tier, index) => {
            const at = `${path}.tiered.tiers.${index}`;
            if ("fixed" in tier)
                return textOrSumProblems(tier.fixed, { ...place, path: `${at}.fixed` });
            return typeof tier.percent === "string"
                ? []
                : boundProblems(tier.percent, { ...place, path: `${at}.percent` });
        }),
    ];
}

type RangeAmount = Extract<Amount, { range: unknown }>["range"];

function rangeProblems({ base, minFactor, maxFactor }: RangeAmount, place: AmountPlace) {
    const problems = textOrSumProblems(base, { ...place, path: `${place.path}.base` });
    const [least, most] = [scaled(minFactor, decimalScale), scaled(maxFactor, decimalScale)];
    if (most === 0n) problems.push(notPositive(`${place.path}.maxFactor`));
    if (least > most) problems.push({ path: `${place.path}.minFactor`, message: "More than max" });
    return problems;
}

/** Faults of a sum that is only text stand at the sum itself. */
function textOrSumProblems(sum: string | Sum, place: AmountPlace): FieldProblem[] {
    if (typeof sum !== "string") return sumProblems(sum, place);
    return positiveProblems(sum, { ...place, currency: undefined });
}

function sumProblems({ amount, currency }: Sum, place: AmountPlace): FieldProblem[] {
    const { path, kind } = place;
    const at = `${path}.amount`;
    if (!currency) return positiveProblems(amount, { ...place, path: at, currency });
    if (kind === "points") {
        return [{ path: `${path}.currency`, message: "Points have no price" }];
    }
    const positive = scaled(amount, decimalScale) > 0n ? [] : [notPositive(at)];
    return [...unknownCurrency(currency, `${path}.currency`), ...positive];
}

const unknownCurrency = (code: string | undefined, path: string): FieldProblem[] =>
    code === undefined || isCurrency(code) ? [] : [{ path, message: "Not a currency of ISO 4217" }];

function boundProblems({ min, max }: Part, place: AmountPlace): FieldProblem[] {
    const problems = Object.entries({ min, max }).flatMap(([name, bound]) =>
        bound === undefined
            ? []
            : precisionProblems(bound, {
                  ...place,
                  path: `${place.path}.${name}`,
                  currency: undefined,
              })
    );
    const isReversed =
        min !== undefined &&
        max !== undefined &&
        scaled(min, decimalScale) > scaled(max, decimalScale);
    return isReversed
        ? [...problems, { path: `${place.path}.min`, message: "More than max" }]
        : problems;
}

type Unit = Pick<AmountPlace, "asset" | "kind" | "path"> & { currency: string | undefined };

function positiveProblems(amount: string, unit: Unit): FieldProblem[] {
    const problems = precisionProblems(amount, unit);
    const isPositive = scaled(amount, unitDecimals(unit)) > 0n;
    return isPositive ? problems : [...problems, notPositive(unit.path)];
}

/** Zeros at the end say nothing: "5.00" is as good as "5" where there are no decimals. */
function precisionProblems(amount: string, unit: Unit): FieldProblem[] {
    const decimals = unitDecimals(unit);
    const places = amount.includes(".") ? decimalPlaces(amount.replace(/\.?0+$/, "")) : 0;
    if (places <= decimals) return [];
    const name = unit.kind === "token" ? unit.asset.symbol : unit.kind;
    return [{ path: unit.path, message: `${name} has ${decimals} decimals` }];
}

const unitDecimals = ({ kind, asset, currency }: Unit): number =>
    decimalsOf(kind, asset.decimals, isKnown(currency) ? currency : undefined);
const isKnown = (currency: string | undefined): currency is Currency =>
    currency !== undefined && isCurrency(currency);

function limitProblems(definition: Definition, asset: Asset): FieldProblem[] {
    const { perUser, perReferrer, perUserPeriod } = definition.limits ?? {};
    return Object.entries({ perUser, perReferrer, perUserPeriod }).flatMap(([name, limit]) => {
        if (!limit) return [];
        const path = `definition.limits.${name}`;
        const { amount, count } = limit;
        if (amount === undefined) {
            return count === undefined ? [{ path, message: "Needs a count or an amount" }] : [];
        }
        const kind = limit.asset ?? defaultKind(definition);
        return positiveProblems(amount, {
            kind,
            asset,
            path: `${path}.amount`,
            currency: undefined,
        });
    });
}

function budgetProblems(definition: Definition, asset: Asset): FieldProblem[] {
    const { budget = [] } = definition;
    return budget.flatMap((one, index) => {
        const path = `definition.budget.${index}`;
        const isTwice = budget.findIndex(({ name }) => name === one.name) < index;
        return [
            ...(isTwice ? [{ path: `${path}.name`, message: "Another budget has this name" }] : []),
            ...budgetUnitProblems(one, definition, { asset, path }),
        ];
    });
}

function budgetUnitProblems(
    { amount, currency, ...budget }: Budget,
    definition: Definition,
    { asset, path }: { asset: Asset; path: string }
): FieldProblem[] {
    const kind = budget.asset ?? defaultKind(definition);
    const isMissing = kind === "discount" && !currency;
    const isNeedless = kind !== "discount" && currency;
    return [
        ...(isMissing ? [{ path: `${path}.currency`, message: "Discounts are money" }] : []),
        ...(isNeedless ? [{ path: `${path}.currency`, message: "Only of discounts" }] : []),
        ...unknownCurrency(currency, `${path}.currency`),
        ...positiveProblems(amount, { kind, asset, path: `${path}.amount`, currency }),
    ];
}

const notPositive = (path: string): FieldProblem => ({ path, message: "Must be more than 0" });
