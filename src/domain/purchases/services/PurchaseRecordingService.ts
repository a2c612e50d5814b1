import { isDeepStrictEqual } from "node:util";
import type { Lookups } from "@/infrastructure/crypto/Lookups";
import type { GroupId, PurchaseId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { Purchase, PurchaseClaim } from "../db/schema";
import type { ClaimRepository } from "../repositories/ClaimRepository";
import type { OrderKey, PurchaseRepository } from "../repositories/PurchaseRepository";
import { awaited } from "./awaited";
import { type HashedReport, mergeFacts, type PurchaseFacts } from "./mergeFacts";
import type { OrderReport } from "./OrderReport";
import { tokenLookupOf } from "./tokenLookupOf";

/** A report with the person its client id leads to, who is held until the transaction ends. */
export type AttributedReport = {
    key: OrderKey;
    report: OrderReport;
    clientGroup: GroupId | undefined;
};
/** Where groups lead to now, held until the transaction ends. */
export type Hold = (ids: readonly GroupId[]) => Promise<Map<GroupId, GroupId>>;

/** What several reports say of one order, and whose browser it carried. */
type Told = { key: OrderKey; reports: HashedReport[]; clientGroup: GroupId | undefined };

/** Turns what shops report into purchases: many at a time, in any order, any number of times. */
export class PurchaseRecordingService {
    constructor(
        private readonly purchases: PurchaseRepository,
        private readonly claims: ClaimRepository,
        private readonly lookups: Lookups,
        private readonly clock: Clock
    ) {}

    /** To whom each order is linked so far, by its place in the list. */
    findGroups(keys: readonly OrderKey[]): Promise<Map<number, GroupId>> {
        return this.purchases.findGroups(keys);
    }

    /**
     * Merges reports into what is known and links orders to people. Returns the purchases as they are now. Must
     * be called in a transaction; the orders are locked until it ends.
     */
    async record(reports: readonly AttributedReport[], hold: Hold): Promise<Purchase[]> {
        const told = [...this.byOrder(reports).values()];
        const fresh = told.map((one) => linkedByClient(merged(this.blank(one), one), one));
        const added = await this.purchases.insertNew(fresh.map(({ purchase }) => purchase));
        const isNew = ({ purchase }: PurchaseFacts) => added.has(purchase.id);
        await this.writeParts(fresh.filter(isNew), []);

        const known = told.filter((_, index) => !isNew(fresh[index] as PurchaseFacts));
        const updated = known.length > 0 ? await this.merge(known, hold) : [];
        return [...fresh.filter(isNew), ...updated].map(({ purchase }) => purchase);
    }

    private byOrder(reports: readonly AttributedReport[]): Map<string, Told> {
        const told = new Map<string, Told>();
        for (const { key, report, clientGroup } of reports) {
            const name = nameOf(key);
            const one = told.get(name) ?? { key, reports: [], clientGroup };
            one.reports.push(this.hashed(report));
            one.clientGroup ??= clientGroup;
            told.set(name, one);
        }
        return told;
    }

    private blank({ key }: Told): PurchaseFacts {
        return { purchase: awaited(key, this.clock.now()), lines: [], refunds: [] };
    }

    private async merge(told: readonly Told[], hold: Hold): Promise<PurchaseFacts[]> {
        const locked = await this.lock(told.map(({ key }) => key));
        const claims = await this.claimsOf(locked, hold);
        const after = told.map((one) => {
            const before = factsOf(locked, one.key);
            return linkedByClient(linkedByClaim(merged(before, one), claims), one);
        });
        const changed = after.filter(
            (facts) => !isDeepStrictEqual(facts, factsOf(locked, facts.purchase))
        );
        await this.purchases.update(changed.map(({ purchase }) => purchase));
        await this.writeParts(
            changed,
            changed.map(({ purchase }) => purchase.id)
        );
        return after;
    }

    private async lock(keys: readonly OrderKey[]): Promise<Map<string, PurchaseFacts>> {
        const locked = await this.purchases.lock(keys);
        const { lines, refunds } = await this.purchases.findParts(locked.map(({ id }) => id));
        const linesOf = Map.groupBy(lines, ({ purchaseId }) => purchaseId);
        const refundsOf = Map.groupBy(refunds, ({ purchaseId }) => purchaseId);
        return new Map(
            locked.map((purchase) => [
                nameOf(purchase),
                {
                    purchase,
                    lines: (linesOf.get(purchase.id) ?? []).map(withoutPurchase),
                    refunds: (refundsOf.get(purchase.id) ?? []).map(withoutPurchase),
                },
            ])
        );
    }

    /** The claims of orders that are nobody's yet, under the people that the claimants are now. */
    private async claimsOf(
        locked: ReadonlyMap<string, PurchaseFacts>,
        hold: Hold
    ): Promise<PurchaseClaim[]> {
        const unlinked = [...locked.values()].filter(({ purchase }) => !purchase.groupId);
        const ids = unlinked.map(({ purchase }) => purchase.id);
        const claims = await this.claims.findOpen(ids, this.clock.now());
        if (claims.length === 0) return [];
        const live = await hold(claims.map(({ groupId }) => groupId));
        return claims.map((claim) => ({
            ...claim,
            groupId: live.get(claim.groupId) ?? claim.groupId,
        }));
    }

    /** Lines of what was there before are replaced: what an edit took out of an order goes. */
    private async writeParts(
        facts: readonly PurchaseFacts[],
        replaced: readonly PurchaseId[]
    ): Promise<void> {
        await this.purchases.deleteLines(replaced);
        await this.purchases.insertLines(
            facts.flatMap(({ purchase, lines }) =>
                lines.map((line) => ({ purchaseId: purchase.id, ...line }))
            )
        );
        await this.purchases.putRefunds(
            facts.flatMap(({ purchase, refunds }) =>
                refunds.map((refund) => ({ purchaseId: purchase.id, ...refund }))
            )
        );
    }

    private hashed({ clientId: _, tokens, ...report }: OrderReport): HashedReport {
        return {
            ...report,
            tokenLookups: tokens.map((token) => tokenLookupOf(this.lookups, token)),
        };
    }
}

const merged = (facts: PurchaseFacts, { reports }: Told): PurchaseFacts =>
    reports.reduce(mergeFacts, facts);

/** A claim with the order's own token comes before the browser that the order carried. */
function linkedByClaim(facts: PurchaseFacts, claims: readonly PurchaseClaim[]): PurchaseFacts {
    const { purchase } = facts;
    const claim = claims.find(
        ({ purchaseId, tokenLookup }) =>
            purchaseId === purchase.id && purchase.tokenLookups.includes(tokenLookup)
    );
    if (purchase.groupId || !claim) return facts;
    return { ...facts, purchase: { ...purchase, groupId: claim.groupId, linkedBy: "claim" } };
}

function linkedByClient(facts: PurchaseFacts, { clientGroup }: Told): PurchaseFacts {
    if (facts.purchase.groupId || !clientGroup) return facts;
    return { ...facts, purchase: { ...facts.purchase, groupId: clientGroup, linkedBy: "client" } };
}

const nameOf = ({ merchantId, platform, externalId }: OrderKey): string =>
    `${merchantId}:${platform}:${externalId}`;

function factsOf(all: ReadonlyMap<string, PurchaseFacts>, key: OrderKey): PurchaseFacts {
    const facts = all.get(nameOf(key));
    if (!facts) throw new Error(`Order ${nameOf(key)} was not locked`);
    return facts;
}

function withoutPurchase<Part extends { purchaseId: PurchaseId }>({
    purchaseId: _,
    ...part
}: Part): Omit<Part, "purchaseId"> {
    return part;
}
