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
import type { ShareCodeService } from "@/domain/referral";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { IdentityMergeService } from "./IdentityMergeService";
import { landingOf } from "./readLanding";

/** What the reports of one order say of who bought. */
type Signals = {
    key: OrderKey;
    client: NodeKey | undefined;
    customer: NodeKey | undefined;
    /** The address as one shop knows it, and as somebody proved it to be theirs everywhere. */
    email: NodeKey | undefined;
    mailbox: NodeKey | undefined;
    codes: string[];
    landing: ReturnType<typeof landingOf> | undefined;
};
/** Whose code an order came with. */
type Sharer = {
    groupId: GroupId;
    code: string;
    source: "referral" | "code";
    by: "code" | "landing";
};
type Order = Signals & {
    owner: Ownership | undefined;
    known: Partial<Record<"client" | "customer" | "email" | "mailbox", GroupId>>;
    sharer: Sharer | undefined;
    person: Person | undefined;
};
export type Buyers = { reports: AttributedReport[]; orders: ReadonlyMap<string, Order> };

/**
 * Whose is an order? Strongest first: a claim with its token, the browser that it carried, the customer that the
 * shop signed for; who proves the same order is one person. An e-mail address is typed by whoever buys, so it
 * links an order that nothing better speaks for, to who proved the mailbox first of all, and makes nobody one. A share code says who recommended, not
 * who bought; a buyer of whom nothing else is known becomes somebody by it.
 */
export class BuyerService {
    constructor(
        private readonly identities: IdentityService,
        private readonly merges: IdentityMergeService,
        private readonly recording: PurchaseRecordingService,
        private readonly shareCodes: ShareCodeService,
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
        await this.merges.unite({ keys: [], groups, reason: "sameOrder", evidence: { groups } });
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
                    referrer: order.sharer,
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
        const { clientId, codes, landingUrl, email: address } = one.report.buyer;
        const { customer, email } = this.recording.lookupsOf(one);
        return {
            key: one.key,
            client: clientId
                ? this.identities.keyOf({ kind: "client", clientId, merchantId })
                : undefined,
            customer: nodeOf(merchantId, customer),
            email: nodeOf(merchantId, email),
            mailbox: address ? this.identities.keyOf({ kind: "email", email: address }) : undefined,
            codes,
            landing: landingUrl ? landingOf(landingUrl) : undefined,
        };
    }

    /** Who is known by what the orders say: one statement for people, one for codes. */
    private async lookUp(orders: readonly Order[]): Promise<void> {
        const nodes = orders.flatMap((order) =>
            [...nodeKinds, "mailbox" as const].flatMap((kind) => {
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
        await this.lookUpSharers(orders);
    }

    /** A code that was entered comes before one in the address that the buyer landed on. */
    private async lookUpSharers(orders: readonly Order[]): Promise<void> {
        const entered = await this.shareCodes.ownersOfOrders(
            orders.map(({ key: { merchantId }, codes }) => ({ merchantId, codes }))
        );
        const landed = await this.shareCodes.ownersOf(
            orders.map(({ key: { merchantId }, landing }) => ({
                merchantId,
                referralCode: landing?.referralCode,
            }))
        );
        for (const [position, order] of orders.entries()) {
            const [byCode, byLanding] = [entered[position], landed[position]];
            if (byCode) order.sharer = { ...byCode, source: "code", by: "code" };
            else if (byLanding) {
                const code = order.landing?.referralCode ?? "";
                order.sharer = { ...byLanding, code, by: "landing" };
            }
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
            const byEmail = client ? undefined : (known.mailbox ?? known.email);
            return byEmail && { groupId: byEmail, linkedBy: "email" };
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
        await this.identities.attach(orders.flatMap(newNodesOf));
    }
}

/** Whose address a customer types does not become that customer. */
function newNodesOf(order: Order) {
    const { person, known } = order;
    if (!person) return [];
    const kinds = person.linkedBy === "email" ? (["email"] as const) : nodeKinds;
    return kinds.flatMap((kind) => {
        const key = order[kind];
        return key && !known[kind] ? [{ ...key, groupId: person.groupId }] : [];
    });
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
        mailbox: a.mailbox ?? b.mailbox,
        codes: [...new Set([...a.codes, ...b.codes])],
        landing: a.landing ?? b.landing,
    };
}

const bothOwners = (a: Ownership | undefined, b: Ownership | undefined): Ownership | undefined =>
    a && b ? { groupId: a.groupId, claimants: [...a.claimants, ...b.claimants] } : (a ?? b);
