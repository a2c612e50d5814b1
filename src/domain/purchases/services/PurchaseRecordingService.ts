import { isDeepStrictEqual } from "node:util";
import type { Lookups } from "@/infrastructure/crypto/Lookups";
import type { GroupId, PurchaseId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { Platform, Purchase, PurchaseClaim } from "../db/schema";
import type { ClaimRepository } from "../repositories/ClaimRepository";
import type { OrderKey, PurchaseRepository } from "../repositories/PurchaseRepository";
import { awaited } from "./awaited";
import { customerLookupOf, emailLookupOf, tokenLookupOf } from "./lookupsOf";
import { type HashedReport, mergeFacts, type PurchaseFacts } from "./mergeFacts";
import type { OrderReport } from "./OrderReport";

/** Who an order seems to be of, and what says so. The person is held until the transaction ends. */
export type Person = { groupId: GroupId; linkedBy: NonNullable<Purchase["linkedBy"]> };
export type KeyedReport = { key: OrderKey; report: OrderReport };
export type AttributedReport = KeyedReport & { person: Person | undefined };
/** Where groups lead to now, held until the transaction ends. */
export type Hold = (ids: readonly GroupId[]) => Promise<Map<GroupId, GroupId>>;

/** Whose an order is proved to be so far, and who claims it with a token of its own. */
export type Ownership = { groupId: GroupId | null; claimants: GroupId[] };
export type Recorded = {
    purchases: Purchase[];
    /** Those that became somebody's by this. */
    linked: Purchase[];
    /** People who turn out to be one, because both proved that an order is theirs. */
    same: GroupId[][];
};

/** What several reports say of one order, and whose it seems to be. */
type Told = { key: OrderKey; reports: HashedReport[]; person: Person | undefined };
type Claims = ReadonlyMap<PurchaseId, PurchaseClaim[]>;

/** Turns what shops report into purchases: many at a time, in any order, any number of times. */
export class PurchaseRecordingService {
    constructor(
        private readonly purchases: PurchaseRepository,
        private readonly claims: ClaimRepository,
        private readonly lookups: Lookups,
        private readonly clock: Clock
    ) {}

    /** What is known of whose each order is, by its place in the list. Nothing is locked. */
    async findOwners(reports: readonly KeyedReport[]): Promise<Map<number, Ownership>> {
        const known = await this.purchases.findOwners(reports.map(({ key }) => key));
        const ids = [...known.values()].map(({ id }) => id);
        const claims = await this.claimsOf(ids);
        return new Map(
            [...known].map(([position, { id, groupId, linkedBy, tokenLookups }]) => {
                const told = reports[position]?.report.buyer.tokens ?? [];
                const tokens = new Set([
                    ...tokenLookups,
                    ...told.map((one) => this.tokenLookup(one)),
                ]);
                const proven = (claims.get(id) ?? []).filter((one) => tokens.has(one.tokenLookup));
                const owner = isProof(linkedBy) ? groupId : null;
                return [position, { groupId: owner, claimants: proven.map((one) => one.groupId) }];
            })
        );
    }

    customerLookup(platform: Platform, customerId: string): string {
        return customerLookupOf(this.lookups, platform, customerId);
    }

    /** Those that a customer of a platform is known by, and their mail address. */
    buyerLookups(platform: Platform, customerId: string, email: string | undefined): string[] {
        const customer = this.customerLookup(platform, customerId);
        return email ? [customer, emailLookupOf(this.lookups, email)] : [customer];
    }

    /** The forms in which a buyer is known at a shop. */
    lookupsOf({ key, report: { buyer } }: KeyedReport) {
        const { customerId, email } = buyer;
        return {
            customer: customerId && this.customerLookup(key.platform, customerId),
            email: email && emailLookupOf(this.lookups, email),
        };
    }

    /**
     * Merges reports into what is known and links orders to people. Must be called in a transaction; the orders
     * are locked until it ends.
     */
    async record(reports: readonly AttributedReport[], hold: Hold): Promise<Recorded> {
        const told = [...this.byOrder(reports).values()];
        const fresh = told.map((one) => linked(merged(this.blank(one), one), one, []));
        const added = await this.purchases.insertNew(fresh.map(({ purchase }) => purchase));
        const isNew = ({ purchase }: PurchaseFacts) => added.has(purchase.id);
        await this.writeParts(fresh.filter(isNew));

        const made = fresh.filter(isNew).map(({ purchase }) => purchase);
        const known = told.filter((_, index) => !isNew(fresh[index] as PurchaseFacts));
        const rest = known.length > 0 ? await this.merge(known, hold) : nothing;
        return {
            purchases: [...made, ...rest.purchases],
            linked: [...made.filter(({ groupId }) => groupId), ...rest.linked],
            same: rest.same,
        };
    }

    private byOrder(reports: readonly AttributedReport[]): Map<string, Told> {
        const told = new Map<string, Told>();
        for (const one of reports) {
            const name = nameOf(one.key);
            const order = told.get(name) ?? { key: one.key, reports: [], person: one.person };
            order.reports.push(this.hashed(one));
            order.person ??= one.person;
            told.set(name, order);
        }
        return told;
    }

    private blank({ key }: Told): PurchaseFacts {
        return { purchase: awaited(key, this.clock.now()), lines: [], refunds: [] };
    }

    private async merge(told: readonly Told[], hold: Hold): Promise<Recorded> {
        const locked = await this.lock(told.map(({ key }) => key));
        const ids = [...locked.values()].map(({ purchase }) => purchase.id);
        const claims = await this.heldClaims(ids, hold);
        const after = told.map((one) => {
            const before = factsOf(locked, one.key);
            return linked(merged(before, one), one, claims.get(before.purchase.id) ?? []);
        });
        const changed = after.filter(
            (facts) => !isDeepStrictEqual(facts, factsOf(locked, facts.purchase))
        );
        await this.purchases.update(changed.map(({ purchase }) => purchase));
        await this.purchases.deleteParts(changed.map(({ purchase }) => purchase.id));
        await this.writeParts(changed);
        const purchases = after.map(({ purchase }) => purchase);
        return {
            purchases,
            linked: purchases.filter(
                (one) => one.groupId && !factsOf(locked, one).purchase.groupId
            ),
            same: purchases.flatMap((one) => rivalsOf(one, claims)),
        };
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
                    lines: partsOf(linesOf.get(purchase.id)),
                    refunds: partsOf(refundsOf.get(purchase.id)),
                },
            ])
        );
    }

    private async claimsOf(ids: readonly PurchaseId[]): Promise<Map<PurchaseId, PurchaseClaim[]>> {
        const claims = await this.claims.findOpen(ids, this.clock.now());
        return Map.groupBy(claims, ({ purchaseId }) => purchaseId);
    }

    /** The claims of orders, under the people that the claimants are now. */
    private async heldClaims(ids: readonly PurchaseId[], hold: Hold): Promise<Claims> {
        const claims = await this.claimsOf(ids);
        if (claims.size === 0) return claims;
        const live = await hold([...claims.values()].flat().map(({ groupId }) => groupId));
        return new Map(
            [...claims].map(([id, some]) => [
                id,
                some.map((one) => ({ ...one, groupId: live.get(one.groupId) ?? one.groupId })),
            ])
        );
    }

    private async writeParts(facts: readonly PurchaseFacts[]): Promise<void> {
        await this.purchases.insertLines(
            facts.flatMap(({ purchase, lines }) =>
                lines.map((line) => ({ purchaseId: purchase.id, ...line }))
            )
        );
        await this.purchases.insertRefunds(
            facts.flatMap(({ purchase, refunds }) =>
                refunds.map((refund) => ({ purchaseId: purchase.id, ...refund }))
            )
        );
    }

    private hashed(one: KeyedReport): HashedReport {
        const { buyer, ...report } = one.report;
        const { customer, email } = this.lookupsOf(one);
        return {
            ...report,
            codes: buyer.codes,
            landingUrl: buyer.landingUrl ?? null,
            customerLookup: customer ?? null,
            emailLookup: email ?? null,
            tokenLookups: buyer.tokens.map((token) => this.tokenLookup(token)),
        };
    }

    private tokenLookup(token: string): string {
        return tokenLookupOf(this.lookups, token);
    }
}

