import { BaseError } from "viem";
import type { NodeAnswer } from "./db/schema";
import { isSilence } from "./isSilence";

/** How nodes say it: geth, reth, erigon, anvil. */
const sayings: readonly (readonly [NodeAnswer, RegExp])[] = [
    ["alreadyKnown", /already (known|imported)|known transaction/i],
    ["nonceTooLow", /nonce (is )?too low|nonce .*lower than/i],
    [
        "underpriced",
        /underpriced|less than block base fee|fee cap (is )?(less|below)|feecap too low/i,
    ],
    ["noFunds", /insufficient funds|exceeds (the )?balance/i],
];

/**
 * What it means that a node did not take a transaction. None of these is a failure: the receipt tells how it
 * ended, and a node that did not answer may well have taken it.
 */
export function nodeAnswerOf(error: unknown): NodeAnswer {
    if (isSilence(error)) return "unreachable";
    const text = error instanceof Error ? `${error.message} ${detailsOf(error)}` : String(error);
    return sayings.find(([, pattern]) => pattern.test(text))?.[0] ?? "refused";
}

const detailsOf = (error: Error): string => (error instanceof BaseError ? error.details : "");
