import { AsyncLocalStorage } from "node:async_hooks";

type Waiting<Item, Result> = {
    item: Item;
    resolve: (result: Result) => void;
    reject: (reason: unknown) => void;
};

type Limits = { maxItems: number; maxInFlight: number };

/**
 * Lets concurrent callers share one commit: what arrives while a flush is under way goes out together in
 * the next. Each caller still waits for the commit of its own item. When a flush of many fails, each is
 * tried alone, so that a bad item fails nobody else's.
 */
export class MicroBatch<Item, Result> {
    private waiting: Waiting<Item, Result>[] = [];
    private inFlight = 0;
    /** A flush belongs to many callers: it must not run inside the transaction or request of one of them. */
    private readonly outside = AsyncLocalStorage.snapshot();

    constructor(
        private readonly flush: (items: readonly Item[]) => Promise<readonly Result[]>,
        private readonly limits: Limits = { maxItems: 256, maxInFlight: 2 }
    ) {}

    add(item: Item): Promise<Result> {
        return new Promise((resolve, reject) => {
            this.waiting.push({ item, resolve, reject });
            if (this.waiting.length === 1) setImmediate(() => this.start());
        });
    }

    private start(): void {
        while (this.waiting.length > 0 && this.inFlight < this.limits.maxInFlight) {
            const batch = this.waiting.splice(0, this.limits.maxItems);
            this.inFlight++;
            void this.outside(() => this.settle(batch)).finally(() => {
                this.inFlight--;
                this.start();
            });
        }
    }

    private async settle(batch: Waiting<Item, Result>[]): Promise<void> {
        try {
            const results = await this.flush(batch.map(({ item }) => item));
            for (const [index, { resolve }] of batch.entries()) resolve(results[index] as Result);
        } catch (error) {
            if (batch.length === 1) batch[0]?.reject(error);
            else await Promise.all(batch.map((one) => this.settle([one])));
        }
    }
}
