import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import { type Address, erc20Abi, type PublicClient } from "viem";

/** A token that an address may hold. */
export type HoldingQuestion = { holder: Address; token: Address };

const wordBits = 256n;

/** Asks the chain as of one block, so that its answers belong together. */
export class ChainReader {
    constructor(
        private readonly client: PublicClient,
        private readonly hub: Address
    ) {}

    head(): Promise<bigint> {
        return this.client.getBlockNumber({ cacheTime: 0 });
    }

    /** Which of these payments the hub had made by then: 256 of them an answer. */
    async paidOf(ids: readonly bigint[], blockNumber: bigint): Promise<bigint[]> {
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
        const bits = new Map(words.map((word, index) => [word, answers[index] ?? 0n]));
        return ids.filter((id) => ((bits.get(id / wordBits) ?? 0n) >> (id % wordBits)) & 1n);
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
