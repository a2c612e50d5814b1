import type { ChainSigners } from "../keys/KeyRing";
import type { ContractRoles } from "./deployContracts";

/** Which of our keys holds which role of the contracts. The admin is the guardian, too. */
export function roleAddresses(signers: ChainSigners): ContractRoles {
    return {
        settler: signers.signer("settler").address,
        publisher: signers.signer("publisher").address,
        bankManager: signers.signer("bankManager").address,
        minter: signers.signer("minter").address,
        guardian: signers.signer("admin").address,
    };
}
