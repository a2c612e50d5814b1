import {
    type Address,
    type Hex,
    keccak256,
    type PublicClient,
    parseTransaction,
    type TransactionSerializableEIP1559,
} from "viem";
import { type ChainRole, type ChainSigners, chainRoles } from "@/infrastructure/keys/KeyRing";
import type { Database } from "@/infrastructure/persistence/Database";
import { type ChainTransactionId, newId } from "@/utils/ids";
import type { Clock } from "@/utils/time";
import { bumpedFees, type Fees } from "./bumpedFees";
import type { ChainTransactionRepository, NewBytes, Sender } from "./ChainTransactionRepository";
import type { ChainTransaction } from "./db/schema";

export type Call = { to: Address; data: Hex; gas: bigint };
export type SignedTransaction = { id: ChainTransactionId; hash: Hex };
/** What has to be asked of the node before a transaction of the database is opened. */
export type Preparation = { role: ChainRole; fees: Fees };

/**
 * Signs, once for each purpose: a transaction is signed and stored with its nonce, in the database transaction
 * that decides it, and only then broadcast (`ChainFollowingService`). Broadcasting it again is harmless, so a
 * lost answer, a crash or a second process cannot make two of one.
 */
export class ChainTransactionService {
    constructor(
        private readonly db: Database,
        private readonly client: PublicClient,
        private readonly signers: ChainSigners,
        private readonly transactions: ChainTransactionRepository,
        private readonly chainId: number,
        private readonly clock: Clock
    ) {}

    async prepare(role: ChainRole): Promise<Preparation> {
        const sender = this.senderOf(role);
        if (!(await this.transactions.hasNonce(sender))) {
            await this.transactions.startNonces(sender, await this.nonceOnChain(sender, "pending"));
        }
        const fees = await this.client.estimateFeesPerGas();
        return { role, fees };
    }

    /**
     * Signs and stores. Must be called in the database transaction that decides what is sent; `purpose`
     * is unique, so the same decision cannot be signed twice.
     */
    async sign(
        { role, fees }: Preparation,
        purpose: string,
        call: Call
    ): Promise<SignedTransaction> {
        const sender = this.senderOf(role);
        const nonce = await this.transactions.takeNonce(sender);
        const bytes = await this.bytesOf(role, { ...call, ...fees, nonce });
        const id = newId<ChainTransactionId>();
        await this.transactions.add({
            ...sender,
            ...bytes,
            id,
            purpose,
            gas: call.gas,
            status: "signed",
        });
        return { id, hash: bytes.hash };
    }

    findFinal(ids: readonly ChainTransactionId[]): Promise<ChainTransaction[]> {
        return this.transactions.findFinal(ids);
    }

    /** Nobody mines it: the same nonce at a higher fee. Nothing when another process was faster. */
    async outbid(stuck: ChainTransaction): Promise<void> {
        const market = await this.client.estimateFeesPerGas();
        await this.putBytes(stuck, async ({ nonce, raw }) => {
            const old = parsed(raw);
            return { ...callOf(old), ...bumpedFees(feesOf(old), market), nonce };
        });
    }

    /**
     * Its nonce was used by a transaction that is not ours, so it can never be mined: the same call under a
     * new nonce. Should the old one be mined after all (a reorg), contracts know our ids and do nothing twice.
     */
    async renew(superseded: ChainTransaction): Promise<void> {
        const { sender, chainId } = superseded;
        const fees = await this.client.estimateFeesPerGas();
        const atLeast = await this.nonceOnChain({ sender, chainId }, "pending");
        await this.putBytes(superseded, async ({ raw }) => {
            await this.transactions.raiseNonces({ sender, chainId }, atLeast);
            const nonce = await this.transactions.takeNonce({ sender, chainId });
            return { ...callOf(parsed(raw)), ...fees, nonce };
        });
    }

    private async putBytes(
        old: ChainTransaction,
        next: (locked: ChainTransaction) => Promise<Unsigned>
    ): Promise<void> {
        await this.db.transaction(async () => {
            const locked = await this.transactions.lockOpen(old);
            if (!locked) return;
            const bytes = await this.bytesOf(this.roleOf(locked), await next(locked));
            await this.transactions.replace(locked, bytes);
        });
    }

    private async bytesOf(role: ChainRole, unsigned: Unsigned): Promise<NewBytes> {
        const { nonce, maxFeePerGas } = unsigned;
        const raw = await this.signers
            .signer(role)
            .signTransaction({ ...unsigned, type: "eip1559", chainId: this.chainId });
        return { nonce, raw, hash: keccak256(raw), maxFeePerGas, signedAt: this.clock.now() };
    }

    private nonceOnChain({ sender }: Sender, blockTag: "latest" | "pending"): Promise<number> {
        return this.client.getTransactionCount({ address: sender, blockTag });
    }

    private roleOf({ sender }: Pick<ChainTransaction, "sender">): ChainRole {
        const role = chainRoles.find((one) => this.signers.signer(one).address === sender);
        if (!role) throw new Error(`The key of ${sender} is not ours any more`);
        return role;
    }

    private senderOf(role: ChainRole): Sender {
        return { chainId: this.chainId, sender: this.signers.signer(role).address };
    }
}

type Unsigned = Call & Fees & { nonce: number };

const parsed = (raw: Hex) => parseTransaction(raw) as TransactionSerializableEIP1559;

function callOf({ to, data, gas }: TransactionSerializableEIP1559): Call {
    if (!to || gas === undefined) throw new Error("We signed a transaction without address or gas");
    return { to, data: data ?? "0x", gas };
}

const feesOf = (old: TransactionSerializableEIP1559): Fees => ({
    maxFeePerGas: old.maxFeePerGas ?? 0n,
    maxPriorityFeePerGas: old.maxPriorityFeePerGas ?? 0n,
});
