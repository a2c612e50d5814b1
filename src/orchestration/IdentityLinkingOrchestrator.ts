import type {
    HandoverKind,
    HandoverService,
    IdentityService,
    Issued,
    NodeKey,
} from "@/domain/identity";
import type { MerchantService } from "@/domain/merchant";
import type { Database } from "@/infrastructure/persistence/Database";
import { ConflictError, InvalidError, NotFoundError, UnauthenticatedError } from "@/utils/errors";
import type { GroupId, MerchantId } from "@/utils/ids";
import type { IdentityMergeService, Union } from "./IdentityMergeService";
import type { WalletConnectionService } from "./WalletConnectionService";

export type LinkedShop = { id: MerchantId; name: string; domain: string };
type Handed = { kind: HandoverKind; merchantId: MerchantId; person: NodeKey };

/** Somebody says that a browser, another browser and a wallet are all theirs, and proves it. */
export class IdentityLinkingOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly merchants: MerchantService,
        private readonly identities: IdentityService,
        private readonly handovers: HandoverService,
        private readonly people: IdentityMergeService,
        private readonly connections: WalletConnectionService
    ) {}

    /** The browser is the wallet's from now on. Throws `WALLET_CONFLICT` when it is another wallet's. */
    async ensure(wallet: NodeKey, client: NodeKey): Promise<"linked" | "alreadyLinked"> {
        const [one, other] = await this.identities.find([wallet, client]);
        if (one && one === other) return "alreadyLinked";
        const { lookup } = wallet;
        const { merchantId } = client;
        const keys = [wallet, client];
        const why = { reason: "ensure", evidence: {}, isNew: false };
        assertUnited(await this.connections.connect({ ...why, keys, wallet: lookup, merchantId }));
        return "linked";
    }

    /** Something to show on another device, once, to be known there. Throws `MERCHANT_NOT_FOUND`. */
    async handOut({ kind, merchantId, person }: Handed): Promise<Issued> {
        await this.merchants.get(merchantId);
        return this.db.transaction(async () => {
            const [groupId] = await this.identities.resolve([person]);
            if (!groupId) throw new Error("Whoever hands over resolves to one person");
            return this.handovers.issue({ kind, groupId, merchantId });
        });
    }

    /**
     * Whoever shows the token is who it was made by. A refusal spends nothing. Throws `TOKEN_INVALID`,
     * `MERCHANT_MISMATCH` or `WALLET_CONFLICT`. False when they were one already.
     */
    async merge(token: string, merchantId: MerchantId, target: NodeKey): Promise<boolean> {
        const presented = { kind: "mergeToken", secret: token } as const;
        return this.db.transaction(async () => {
            const handover = await this.handovers.find(presented);
            if (!handover) throw tokenInvalid();
            if (handover.merchantId !== merchantId) throw merchantMismatch();
            const { groupId } = handover;
            const [before] = await this.identities.find([target]);
            const union = { keys: [target], groups: [groupId], reason: "mergeToken", evidence: {} };
            await this.unite(union);
            // Taken last: whoever merges locks people first.
            if (!(await this.handovers.take(presented))) throw tokenInvalid();
            return before !== groupId;
        });
    }

    /** What the browser that made the code has is the wallet's. Throws `CODE_NOT_FOUND` or `WALLET_CONFLICT`. */
    async redeem(code: string, wallet: NodeKey): Promise<LinkedShop> {
        const presented = { kind: "installCode", secret: code } as const;
        const merchantId = await this.db.transaction(async () => {
            const handover = await this.handovers.find(presented);
            if (!handover) throw codeNotFound();
            const { groupId } = handover;
            const union = {
                keys: [wallet],
                groups: [groupId],
                reason: "installCode",
                evidence: {},
            };
            await this.unite(union);
            if (!(await this.handovers.take(presented))) throw codeNotFound();
            return handover.merchantId;
        });
        const { name } = await this.merchants.get(merchantId);
        return { id: merchantId, name, domain: await this.merchants.mainDomain(merchantId) };
    }

    private async unite(union: Union): Promise<void> {
        assertUnited(await this.people.unite(union));
    }
}

function assertUnited(united: GroupId | "walletConflict"): void {
    if (united !== "walletConflict") return;
    throw new ConflictError(
        "WALLET_CONFLICT",
        "This browser belongs to another wallet; only both wallets together can become one"
    );
}

const tokenInvalid = () =>
    new UnauthenticatedError("TOKEN_INVALID", "This token is unknown, spent or expired");
const merchantMismatch = () =>
    new InvalidError("MERCHANT_MISMATCH", "This token was made at another shop");
const codeNotFound = () =>
    new NotFoundError("CODE_NOT_FOUND", "This code is unknown, spent or expired");
