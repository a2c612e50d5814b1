import type { AttributionService } from "@/domain/attribution";
import type { IdentityService, NodeKey } from "@/domain/identity";
import type {
    AttributedReport,
    KeyedReport,
    OrderKey,
    Ownership,
    Person,
    Purchase,
    PurchaseRecordingService,
} from "@/domain/purchases";
import type { ReferralService } from "@/domain/referral";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { IdentityMergeService } from "./IdentityMergeService";
import { landingOf } from "./readLanding";

/** What the reports of one order say of who bought. */
type Signals = {
    key: OrderKey;
    client: NodeKey | undefined;
    customer: NodeKey | undefined;
    email: NodeKey | undefined;
    codes: string[];
    landing: ReturnType<typeof landingOf> | undefined;
};
/** Whose code an order came with. */
type Sharer = { groupId: GroupId; code: string; by: "code" | "landing" };
type Order = Signals & {
    owner: Ownership | undefined;
    known: Partial<Record<"client" | "customer" | "email", GroupId>>;
    sharer: Sharer | undefined;
    person: Person | undefined;
};
export type Buyers = { reports: AttributedReport[]; orders: ReadonlyMap<string, Order> };

/**
 * Whose is an order? Strongest first: a claim with its token, the browser that it carried, the customer that the
 * shop signed for; who proves the same order is one person. An e-mail address is typed by whoever buys, so it
 * links an order that nothing better speaks for, and makes nobody one. A share code says who recommended, not
 * who bought; a buyer of whom nothing else is known becomes somebody by it.
 */
export class BuyerService {
    constructor(
        private readonly identities: IdentityService,
        private readonly merges: IdentityMergeService,
        private readonly recording: PurchaseRecordingService,
        private readonly referral: ReferralService,
        private readonly attribution: AttributionService
    ) {}

    /** The people are held until the transaction ends: before orders are locked, here and everywhere. */
    async find(told: readonly KeyedReport[]): Promise<Buyers> {
        const reports = told.map(withLanding);
        const orders = await this.gather(reports);
        const all = [...orders.values()];
        for (const order of all) order.person = await this.personOf(order);
        await this.makePeople(all.filter(({ person }) => !person));
        await this.holdPeople(all);
        await this.rememberNodes(all);
        return {
            reports: reports.map((one) => ({
                ...one,
                person: orders.get(nameOf(one.key))?.person,
            })),
            orders,
        };
    }

    /** Those who both proved that an order is theirs are one. Nothing when two wallets stand against it. */
    async unite(groups: readonly GroupId[]): Promise<void> {
        await this.merges.uniteGroups(groups, { reason: "sameOrder", evidence: { groups } });
    }

    /** A code on the order is an arrival through it. Told once: when the order becomes somebody's. */
    async noteCodes(linked: readonly Purchase[], { orders }: Buyers): Promise<void> {
        const arrivals = linked.flatMap((purchase) => {
            const order = orders.get(nameOf(purchase));
            if (!order?.sharer || !purchase.groupId) return [];
            // A browser that we know told us itself where it landed.
            if (order.sharer.by === "landing" && order.client) return [];
            return [
                {
                    groupId: purchase.groupId,
                    merchantId: purchase.merchantId,
                    referrerGroupId: order.sharer.groupId,
                    shareCode: order.sharer.code,
                    utm: order.landing?.utm,
                    landingUrl: order.landing?.landingUrl,
                    occurredAt: purchase.placedAt ?? purchase.paidAt ?? purchase.createdAt,
                },
            ];
        });
        if (arrivals.length > 0) await this.attribution.record(arrivals);
    }

    private async gather(reports: readonly KeyedReport[]): Promise<Map<string, Order>> {
        const owners = await this.recording.findOwners(reports);
        const orders = new Map<string, Order>();
        for (const [position, one] of reports.entries()) {
            const name = nameOf(one.key);
            const owner = owners.get(position);
            const before = orders.get(name);
            const signals = both(before, this.signalsOf(one));
            orders.set(name, {
                ...signals,
                owner: bothOwners(before?.owner, owner),
                known: {},
                sharer: undefined,
                person: undefined,
            });
        }
        await this.lookUp([...orders.values()]);
        return orders;
    }

    private signalsOf(one: KeyedReport): Signals {
        const { merchantId } = one.key;
        const { clientId, codes, landingUrl } = one.report.buyer;
        const { customer, email } = this.recording.lookupsOf(one);
        return {
            key: one.key,
            client: clientId
                ? this.identities.keyOf({ kind: "client", clientId, merchantId })
                : undefined,
            customer: nodeOf(merchantId, customer),
            email: nodeOf(merchantId, email),
            codes,
            landing: landingUrl ? landingOf(landingUrl) : undefined,
        };
    }

