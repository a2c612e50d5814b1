import type { Address } from "viem";
import type { PasskeyService, SessionService } from "@/domain/auth";
import type {
    Erasure,
    ErasureScope,
    ErasureService,
    IdentityService,
    NodeKey,
    PersonalValueService,
    Traces,
} from "@/domain/identity";
import type { InboxErasureService } from "@/domain/purchases";
import type { Database } from "@/infrastructure/persistence/Database";
import { drain } from "@/infrastructure/queue/drain";
import type { Queue } from "@/infrastructure/queue/Queue";
import type { GroupId, MerchantId } from "@/utils/ids";

/** Whoever keeps something personal under a group knows how to forget it, and to keep the amounts. */
export type PersonHolder = { erase(scope: ErasureScope): Promise<void> };
export type Callers = { eraseOf(callers: readonly string[]): Promise<void> };
/** Whom a shop means, and the identifiers that its orders made of them. */
export type Customer = {
    merchantId: MerchantId;
    customerId: string;
    email: string | undefined;
    nodes: readonly NodeKey[];
};
type People = {
    identities: IdentityService;
    values: PersonalValueService;
    passkeys: PasskeyService;
    sessions: SessionService;
    callers: Callers;
    /** Their identifiers come last but for the keys: those are destroyed when nothing is sealed with them. */
    holders: readonly PersonHolder[];
};

/**
 * Somebody is forgotten: by everybody when they ask, by one shop when that asks. Every step is a transaction and can
 * be done again. What they bought and were paid stays, and says no more whose it was.
 */
export class ErasureOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly erasures: ErasureService,
        private readonly inbox: InboxErasureService,
        private readonly people: People,
        private readonly queue: Queue
    ) {}

    /** The person asks, and is signed out at once. Their passkeys stay: they open what is theirs on chain. */
    async eraseWallet(wallet: Address): Promise<void> {
        const { identities, passkeys, sessions } = this.people;
        await passkeys.forgetDevices(wallet);
        const [groupId = null] = await identities.find([
            identities.keyOf({ kind: "wallet", wallet }),
        ]);
        await this.db.transaction(async () => {
            await sessions.eraseOf(wallet);
            await this.erasures.open({ groupId, merchantId: null, wallet, values: [] });
            await this.queue.wake("erasePeople");
        });
    }

    /** A shop asks for its customer (`customers/redact`). May be called in the transaction that reads the request. */
    async eraseCustomer({ merchantId, customerId, email, nodes }: Customer): Promise<void> {
        const known = await this.people.identities.find(nodes);
        const found = known.filter((group) => group !== undefined);
        const groups: (GroupId | null)[] = found.length > 0 ? [...new Set(found)] : [null];
        const values = [customerId, ...(email ? [email] : [])].map(asSaid);
        await this.db.transaction(async () => {
            for (const groupId of groups) {
                await this.erasures.open({ groupId, merchantId, wallet: null, values });
            }
            await this.queue.wake("erasePeople");
        });
    }

    async eraseDue(): Promise<void> {
        await drain<Erasure>(this.db, {
            batchSize: 1,
            take: (limit, only) =>
                this.erasures.lockDue(
                    limit,
                    only?.map(({ id }) => id)
                ),
            work: async (erasures) => {
                for (const erasure of erasures) await this.advance(erasure);
            },
            postpone: ({ id }, reason) => this.erasures.postpone(id, reason),
        });
    }

    private async advance(erasure: Erasure): Promise<void> {
        if (erasure.step === "gather") await this.gather(erasure);
        else if (erasure.step === "inbox") await this.search(erasure);
        else await this.forget(erasure);
    }

    /** What the inbox is to be searched for: all that is known of them, before any of it goes. */
    private async gather(erasure: Erasure): Promise<void> {
        const asked = this.erasures.tracesOf(erasure);
        const scope = scopeOf(erasure);
        const known = scope ? await this.tracesOf(scope) : asked;
        const { merchantId } = erasure;
        await this.erasures.startSearch(erasure, {
            ...known,
            merchantIds: merchantId ? [merchantId] : known.merchantIds,
            values: [...new Set([...asked.values, ...known.values])],
        });
    }

    private async tracesOf(scope: ErasureScope): Promise<Traces> {
        const orders = await this.inbox.tracesOf(scope);
        const nodes = await this.people.identities.nodesOf(scope.groupId);
        const shops = nodes.flatMap(({ merchantId }) => (merchantId ? [merchantId] : []));
        const values = (await this.people.values.reveal(scope.groupId)).map(asSaid);
        return {
            orderIds: orders.orderIds,
            values: [...orders.values, ...values],
            merchantIds: [...new Set([...orders.merchantIds, ...shops])],
            clientLookups: nodes
                .filter(({ kind }) => kind === "client")
                .map(({ lookup }) => lookup),
        };
    }

    private async search(erasure: Erasure): Promise<void> {
        const { clientLookups, ...traces } = this.erasures.tracesOf(erasure);
        const lookups = new Set(clientLookups);
        const { identities } = this.people;
        const isTheirClient = (clientId: string) => lookups.has(identities.clientLookup(clientId));
        const search = { ...traces, isTheirClient };
        const { last, isWaiting } = await this.inbox.blankNext(search, erasure.cursor);
        if (isWaiting) await this.erasures.searchAgain(erasure);
        else if (last) await this.erasures.continueSearch(erasure, last);
        else await this.erasures.endSearch(erasure);
    }

    /** Held first, as everywhere: nobody merges them meanwhile. */
    private async forget(erasure: Erasure): Promise<void> {
        const scope = scopeOf(erasure);
        const { identities, callers, holders } = this.people;
        if (scope) {
            const held = await identities.hold([scope.groupId]);
            const groupId = held.get(scope.groupId) ?? scope.groupId;
            const lookups = (await identities.nodesOf(groupId)).map(({ lookup }) => lookup);
            await callers.eraseOf(lookups);
            for (const holder of holders) await holder.erase({ ...scope, groupId });
            identities.forgetRecent();
        }
        if (erasure.wallet) await callers.eraseOf([erasure.wallet]);
        await this.erasures.finish(erasure);
    }
}

const scopeOf = ({ groupId, merchantId }: Erasure): ErasureScope | undefined =>
    groupId ? { groupId, merchantId } : undefined;

/** As it is looked for in a body. */
const asSaid = (value: string): string => value.trim().toLowerCase();
