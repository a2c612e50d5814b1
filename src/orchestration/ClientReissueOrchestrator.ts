import type { IdentityService, NodeKey } from "@/domain/identity";
import type { Database } from "@/infrastructure/persistence/Database";

/** A browser that is known as somebody else's speaks for a wallet: the visitor is not to suffer for it. */
export class ClientReissueOrchestrator {
    constructor(
        private readonly db: Database,
        private readonly identities: IdentityService
    ) {}

    /** The client id that the browser is to use from now on; nothing when its own will do, which is nearly always. */
    async instead(wallet: NodeKey, client: NodeKey): Promise<string | undefined> {
        if (!(await this.identities.isOfAnotherWallet(wallet, client))) return undefined;
        return this.db.transaction(() => this.identities.reissue(wallet, client));
    }
}
