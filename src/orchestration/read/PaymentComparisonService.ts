import type { ChainReader } from "@/infrastructure/blockchain/ChainReader";
import type { Finding } from "./AuditRepository";
import type { PaymentStanding, PaymentViewRepository } from "./PaymentViewRepository";

export type Comparison = {
    /** How many payments were compared, and the block as of which the newest of them were. */
    count: number;
    block: bigint;
    findings: Finding[];
};

const isSettled = ({ status }: PaymentStanding) => status === "confirmed" || status === "skipped";

/** A window is asked for in one request of at most so many words of 256 payments. */
const windowSize = 25_600;

/** Our payments beside the hub's own memory of them. */
export class PaymentComparisonService {
    constructor(
        private readonly payments: PaymentViewRepository,
        private readonly chain: ChainReader
    ) {}

    /** The newest payments, in at most so many windows. What is still on its way may be made or not. */
    async compare(windows: number): Promise<Comparison> {
        const whole: Comparison = { count: 0, block: 0n, findings: [] };
        let before: bigint | undefined;
        for (let window = 0; window < windows; window++) {
            const standings = await this.payments.findStandings(windowSize, before);
            // The chain is asked after our rows were read: what was settled by then is in a block that is final.
            const block = await this.chain.finalHead();
            whole.findings.push(...(await this.findingsIn(standings, block)));
            whole.count += standings.length;
            if (window === 0) whole.block = block;
            if (standings.length < windowSize) break;
            before = standings.at(-1)?.id;
        }
        return whole;
    }

    private async findingsIn(
        standings: readonly PaymentStanding[],
        block: bigint
    ): Promise<Finding[]> {
        const ids = standings.map(({ id }) => id);
        const made = await this.chain.madeAround([...ids, idAfter(ids)], block);
        const unmade = standings.filter((one) => isSettled(one) && !made.has(one.id));
        const refused = standings.filter(({ id, status }) => status === "failed" && made.has(id));
        return [
            ...unmade.map(({ id, status }) => finding(id, "made on chain", status)),
            ...refused.map(({ id, status }) => finding(id, "not made on chain", status)),
            ...(await this.strangersAmong(made, ids)),
        ];
    }

    /** Others than these may have been written meanwhile, or belong to the window beside this one. */
    private async strangersAmong(
        made: ReadonlySet<bigint>,
        ids: readonly bigint[]
    ): Promise<Finding[]> {
        const ours = new Set(ids);
        const others = [...made].filter((id) => !ours.has(id));
        const known = await this.payments.findKnown(others);
        const strangers = others.filter((id) => !known.has(id));
        return strangers.map((id) => finding(id, "not made on chain", "no payment of ours"));
    }
}

/** In the word of the hub after all that we know: a database that was set back finds its future there. */
const idAfter = (newestFirst: readonly bigint[]): bigint =>
    newestFirst[0] === undefined ? 0n : newestFirst[0] + 256n;

const finding = (id: bigint, expected: string, actual: string): Finding => ({
    rule: "payments on chain are the payments that are settled",
    about: id.toString(),
    expected,
    actual,
});