const nothing: Recorded = { purchases: [], linked: [], same: [] };

const merged = (facts: PurchaseFacts, { reports }: Told): PurchaseFacts =>
    reports.reduce(mergeFacts, facts);

const isProven = ({ tokenLookups }: Purchase, { tokenLookup }: PurchaseClaim): boolean =>
    tokenLookups.includes(tokenLookup);

/** Whether what linked an order makes its owner one person with whoever proves the same order. */
export const isProof = (linkedBy: Purchase["linkedBy"]): boolean => linkedBy !== "email";

/** A claim with the order's own token comes before whatever else speaks for somebody. */
function linked(
    facts: PurchaseFacts,
    { person }: Told,
    claims: readonly PurchaseClaim[]
): PurchaseFacts {
    const { purchase } = facts;
    if (purchase.groupId) return facts;
    const claim = claims.find((one) => isProven(purchase, one));
    const owner: Person | undefined = claim
        ? { groupId: claim.groupId, linkedBy: "claim" }
        : person;
    return owner ? { ...facts, purchase: { ...purchase, ...owner } } : facts;
}

/** Others who claim this order with a token of its own. */
function rivalsOf(purchase: Purchase, claims: Claims): GroupId[][] {
    const { groupId, linkedBy } = purchase;
    if (!isProof(linkedBy)) return [];
    const proven = (claims.get(purchase.id) ?? []).filter((one) => isProven(purchase, one));
    return proven.flatMap((one) =>
        groupId && one.groupId !== groupId ? [[groupId, one.groupId]] : []
    );
}

const nameOf = ({ merchantId, platform, externalId }: OrderKey): string =>
    `${merchantId}:${platform}:${externalId}`;

function factsOf(all: ReadonlyMap<string, PurchaseFacts>, key: OrderKey): PurchaseFacts {
    const facts = all.get(nameOf(key));
    if (!facts) throw new Error(`Order ${nameOf(key)} was not locked`);
    return facts;
}

/** In the order that a merge leaves them in, whatever Postgres takes for alphabetical. */
function partsOf<Part extends { purchaseId: PurchaseId; externalId: string }>(
    parts: readonly Part[] = []
): Omit<Part, "purchaseId">[] {
    return [...parts]
        .sort((a, b) => (a.externalId < b.externalId ? -1 : 1))
        .map(({ purchaseId: _, ...part }) => part);
}
