import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import {
    type Address,
    type Client,
    concatHex,
    encodeFunctionData,
    type Hex,
    keccak256,
    type LocalAccount,
    toHex,
} from "viem";
import { entryPoint08Address } from "viem/account-abstraction";
import { getCode, readContract } from "viem/actions";
import { bringAbout, type Step } from "./bringAbout";
import { type ContractAddresses, contractAddresses } from "./contractAddresses";
import { contractCreations } from "./contractCreations";
import { type Creation, create2Deployer, creation } from "./creation";

export type ContractRoles = Record<
    "settler" | "publisher" | "guardian" | "bankManager" | "minter",
    Address
>;

export type DeployContractsOptions = {
    client: Client;
    /** Pays, and may grant roles for ever after. Our addresses follow from it. */
    admin: LocalAccount;
    roles: ContractRoles;
    /** Play money, for development and tests. */
    withTestToken?: boolean;
    /** For chains of our own: public ones have it. */
    withEntryPoint?: boolean;
    onStep?: (text: string) => void;
};

/** The salt that puts the published code of EntryPoint 0.8 at its canonical address. */
const entryPointSalt = "0x0a59dbff790c23c976a548690c27297883cc66b4c67024f9117b0238995e35e9";

/**
 * Deploys what is missing and grants what is not granted; where all is in place it only asks. Two
 * processes may do this at once, and one that dies half-way leaves nothing that the next could not
 * finish.
 */
export async function deployContracts(options: DeployContractsOptions): Promise<ContractAddresses> {
    const { client, admin: sender, onStep = () => undefined } = options;
    if (!(await hasCode(client, create2Deployer))) {
        throw new Error(`This chain has no CREATE2 deployer at ${create2Deployer}`);
    }
    for (const step of [...(await deployments(options)), ...grants(options)]) {
        await bringAbout(step, { client, sender, onStep });
    }
    return contractAddresses(sender.address);
}

async function deployments(options: DeployContractsOptions): Promise<Step[]> {
    const { client, admin, withTestToken, withEntryPoint } = options;
    const creations = contractCreations(admin.address);
    const steps = [
        deployment("RewardsHub", creations.rewardsHub, client),
        deployment("PasskeyAccountFactory", creations.passkeyAccountFactory, client),
        deployment("MerchantRegistry", creations.merchantRegistry, client),
    ];
    if (withTestToken) steps.push(deployment("TestToken", creations.testToken, client));
    if (withEntryPoint) steps.push(deployment("EntryPoint", await entryPoint(), client));
    return steps;
}

function deployment(name: string, { address, salt, code }: Creation, client: Client): Step {
    return {
        text: `Deploying ${name} to ${address}`,
        to: create2Deployer,
        data: concatHex([salt, code]),
        isSo: () => hasCode(client, address),
    };
}

/** Loaded only when asked for: production has no use for it. */
async function entryPoint(): Promise<Creation> {
    const artifact = await import("@account-abstraction/contracts/artifacts/EntryPoint.json");
    const made = creation(artifact.default.bytecode as Hex, entryPointSalt);
    if (made.address === entryPoint08Address) return made;
    throw new Error(`The EntryPoint of @account-abstraction/contracts belongs to ${made.address}`);
}

function grants({ client, admin, roles, withTestToken }: DeployContractsOptions): Step[] {
    const { rewardsHub, merchantRegistry, testToken } = contractAddresses(admin.address);
    const grant = (role: string, holder: Address, contract = rewardsHub) =>
        roleGrant(client, contract, { role, holder });
    const always = [
        grant("SETTLER_ROLE", roles.settler),
        grant("PUBLISHER_ROLE", roles.publisher),
        grant("GUARDIAN_ROLE", roles.guardian),
        grant("BANK_MANAGER_ROLE", roles.bankManager),
        grant("REGISTRAR_ROLE", roles.minter, merchantRegistry),
    ];
    return withTestToken ? [...always, grant("MINTER_ROLE", roles.minter, testToken)] : always;
}

type Grant = { role: string; holder: Address };

/** All our contracts grant roles as the hub does. */
function roleGrant(client: Client, address: Address, { role, holder }: Grant): Step {
    const { abi } = RewardsHub;
    const args = [keccak256(toHex(role)), holder] as const;
    return {
        text: `Granting ${role} to ${holder}`,
        to: address,
        data: encodeFunctionData({ abi, functionName: "grantRole", args }),
        isSo: () => readContract(client, { abi, address, functionName: "hasRole", args }),
    };
}

async function hasCode(client: Client, address: Address): Promise<boolean> {
    return (await getCode(client, { address })) !== undefined;
}
