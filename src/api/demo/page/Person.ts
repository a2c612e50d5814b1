import { ask } from "./ask";
import { type Challenge, makePasskey, usePasskey } from "./passkey";
import type { Reward, TokenAmount, Why } from "./shapes";

export type Session = { accessToken: string; wallet: string; credentialId: string };
type Balance = { balances: TokenAmount[] };

const api = "/wallet/v1";

/** Somebody with a browser of their own (here they share one) and, once they want one, a wallet. */
export class Person {
    session: Session | undefined;
    private readonly clientId = crypto.randomUUID();

    constructor(
        readonly name: string,
        private readonly merchantId: string
    ) {}

    /** Where the page shows them. */
    get card(): string {
        return this.name.toLowerCase();
    }

    /** What a shop writes on the order, so that it is known whose it was. */
    get browser(): string {
        return this.clientId;
    }

    async makeWallet(): Promise<Session> {
        const challenge = await this.challenge("register");
        const credential = await makePasskey(challenge, this.name);
        return this.proven("register", challenge, credential);
    }

    async signIn(): Promise<Session> {
        const challenge = await this.challenge("login");
        const credential = await usePasskey(challenge, this.session?.credentialId ?? "");
        return this.proven("login", challenge, credential);
    }

    shareLink(): Promise<{ code: string; url: string }> {
        return this.get(`/referral/link?merchantId=${this.merchantId}`);
    }

    arrive(landingUrl: string): Promise<{ touchpointId: string; referred: boolean }> {
        return this.post("/track/arrival", { merchantId: this.merchantId, landingUrl });
    }

    async rewardFor(purchaseId: string): Promise<Reward | undefined> {
        const { items } = await this.get<{ items: Reward[] }>(
            `/rewards?merchantId=${this.merchantId}`
        );
        return items.find((reward) => reward.purchaseId === purchaseId);
    }

    why(reward: Reward): Promise<Why> {
        return this.get(`/rewards/${reward.id}/why?merchantId=${this.merchantId}`);
    }

    /** What the wallet holds on chain; nothing while there is none. */
    async balance(): Promise<TokenAmount | undefined> {
        if (!this.session) return undefined;
        const { balances } = await this.get<Balance>("/balance");
        return balances[0];
    }

    private challenge(purpose: "register" | "login"): Promise<Challenge> {
        return this.post("/auth/challenge", { purpose });
    }

    private async proven(
        how: "register" | "login",
        { challengeId }: Challenge,
        credential: unknown
    ): Promise<Session> {
        const { merchantId, name } = this;
        const label = how === "register" ? { label: `${name}'s passkey` } : {};
        const proof = { challengeId, credential, merchantId, ...label };
        this.session = await this.post<Session>(`/auth/${how}`, proof);
        return this.session;
    }

    private get<Answer>(path: string): Promise<Answer> {
        return ask(`${api}${path}`, { headers: this.headers() });
    }

    private post<Answer>(path: string, json: unknown): Promise<Answer> {
        return ask(`${api}${path}`, { json, headers: this.headers() });
    }

    private headers(): Record<string, string> {
        const token = this.session ? { "x-wallet-auth": this.session.accessToken } : {};
        return { "x-client-id": this.clientId, ...token };
    }
}
