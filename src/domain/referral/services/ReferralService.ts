import { LRUCache } from "lru-cache";
import { ConflictError, InvalidError, NotFoundError } from "@/utils/errors";
import { type GroupId, type MerchantId, newId, type ReferralEdgeId } from "@/utils/ids";
import { type Clock, minutes } from "@/utils/time";
import type { ReferralEdge } from "../db/schema";
import type { ReferralCycleRepository } from "../repositories/ReferralCycleRepository";
import type {
    ChainQuery,
    EdgeKey,
    NewEdge,
    ReferralEdgeRepository,
} from "../repositories/ReferralEdgeRepository";

/** Somebody came to a shop through somebody's code. */
export type Referred = EdgeKey & { code: string | undefined; occurredAt: Date };
/** A personal code typed in: both are held until the transaction ends. */
export type Redemption = Omit<Referred, "merchantId" | "code"> & { code: string };

const longestChain = 10;

/** Who brought whom: the first referrer at a shop stays, and nobody ever brought themselves, not even in a circle. */
export class ReferralService {
    /** For the many arrivals of people who have a referrer. What it says of them never changes, but by their own wish. */
    private readonly settled = new LRUCache<string, true>({ max: 200_000, ttl: minutes(1) });

    constructor(
        private readonly edges: ReferralEdgeRepository,
        private readonly cycles: ReferralCycleRepository,
        private readonly clock: Clock
    ) {}

    /**
     * Of these arrivals, those that may make somebody a referrer. For whoever was here a minute ago this asks
     * nothing of the database.
     */
    async findUnsettled<Arrival extends EdgeKey>(arrivals: readonly Arrival[]): Promise<Arrival[]> {
        const unknown = arrivals.filter((one) => !this.settled.has(nameOf(one)));
        const settled = await this.edges.findSettled(unknown);
        for (const position of settled) this.remember(unknown[position]);
        return unknown.filter((_, position) => !settled.has(position));
    }

    /**
     * Makes the referrer of each theirs, if they have none at that shop and no circle would close. Says which
     * edges are new, by their place in the list. Must be called in a transaction that holds all of these people;
     * locks the graphs of the shops until it ends.
     */
    async attach(referred: readonly Referred[]): Promise<Set<number>> {
        await this.edges.lockGraphs(referred.map(({ merchantId }) => merchantId));
        const taken = await this.edges.findSettled(referred);
        const edges = new Map<ReferralEdgeId, number>();
        const proposed = referred.flatMap((one, position) => {
            if (one.refereeGroupId === one.referrerGroupId || taken.has(position)) return [];
            const edge = asEdge(one);
            edges.set(edge.id, position);
            return [edge];
        });
        const added = await this.insert(proposed);
        return new Set([...added].flatMap((id) => edges.get(id) ?? []));
    }

    /** What `attach` decided, once it is committed: these need not be looked at again for a while. */
    remember(...edges: readonly (EdgeKey | undefined)[]): void {
        for (const edge of edges) if (edge) this.settled.set(nameOf(edge), true);
    }

    /**
     * Makes the owner of a personal code the person's referrer wherever no shop knows better. Throws
     * `SELF_REFERRAL`, `ALREADY_REDEEMED` or `WOULD_CYCLE`. Must be called in a transaction that holds both.
     */
    async redeem({ refereeGroupId, referrerGroupId, code, occurredAt }: Redemption): Promise<void> {
        if (refereeGroupId === referrerGroupId) {
            throw new InvalidError("SELF_REFERRAL", "This code is your own");
        }
        await this.edges.lockAllGraphs();
        if (await this.edges.findCounting(refereeGroupId, undefined)) {
            throw new ConflictError("ALREADY_REDEEMED", "You redeemed a personal code already");
        }
        const edge = { merchantId: null, refereeGroupId, referrerGroupId, code };
        const referrers = await this.edges.findReferrers([refereeGroupId]);
        if (referrers.size > 0 && (await this.cycles.wouldCycle(edge))) {
            throw new ConflictError("WOULD_CYCLE", "Its owner came to a shop through you");
        }
        await this.edges.insertAll([{ ...edge, id: newId(), createdAt: occurredAt }]);
    }

    /** Who brought a person to a shop; without a shop, whose personal code they redeemed. */
    referrerOf(
        groupId: GroupId,
        merchantId: MerchantId | undefined
    ): Promise<ReferralEdge | undefined> {
        return this.edges.findCounting(groupId, merchantId);
    }

    /**
     * From then on nobody counts as the person's referrer at this shop; without a shop, their personal code is
     * undone. Throws `NO_REFERRER`.
     */
    async removeReferrer(groupId: GroupId, merchantId: MerchantId | undefined): Promise<void> {
        const edge = await this.edges.findCounting(groupId, merchantId);
        if (!edge) throw new NotFoundError("NO_REFERRER", "Nobody referred you here");
        const now = this.clock.now();
        if (!merchantId || edge.merchantId) return this.edges.remove(edge.id, now);
        const hidden = { ...edge, id: newId<ReferralEdgeId>(), merchantId, createdAt: now };
        return this.edges.hidePersonal(hidden);
    }

    /**
     * For each, by place, whoever brought the person to that shop, whoever brought those, and so on: nearest
     * first, without the person, at most `maxDepth` (≤ 10) of them. One statement, however many are asked for.
     */
    chainsOf(queries: readonly ChainQuery[], maxDepth: number): Promise<GroupId[][]> {
        return this.edges.findChains(queries, Math.min(maxDepth, longestChain));
    }

    /** Who brought nobody closes no circle, whatever stands above: only the others cost a walk each. */
    private async insert(edges: readonly NewEdge[]): Promise<Set<ReferralEdgeId>> {
        const people = edges.map(({ refereeGroupId }) => refereeGroupId);
        const referrers = await this.edges.findReferrers(people);
        for (const { referrerGroupId } of edges) referrers.add(referrerGroupId);

        const [bringing, others] = [
            edges.filter((edge) => referrers.has(edge.refereeGroupId)),
            edges.filter((edge) => !referrers.has(edge.refereeGroupId)),
        ];
        const added = await this.edges.insertAll(others);
        for (const edge of bringing) {
            if (await this.cycles.wouldCycle(edge)) continue;
            for (const id of await this.edges.insertAll([edge])) added.add(id);
        }
        return added;
    }
}

const placeOf = ({ merchantId, refereeGroupId }: EdgeKey): string =>
    `${merchantId}:${refereeGroupId}`;
const nameOf = (edge: EdgeKey): string => `${placeOf(edge)}:${edge.referrerGroupId}`;

function asEdge({ merchantId, refereeGroupId, referrerGroupId, ...how }: Referred): NewEdge {
    const people = { refereeGroupId, referrerGroupId };
    const { code, occurredAt } = how;
    return { id: newId(), merchantId, ...people, code: code ?? null, createdAt: occurredAt };
}
