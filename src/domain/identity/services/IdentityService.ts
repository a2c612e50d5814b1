import { LRUCache } from "lru-cache";
import { type Address, getAddress } from "viem";
import type { Lookups } from "@/infrastructure/crypto/Lookups";
import { MicroBatch } from "@/infrastructure/persistence/MicroBatch";
import { type GroupId, type MerchantId, newId } from "@/utils/ids";
import { minutes } from "@/utils/time";
import type { IdentityRepository, Node, NodeKey } from "../repositories/IdentityRepository";
import { emailKeyOf } from "./emailKeyOf";

/** An identifier as it reaches us. A client id is a secret of one browser on one shop. */
export type Identifier =
    | { kind: "client"; clientId: string; merchantId: MerchantId }
    | { kind: "wallet"; wallet: Address }
    | { kind: "email"; email: string };

/** One more identifier of somebody. */
export type Attached = NodeKey & { groupId: GroupId };

export class IdentityService {
    private readonly recent = new LRUCache<string, GroupId>({ max: 100_000, ttl: minutes(1) });
    private readonly knowing = new MicroBatch<NodeKey, boolean>((keys) => this.areKnown(keys));

    constructor(
        private readonly identities: IdentityRepository,
        private readonly lookups: Lookups
    ) {}

    /** The form in which a client id is stored and compared. */
    clientLookup(clientId: string): string {
        return this.lookups.of("client", clientId.toLowerCase());
    }

    keyOf(identifier: Identifier): NodeKey {
        const { kind } = identifier;
        if (kind === "wallet") {
            return { kind, lookup: identifier.wallet.toLowerCase(), merchantId: null };
        }
        if (kind === "email") return emailKeyOf(this.lookups, identifier.email);
        const { clientId, merchantId } = identifier;
        return { kind, lookup: this.clientLookup(clientId), merchantId };
    }

    /**
     * The person behind each identifier, made where there was none, and held until the transaction ends:
     * what the caller writes under them cannot be stranded by a merge. Must be called in a transaction,
     * before it locks anything that belongs to a person.
     */
    async resolve(keys: readonly NodeKey[]): Promise<GroupId[]> {
        const groups = await this.findOrMake(keys);
        return this.inPlace(groups, await this.identities.hold(groups));
    }

    /**
     * As `resolve`, but nobody else writes under them meanwhile, and nobody else merges anybody: for who is about
     * to merge them, with `others` that are known by their groups. Groups that are one already are neither held nor
     * locked.
     */
    async resolveToMerge(
        keys: readonly NodeKey[],
        others: readonly GroupId[] = []
    ): Promise<GroupId[]> {
        const groups = [...(await this.findOrMake(keys)), ...others];
        if (new Set(groups).size === 1) return groups;
        await this.identities.lockMerges();
        return this.inPlace(groups, await this.identities.lockAlone(groups));
    }

    /**
     * As `resolve`, but nobody is held and what was known a minute ago is believed: for statements that hold
     * the groups themselves as they write (`hold_groups`).
     */
    async resolveLoosely(keys: readonly NodeKey[]): Promise<GroupId[]> {
        const names = keys.map(nameOf);
        const unknown = keys.filter((_, index) => !this.recent.has(names[index] as string));
        const found = unknown.length > 0 ? await this.findOrMake(unknown) : [];
        for (const [index, key] of unknown.entries()) {
            this.recent.set(nameOf(key), found[index] as GroupId);
        }
        return names.map((name) => this.recent.get(name) as GroupId);
    }

    /** The people behind those identifiers that are known. Nobody is made, nobody is held. */
    async find(keys: readonly NodeKey[]): Promise<(GroupId | undefined)[]> {
        const groups = await this.identities.findGroups(keys);
        return keys.map((_, position) => groups.get(position));
    }

    /** Whether this is somebody's. Many ask at once, and outside of any transaction of theirs. */
    isKnown(key: NodeKey): Promise<boolean> {
        return this.knowing.add(key);
    }

    /** Where each group leads to now, held until the transaction ends. */
    hold(ids: readonly GroupId[]): Promise<Map<GroupId, GroupId>> {
        return this.identities.hold(ids);
    }

