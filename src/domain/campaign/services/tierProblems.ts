import { scaled } from "@/utils/decimal";
import type { FieldProblem } from "@/utils/errors";
import type { Tier } from "./definition";
import { decimalScale, type FieldType, findField } from "./fields";

const measurable = new Set<FieldType>(["money", "integer", "units", "custom"]);

/** What is wrong with tiers as such: what they are of, and how they lie beside one another. */
export function tierProblems(
    { field, tiers }: { field: string; tiers: readonly Tier[] },
    path: string
): FieldProblem[] {
    return [
        ...measureProblems(field, `${path}.field`),
        ...tiers.flatMap((tier, index) => [
            ...emptyProblems(tier, `${path}.tiers.${index}`),
            ...overlapProblems(tiers, index, path),
        ]),
    ];
}

function measureProblems(name: string, path: string): FieldProblem[] {
    const field = findField(name);
    if (!field) return [{ path, message: "There is no such field" }];
    const isMeasurable = measurable.has(field.type) && !field.over;
    return isMeasurable ? [] : [{ path, message: "Not a field that measures anything" }];
}

function emptyProblems({ from, to }: Tier, path: string): FieldProblem[] {
    const isEmpty = to !== undefined && units(to) <= units(from);
    return isEmpty ? [{ path: `${path}.to`, message: "Must be more than from" }] : [];
}

function overlapProblems(tiers: readonly Tier[], index: number, path: string): FieldProblem[] {
    const tier = tiers[index] as Tier;
    const other = tiers.findIndex((one, place) => place < index && doOverlap(one, tier));
    if (other < 0) return [];
    return [{ path: `${path}.tiers.${index}.from`, message: `Overlaps tier ${other}` }];
}

const doOverlap = (a: Tier, b: Tier): boolean => beginsBeforeEnd(a, b) && beginsBeforeEnd(b, a);
const beginsBeforeEnd = ({ from }: Tier, { to }: Tier): boolean =>
    to === undefined || units(from) < units(to);

const units = (decimal: string): bigint => scaled(decimal, decimalScale);