    /** Who is known by what the orders say: one statement for people, one for codes. */
    private async lookUp(orders: readonly Order[]): Promise<void> {
        const nodes = orders.flatMap((order) =>
            nodeKinds.flatMap((kind) => {
                const key = order[kind];
                return key ? [{ order, kind, key }] : [];
            })
        );
        const groups =
            nodes.length > 0 ? await this.identities.find(nodes.map(({ key }) => key)) : [];
        for (const [index, { order, kind }] of nodes.entries()) {
            const groupId = groups[index];
            if (groupId) order.known[kind] = groupId;
        }
        const asked = orders.flatMap((order) => codesOf(order).map((one) => ({ order, ...one })));
        if (asked.length === 0) return;
        const owners = await this.referral.ownersOf(
            asked.map(({ order, code }) => ({
                merchantId: order.key.merchantId,
                referralCode: code,
            }))
        );
        for (const [index, { order, code, by }] of asked.entries()) {
            const groupId = owners[index];
            if (groupId) order.sharer ??= { groupId, code, by };
        }
    }

    private async personOf({ owner, known, client }: Order): Promise<Person | undefined> {
        const people: Person[] = [
            ...[owner?.groupId ?? [], owner?.claimants ?? []]
                .flat()
                .map((groupId) => ({ groupId, linkedBy: "claim" }) as const),
            ...(known.client ? [{ groupId: known.client, linkedBy: "client" } as const] : []),
            ...(known.customer ? [{ groupId: known.customer, linkedBy: "customer" } as const] : []),
        ];
        const [first] = people;
        if (!first) {
            const byEmail = client ? undefined : known.email;
            return byEmail && { groupId: byEmail, linkedBy: "customer" };
        }
        const groups = [...new Set(people.map(({ groupId }) => groupId))];
        if (groups.length > 1) await this.unite(groups);
        return first;
    }

    /** Buyers of whom nobody is known yet: by their browser, else because somebody's code brought them. */
    private async makePeople(orders: readonly Order[]): Promise<void> {
        const made = orders.flatMap(asMade);
        if (made.length === 0) return;
        const groups = await this.identities.resolve(made.map(({ key }) => key));
        for (const [index, { order, linkedBy }] of made.entries()) {
            order.person = { groupId: groups[index] as GroupId, linkedBy };
        }
    }

    private async holdPeople(orders: readonly Order[]): Promise<void> {
        const live = await this.identities.hold(
            orders.flatMap(({ person }) => (person ? [person.groupId] : []))
        );
        for (const order of orders) {
            const { person } = order;
            if (person) {
                order.person = { ...person, groupId: live.get(person.groupId) ?? person.groupId };
            }
        }
    }

    /** By what an order says of its buyer the next one is known. */
    private async rememberNodes(orders: readonly Order[]): Promise<void> {
        await this.identities.attach(
            orders.flatMap((order) =>
                nodeKinds.flatMap((kind) => {
                    const key = order[kind];
                    if (!key || !order.person || order.known[kind]) return [];
                    return [{ ...key, groupId: order.person.groupId }];
                })
            )
        );
    }
}

type Made = { order: Order; key: NodeKey; linkedBy: Person["linkedBy"] };

function asMade(order: Order): Made[] {
    const { client, sharer, customer, email } = order;
    if (client) return [{ order, key: client, linkedBy: "client" }];
    const key = customer ?? email;
    return sharer && key ? [{ order, key, linkedBy: sharer.by }] : [];
}

const nodeKinds = ["client", "customer", "email"] as const;

const nameOf = ({ merchantId, platform, externalId }: OrderKey): string =>
    `${merchantId}:${platform}:${externalId}`;

/** What a shop knows a customer by is a node of that shop alone. */
const nodeOf = (merchantId: MerchantId, lookup: string | undefined): NodeKey | undefined =>
    lookup ? { kind: "customer", lookup, merchantId } : undefined;

function withLanding(one: KeyedReport): KeyedReport {
    const { buyer } = one.report;
    if (!buyer.landingUrl) return one;
    const { landingUrl } = landingOf(buyer.landingUrl);
    return { ...one, report: { ...one.report, buyer: { ...buyer, landingUrl } } };
}

function both(a: Signals | undefined, b: Signals): Signals {
    if (!a) return b;
    return {
        key: a.key,
        client: a.client ?? b.client,
        customer: a.customer ?? b.customer,
        email: a.email ?? b.email,
        codes: [...new Set([...a.codes, ...b.codes])],
        landing: a.landing ?? b.landing,
    };
}

const bothOwners = (a: Ownership | undefined, b: Ownership | undefined): Ownership | undefined =>
    a && b ? { groupId: a.groupId, claimants: [...a.claimants, ...b.claimants] } : (a ?? b);

/** A code that was entered comes before one in the address that the buyer landed on. */
function codesOf({ codes, landing }: Signals): { code: string; by: Sharer["by"] }[] {
    const landed = landing?.referralCode;
    return [
        ...codes.map((code) => ({ code, by: "code" as const })),
        ...(landed ? [{ code: landed, by: "landing" as const }] : []),
    ];
}