    /** Whether a browser is known as that of another wallet than the one it speaks for. */
    async isOfAnotherWallet(wallet: NodeKey, client: NodeKey): Promise<boolean> {
        const [theirs] = await this.find([client]);
        if (!theirs) return false;
        const owner = (await this.identities.findWallets([theirs])).get(theirs);
        return owner !== undefined && owner !== wallet.lookup;
    }

    /**
     * Another client id on the same shop, this wallet's from the start, and the same one however often it is asked for:
     * the old one stays whose it is. Must be called in a transaction.
     */
    async reissue(wallet: NodeKey, client: NodeKey): Promise<string> {
        const { merchantId } = client;
        const [groupId] = await this.resolve([wallet]);
        if (!groupId || !merchantId) throw new Error("A client id is a wallet's on one shop");
        const secret = this.lookups.commitment("reissue", `${wallet.lookup}:${client.lookup}`);
        const clientId = asUuid(secret.slice(2));
        await this.identities.link(groupId, this.keyOf({ kind: "client", clientId, merchantId }));
        return clientId;
    }

    /** The live identifiers of a person. */
    nodesOf(groupId: GroupId): Promise<Node[]> {
        return this.identities.findNodes(groupId);
    }

    /** Nothing that was known a minute ago is believed any more, in this process. */
    forgetRecent(): void {
        this.recent.clear();
    }

    /** More identifiers of people that are known and held. One that is somebody's already stays theirs. */
    async attach(nodes: readonly Attached[]): Promise<void> {
        const fresh = new Map(nodes.map((node) => [nameOf(node), { ...node, id: newId() }]));
        await this.identities.attach([...fresh.values()]);
    }

    /** People whom shops know by a mail address go on by that alone: a customer's number is not proved by a mailbox. */
    async keepOnlyEmail(ids: readonly GroupId[], lookup: string): Promise<void> {
        await this.identities.deleteCustomers(ids, lookup);
    }

    async walletsOf(ids: readonly GroupId[]): Promise<Map<GroupId, Address>> {
        const wallets = await this.identities.findWallets(ids);
        return new Map([...wallets].map(([id, wallet]) => [id, getAddress(wallet)]));
    }

    private async areKnown(keys: readonly NodeKey[]): Promise<boolean[]> {
        return (await this.find(keys)).map((group) => group !== undefined);
    }

    private async findOrMake(keys: readonly NodeKey[]): Promise<GroupId[]> {
        const known = await this.identities.findGroups(keys);
        const missing = keys.flatMap((key, position) =>
            known.has(position) ? [] : [{ key, position }]
        );
        if (missing.length > 0) {
            const made = await this.make(missing.map(({ key }) => key));
            for (const [index, { position }] of missing.entries()) {
                known.set(position, made[index] as GroupId);
            }
        }
        return keys.map((_, position) => known.get(position) as GroupId);
    }

    /** One group per identifier, though many may name it. Where somebody was faster, theirs is the one that counts. */
    private async make(keys: readonly NodeKey[]): Promise<GroupId[]> {
        const nodes = new Map(keys.map((key) => [nameOf(key), asNewNode(key)]));
        const made = await this.identities.insertNodes([...nodes.values()]);
        const late = [...nodes].filter(([, { groupId }]) => !made.has(groupId));
        const theirs = await this.identities.findGroups(late.map(([, node]) => node));
        for (const [index, [, node]] of late.entries()) node.groupId = theirs.get(index) as GroupId;
        return keys.map((key) => nodes.get(nameOf(key))?.groupId as GroupId);
    }

    private inPlace(groups: readonly GroupId[], leadsTo: ReadonlyMap<GroupId, GroupId>): GroupId[] {
        return groups.map((group) => leadsTo.get(group) as GroupId);
    }
}

const nameOf = ({ kind, lookup, merchantId }: NodeKey): string => `${kind}:${merchantId}:${lookup}`;

const asNewNode = (key: NodeKey) => ({
    ...key,
    id: newId(),
    groupId: newId<GroupId>(),
});

/** Some 120 of these bits as a UUID of version 8 (RFC 9562 §5.8), which is free for one's own use. */
const asUuid = (hex: string): string =>
    `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
