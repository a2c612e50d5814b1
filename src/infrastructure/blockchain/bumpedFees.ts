export type Fees = { maxFeePerGas: bigint; maxPriorityFeePerGas: bigint };

/** What nodes ask of a replacement is 10 %; this is a little more, rounded up. */
const bumped = (fee: bigint): bigint => fee + fee / 8n + 1n;

/** Fees with which a transaction takes the place of another of the same nonce: +12.5 %, and what the market asks. */
export function bumpedFees(old: Fees, market: Fees): Fees {
    const maxPriorityFeePerGas = larger(
        bumped(old.maxPriorityFeePerGas),
        market.maxPriorityFeePerGas
    );
    const maxFeePerGas = larger(bumped(old.maxFeePerGas), market.maxFeePerGas);
    return { maxPriorityFeePerGas, maxFeePerGas: larger(maxFeePerGas, maxPriorityFeePerGas) };
}

const larger = (a: bigint, b: bigint): bigint => (a > b ? a : b);
