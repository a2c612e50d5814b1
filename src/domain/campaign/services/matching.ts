import type { Operator } from "./definition";

/** Whether an actual value stands so to what is expected: one value, the two ends of `between`, or a list. */
export type Matcher<T> = (actual: T, expected: readonly T[]) => boolean;

// Said for big numbers; the language orders numbers and texts by the same words.
type Ordered = readonly bigint[];
const first = 0;
const second = 1;
const compared = {
    eq: (actual: bigint, expected: Ordered) => actual === expected[first],
    neq: (actual: bigint, expected: Ordered) => actual !== expected[first],
    gt: (actual: bigint, expected: Ordered) => actual > (expected[first] as bigint),
    gte: (actual: bigint, expected: Ordered) => actual >= (expected[first] as bigint),
    lt: (actual: bigint, expected: Ordered) => actual < (expected[first] as bigint),
    lte: (actual: bigint, expected: Ordered) => actual <= (expected[first] as bigint),
    between: (actual: bigint, expected: Ordered) =>
        actual >= (expected[first] as bigint) && actual <= (expected[second] as bigint),
};
const listed = {
    in: (actual: unknown, values: readonly unknown[]) => values.includes(actual),
    notIn: (actual: unknown, values: readonly unknown[]) => !values.includes(actual),
};
const written = {
    contains: (actual: string, [part]: readonly string[]) => actual.includes(part as string),
    startsWith: (actual: string, [part]: readonly string[]) => actual.startsWith(part as string),
    endsWith: (actual: string, [part]: readonly string[]) => actual.endsWith(part as string),
};

/** One function an operator. */
export const isMet = {
    ...compared,
    ...listed,
    ...written,
    exists: () => true,
    notExists: () => false,
} as unknown as Record<Operator, Matcher<never>>;
