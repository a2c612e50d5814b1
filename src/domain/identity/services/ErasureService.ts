import type { Address } from "viem";
import type { SecretBox } from "@/infrastructure/crypto/SecretBox";
import { type GroupId, type Id, type MerchantId, newId } from "@/utils/ids";
import { type Clock, later, seconds } from "@/utils/time";
import type { Erasure, ErasureId } from "../db/schema";
import type { ErasureRepository } from "../repositories/ErasureRepository";

export type { Erasure };

/** What tells a stranger's delivery from one that is about the person who is to be forgotten. */
export type Traces = {
    merchantIds: MerchantId[];
    /** Their values as they stand in a body: mail addresses, customer ids. */
    values: string[];
    /** The keyed hashes of their browsers' ids. */
    clientLookups: string[];
    /** Their orders, as the shops number them. */
    orderIds: string[];
};
export type Asked = {
    groupId: GroupId | null;
    merchantId: MerchantId | null;
    wallet: Address | null;
    values: string[];
};

/** How long a delivery that is not processed yet is waited for before the inbox is searched again. */
const waitMs = seconds(30);

/** Who is to be forgotten, and how far that has come. */
export class ErasureService {
    constructor(
        private readonly erasures: ErasureRepository,
        private readonly secretBox: SecretBox,
        private readonly clock: Clock
    ) {}

    async open({ values, ...whom }: Asked): Promise<ErasureId> {
        const id = newId<ErasureId>();
        const now = this.clock.now();
        const traces = { merchantIds: [], values, clientLookups: [], orderIds: [] };
        const sealedTraces = this.seal(id, traces);
        const asked = { requestedAt: now, dueAt: now, sealedTraces };
        await this.erasures.add({ ...whom, ...asked, id, step: "gather" });
        return id;
    }

    lockDue(limit: number, ids?: readonly ErasureId[]): Promise<Erasure[]> {
        return this.erasures.lockDue(this.clock.now(), limit, ids);
    }

    tracesOf({ id, sealedTraces }: Erasure): Traces {
        if (!sealedTraces) throw new Error(`Erasure ${id} has lost what it looks for`);
        return JSON.parse(this.secretBox.open(sealedTraces, contextOf(id)));
    }

    /** What is looked for is known: the inbox is next. */
    async startSearch({ id }: Erasure, traces: Traces): Promise<void> {
        await this.erasures.advance(id, { step: "inbox", sealedTraces: this.seal(id, traces) });
    }

    async continueSearch({ id }: Erasure, cursor: Id<"delivery">): Promise<void> {
        await this.erasures.advance(id, { cursor });
    }

    /** Some of what was found is still to be processed: the money in it counts, so it is looked for again. */
    async searchAgain({ id }: Erasure): Promise<void> {
        const dueAt = later(this.clock.now(), waitMs);
        await this.erasures.advance(id, { cursor: null, dueAt });
    }

    async endSearch({ id }: Erasure): Promise<void> {
        await this.erasures.advance(id, { step: "rows" });
    }

    /** Done, and nothing is left here of whom it was about but the number of their group. */
    async finish({ id }: Erasure): Promise<void> {
        const finishedAt = this.clock.now();
        const forgotten = { sealedTraces: null, cursor: null, wallet: null, lastError: null };
        await this.erasures.advance(id, { ...forgotten, step: "done", finishedAt });
    }

    async postpone(id: ErasureId, reason: string): Promise<void> {
        await this.erasures.postpone(id, reason);
    }

    private seal(id: ErasureId, traces: Traces): string {
        return this.secretBox.seal(JSON.stringify(traces), contextOf(id));
    }
}

const contextOf = (id: ErasureId): string => `erasure:${id}`;
