import type { Clock } from "@/utils/time";

type Expiring = { deleteExpired(now: Date): Promise<void> };

/** What is only good for a while goes when it is over. */
export class HousekeepingOrchestrator {
    constructor(
        private readonly expiring: readonly Expiring[],
        private readonly clock: Clock
    ) {}

    async deleteExpired(): Promise<void> {
        for (const rows of this.expiring) await rows.deleteExpired(this.clock.now());
    }
}
