import type { Binary, Db } from "mongodb";
import type { Address } from "viem";
import type { MongoConnection } from "@/infrastructure/persistence/MongoConnection";
import { later, minutes } from "@/utils/time";
import type { Authenticator, AuthenticatorStore, Removal, Use } from "./AuthenticatorStore";

type Document = Omit<Authenticator, "credentialId" | "coseKey"> & {
    _id: string;
    coseKey: Binary | Buffer;
    /** Somebody is about to remove it, and counts on the others to stay. */
    removingAt?: Date;
};

const duplicateKey = 11_000;
/** After this long whoever was about to remove one is gone. */
const removalMs = minutes(1);

/** One document a passkey; the credential id is `_id`, so it is unique by MongoDB's own doing. */
export class MongoAuthenticatorRepository implements AuthenticatorStore {
    constructor(private readonly mongo: MongoConnection) {}

    static async prepare(db: Db): Promise<void> {
        await db.collection("authenticators").createIndex({ wallet: 1 });
    }

    add({ credentialId, coseKey, ...rest }: Authenticator): Promise<boolean> {
        const document = { _id: credentialId, coseKey: Buffer.from(coseKey), ...rest };
        return this.mongo.run(async (db) => {
            const added = db.collection<Document>("authenticators").insertOne(document);
            return added.then(
                () => true,
                (error) => {
                    if (error?.code === duplicateKey) return false;
                    throw error;
                }
            );
        });
    }

    find(credentialId: string): Promise<Authenticator | undefined> {
        return this.mongo.run(async (db) => {
            const found = await db
                .collection<Document>("authenticators")
                .findOne({ _id: credentialId });
            return found ? asAuthenticator(found) : undefined;
        });
    }

    findOfWallet(wallet: Address): Promise<Authenticator[]> {
        return this.mongo.run(async (db) => {
            const found = db.collection<Document>("authenticators").find({ wallet });
            return (await found.sort({ createdAt: 1 }).toArray()).map(asAuthenticator);
        });
    }

    use(credentialId: string, { counter, backedUp, at }: Use): Promise<boolean> {
        const isNewer = [{ counter: { $lt: counter } }, ...(counter === 0 ? [{ counter: 0 }] : [])];
        return this.mongo.run(async (db) => {
            const { matchedCount } = await db
                .collection<Document>("authenticators")
                .updateOne(
                    { _id: credentialId, $or: isNewer },
                    { $set: { counter, backedUp, lastUsedAt: at } }
                );
            return matchedCount > 0;
        });
    }

    /**
     * Without transactions: it is marked first, and goes if one without a mark is left. Two that are removed
     * at once both see the other's mark and both stay; dying in between leaves a mark that is soon ignored.
     */
    removeUnlessLast({ wallet, credentialId: _id, at }: Removal): Promise<boolean> {
        return this.mongo.run(async (db) => {
            const passkeys = db.collection<Document>("authenticators");
            const { matchedCount } = await passkeys.updateOne(
                { _id, wallet },
                { $set: { removingAt: at } }
            );
            if (matchedCount === 0) return true;
            const isStaying = [
                { removingAt: { $exists: false } },
                { removingAt: { $lte: later(at, -removalMs) } },
            ];
            const staying = await passkeys.countDocuments({ wallet, $or: isStaying });
            if (staying > 0) await passkeys.deleteOne({ _id });
            else await passkeys.updateOne({ _id }, { $unset: { removingAt: "" } });
            return staying > 0;
        });
    }

    async forgetDevices(wallet: Address): Promise<void> {
        await this.mongo.run((db) =>
            db
                .collection<Document>("authenticators")
                .updateMany({ wallet }, { $set: { label: null, userAgent: null } })
        );
    }
}

const asAuthenticator = ({ _id, coseKey, removingAt: _, ...rest }: Document): Authenticator => ({
    ...rest,
    credentialId: _id,
    coseKey: new Uint8Array(Buffer.isBuffer(coseKey) ? coseKey : coseKey.buffer),
});
