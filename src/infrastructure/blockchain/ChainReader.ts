import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import { type Address, erc20Abi, type PublicClient } from "viem";

/** A token that an address may hold. */
export type HoldingQuestion = { holder: Address; token: Address };

const wordBits = 256n;

/** Asks the chain as of one block, so that its answers belong together. */
export class ChainReader {
    constructor(
        private readonly client: PublicClient,
        private readonly hub: Address,
        private readonly confirmations: number
    ) {}

    head(): Promise<bigint> {
        return this.client.getBlockNumber({ cacheTime: 0 });
    }

    /** The last block that is as deep as a transaction must be to count as final. */
    async finalHead(): Promise<bigint> {
        const depth = BigInt(this.confirmations) - 1n;
        const head = await this.head();
        return head > depth ? head - depth : 0n;
    }

    /** Which of these payments the hub had made by then: 256 of them an answer. */
    async paidOf(ids: readonly bigint[], blockNumber: bigint): Promise<bigint[]> {
        const made = await this.madeAround(ids, blockNumber);
        return ids.filter((id) => made.has(id));
    }

    /** All that the hub had made by then in the words of 256 payments in which these are. */
    async madeAround(ids: readonly bigint[], blockNumber: bigint): Promise<Set<bigint>> {
        const words = [...new Set(ids.map((id) => id / wordBits))];
        const answers = await Promise.all(
            words.map((word) =>
                this.client.readContract({
                    address: this.hub,
                    abi: RewardsHub.abi,
                    functionName: "paidWord",
                    args: [word],
                    blockNumber,
                })
            )
        );
        return new Set(words.flatMap((word, index) => idsIn(word, answers[index] ?? 0n)));
    }

    async balancesOf(
        questions: readonly HoldingQuestion[],
        blockNumber?: bigint
    ): Promise<bigint[]> {
        return Promise.all(
            questions.map(({ holder, token }) =>
                this.client.readContract({
                    address: token,
                    abi: erc20Abi,
                    functionName: "balanceOf",
                    args: [holder],
                    ...(blockNumber === undefined ? {} : { blockNumber }),
                })
            )
        );
    }
}

function idsIn(word: bigint, bits: bigint): bigint[] {
    const ids: bigint[] = [];
    for (let bit = 0n; bit < wordBits; bit++) {
        if ((bits >> bit) & 1n) ids.push(word * wordBits + bit);
    }
    return ids;
}
