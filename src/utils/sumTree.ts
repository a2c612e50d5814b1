import { concatHex, type Hex, keccak256, numberToHex, stringToHex } from "viem";

/** A node of a Merkle sum tree: what is below it, and what that adds up to. */
export type SumNode = { hash: Hex; sum: bigint };
/** A neighbour on the way up, and on which side it stands. */
export type SumStep = SumNode & { side: "left" | "right" };

/** Leaves, nodes and roots are hashed under different words: none can be passed off as another. */
const nodeTag = keccak256(stringToHex("commend/sum-node/v1"));
const maxSum = (1n << 256n) - 1n;

/**
 * A tree in which every hash covers the sums of both children, so that no node can say less than what is
 * below it. A node without a neighbour moves up as it is. No leaves: zero, and nothing owed.
 */
export class SumTree {
    private readonly levels: SumNode[][];

    constructor(leaves: readonly SumNode[]) {
        this.levels = [[...leaves]];
        for (let level = this.levels[0] ?? []; level.length > 1; ) {
            level = paired(level);
            this.levels.push(level);
        }
    }

    get root(): SumNode {
        return this.levels.at(-1)?.[0] ?? { hash: `0x${"00".repeat(32)}`, sum: 0n };
    }

    /** From the leaf at this place up to the root. */
    proofOf(index: number): SumStep[] {
        const steps: SumStep[] = [];
        let place = index;
        for (const level of this.levels) {
            const neighbour = level[place ^ 1];
            if (neighbour) steps.push({ ...neighbour, side: place % 2 === 0 ? "right" : "left" });
            place = Math.floor(place / 2);
        }
        return steps;
    }
}

/** Where a proof leads. Throws for a sum that no honest tree can have. */
export function rootOf(leaf: SumNode, proof: readonly SumStep[]): SumNode {
    return proof.reduce<SumNode>(
        (node, { side, ...neighbour }) =>
            side === "left" ? parentOf(neighbour, node) : parentOf(node, neighbour),
        leaf
    );
}

function paired(level: readonly SumNode[]): SumNode[] {
    const parents: SumNode[] = [];
    for (let place = 0; place < level.length; place += 2) {
        const [left, right] = [level[place], level[place + 1]];
        if (left) parents.push(right ? parentOf(left, right) : left);
    }
    return parents;
}

function parentOf(left: SumNode, right: SumNode): SumNode {
    const sum = left.sum + right.sum;
    if (left.sum < 0n || right.sum < 0n || sum > maxSum) throw new RangeError("A sum out of range");
    const hash = keccak256(
        concatHex([nodeTag, left.hash, word(left.sum), right.hash, word(right.sum)])
    );
    return { hash, sum };
}

const word = (amount: bigint): Hex => numberToHex(amount, { size: 32 });
