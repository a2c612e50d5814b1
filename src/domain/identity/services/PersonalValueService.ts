import { randomBytes } from "node:crypto";
import { SecretBox } from "@/infrastructure/crypto/SecretBox";
import { type GroupId, newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import type { PersonKeyId } from "../db/schema";
import type { IdentityRepository, Node } from "../repositories/IdentityRepository";
import type { PersonKey, PersonKeyRepository } from "../repositories/PersonKeyRepository";
import { plainEmail } from "./emailKeyOf";
import type { IdentityService } from "./IdentityService";

/**
 * A person's own values, under a key of theirs. The envelope: their key is sealed with ours (`ENCRYPTION_KEYS`), and
 * the values with theirs, so that destroying one row makes all copies of them unreadable.
 */
export class PersonalValueService {
    constructor(
        private readonly identities: IdentityService,
        private readonly nodes: IdentityRepository,
        private readonly keys: PersonKeyRepository,
        private readonly secretBox: SecretBox,
        private readonly clock: Clock
    ) {}

    /**
     * Keeps a mail address that the person has, so that it can be found and erased. Must be called in the transaction
     * that holds the group.
     */
    async remember(groupId: GroupId, email: string): Promise<void> {
        const { kind, lookup } = this.identities.keyOf({ kind: "email", email });
        const node = (await this.nodes.findNodes(groupId)).find(
            (one) => one.kind === kind && one.lookup === lookup
        );
        if (!node) return;
        const key = await this.keyOf(groupId);
        const sealed = this.boxOf(key).seal(plainEmail(email), contextOf(node));
        await this.nodes.putSealed(node.id, sealed, key.id);
    }

    /** The values that are kept of a person. */
    async reveal(groupId: GroupId): Promise<string[]> {
        const nodes = await this.nodes.findNodes(groupId);
        const ids = nodes.flatMap(({ keyId }) => (keyId ? [keyId] : []));
        const keys = new Map((await this.keys.findMany(ids)).map((key) => [key.id, key]));
        return nodes.flatMap((node) => this.open(node, keys));
    }

    private open(node: Node, keys: ReadonlyMap<PersonKeyId, PersonKey>): string[] {
        const key = node.keyId ? keys.get(node.keyId) : undefined;
        return key && node.sealed ? [this.boxOf(key).open(node.sealed, contextOf(node))] : [];
    }

    private async keyOf(groupId: GroupId): Promise<PersonKey> {
        const [known] = await this.keys.findOfGroup(groupId);
        if (known) return known;
        const id = newId<PersonKeyId>();
        const sealedKey = this.secretBox.seal(
            randomBytes(32).toString("base64url"),
            `person-key:${id}`
        );
        const key = { id, groupId, sealedKey, createdAt: this.clock.now() };
        await this.keys.add(key);
        return key;
    }

    private boxOf({ id, sealedKey }: PersonKey): SecretBox {
        return new SecretBox([this.secretBox.open(sealedKey, `person-key:${id}`)]);
    }
}

const contextOf = ({ id }: Node): string => `identity-node:${id}`;
