import fc from "fast-check";
import { expect, test } from "vitest";
import { bumpedFees } from "@/infrastructure/blockchain/bumpedFees";
import { nodeAnswerOf } from "@/infrastructure/blockchain/nodeAnswerOf";

const fee = fc.bigInt({ min: 0n, max: 10n ** 15n });
const fees = fc.record({ maxFeePerGas: fee, maxPriorityFeePerGas: fee });

test("a replacement bids at least 12.5 % more, and what the market asks", () => {
    fc.assert(
        fc.property(fees, fees, (old, market) => {
            const next = bumpedFees(old, market);
            for (const name of ["maxFeePerGas", "maxPriorityFeePerGas"] as const) {
                expect(next[name] * 8n).toBeGreaterThan(old[name] * 9n - 8n);
                expect(next[name]).toBeGreaterThan(old[name]);
                expect(next[name]).toBeGreaterThanOrEqual(market[name]);
            }
            expect(next.maxFeePerGas).toBeGreaterThanOrEqual(next.maxPriorityFeePerGas);
        })
    );
});

test.each([
    ["already known", "alreadyKnown"],
    ["transaction already imported", "alreadyKnown"],
    ["nonce too low", "nonceTooLow"],
    ["nonce too low: next nonce 8, tx nonce 7", "nonceTooLow"],
    ["replacement transaction underpriced", "underpriced"],
    ["max fee per gas less than block base fee", "underpriced"],
    ["insufficient funds for gas * price + value", "noFunds"],
    ["the moon is in the wrong house", "refused"],
])("a node that says '%s' means %s", (text, answer) => {
    expect(nodeAnswerOf(new Error(text))).toBe(answer);
});
