import type {
    IdentityService,
    MailCodeService,
    NodeKey,
    PersonalValueService,
} from "@/domain/identity";
import type { PurchaseService } from "@/domain/purchases";
import type { Database } from "@/infrastructure/persistence/Database";
import type { Queue } from "@/infrastructure/queue/Queue";
import { ConflictError, UnavailableError } from "@/utils/errors";
import type { GroupId } from "@/utils/ids";
import type { IdentityMergeService } from "./IdentityMergeService";
import type { PurchaseConsequenceService } from "./PurchaseConsequenceService";
import type { MailboxRepository } from "./read";

type People = {
    identities: IdentityService;
    values: PersonalValueService;
    codes: MailCodeService;
    merges: IdentityMergeService;
};
type Orders = {
    mailboxes: MailboxRepository;
    purchases: PurchaseService;
    consequences: PurchaseConsequenceService;
};
export type EmailProof = { wallet: NodeKey; email: string; code: string };

/** Somebody says that a mail address is theirs, and proves it with the code that was sent there. */
export class EmailProofOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly people: People,
        private readonly orders: Orders,
        private readonly queue: Queue,
        private readonly isMailOn: boolean
    ) {}

    /** Until when the code is good. Whose the address is is not asked, so nobody learns it here. */
    async ask(wallet: NodeKey, email: string): Promise<Date> {
        if (!this.isMailOn) throw mailOff();
        return this.db.transaction(async () => {
            const [groupId] = await this.people.identities.resolve([wallet]);
            if (!groupId) throw new Error("A wallet resolves to one person");
            const expiresAt = await this.people.codes.issue(groupId, email);
            await this.queue.wake("sendMailCodes");
            return expiresAt;
        });
    }

    /**
     * The mailbox is the wallet's from now on, and so is whatever came with its address and is nobody else's. Throws
     * `CODE_INVALID`, or `WALLET_CONFLICT` where another wallet has proved it before.
     */
    async prove({ wallet, email, code }: EmailProof): Promise<void> {
        const { identities, codes } = this.people;
        const [groupId] = await this.db.transaction(() => identities.resolve([wallet]));
        if (!groupId) throw new Error("A wallet resolves to one person");
        const codeId = await codes.check({ groupId, email, code });
        await this.db.transaction(async () => {
            const owner = await this.unite(wallet, email, { codeId });
            await this.people.values.remember(owner, email);
            const linked = await this.orders.purchases.linkByEmail(owner, email);
            await this.orders.consequences.follow(linked);
            // Spent last: whoever merges locks people first.
            await codes.spend(codeId);
        });
    }

    private async unite(
        wallet: NodeKey,
        email: string,
        evidence: Record<string, unknown>
    ): Promise<GroupId> {
        const keys = [wallet, this.people.identities.keyOf({ kind: "email", email })];
        const groups = await this.lockNameless(keys, email);
        const why = { reason: "verifiedEmail", evidence };
        const united = await this.people.merges.unite({ ...why, keys, groups });
        if (united === "walletConflict") throw provedByAnother();
        return united;
    }

    /** Asked again once they are ours alone: one of them may have become known meanwhile. */
    private async lockNameless(keys: readonly NodeKey[], email: string): Promise<GroupId[]> {
        const { identities } = this.people;
        const { mailboxes, purchases } = this.orders;
        const lookup = purchases.emailLookup(email);
        await identities.resolveToMerge(keys, await mailboxes.namelessOf(lookup));
        const nameless = await mailboxes.namelessOf(lookup);
        await identities.keepOnlyEmail(nameless, lookup);
        await purchases.weakenLinks(nameless);
        return nameless;
    }
}

const mailOff = () =>
    new UnavailableError("MAIL_NOT_CONFIGURED", "This server is not set up to send mail");
const provedByAnother = () =>
    new ConflictError(
        "WALLET_CONFLICT",
        "Another wallet has proved this address; only both wallets together can become one"
    );
