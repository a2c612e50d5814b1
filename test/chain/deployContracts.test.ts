import { RewardsHub } from "@contracts/artifacts/RewardsHub";
import { type Address, type Hex, keccak256, type LocalAccount, size, toHex } from "viem";
import { afterEach, beforeEach, describe, expect, test } from "vitest";
import { contractAddresses } from "@/infrastructure/blockchain/contractAddresses";
import {
    type DeployContractsOptions,
    deployContracts,
} from "@/infrastructure/blockchain/deployContracts";
import { LocalChain } from "@/infrastructure/embedded/LocalChain";
import { type ChainClient, chainClient, people } from "../fixtures/teaChain";

const { admin, ada, eve, zoe } = people;
const roles = {
    settler: people.settler.address,
    publisher: people.publisher.address,
    guardian: people.guardian.address,
    bankManager: people.bankManager.address,
    minter: people.minter.address,
};
const addresses = contractAddresses(admin.address);

let chain: LocalChain;
let client: ChainClient;
beforeEach(async () => {
    chain = await LocalChain.start();
    client = chainClient(chain.url);
});
afterEach(() => chain.stop());

const deploy = (options: Partial<DeployContractsOptions> = {}) =>
    deployContracts({ client: chainClient(chain.url), admin, roles, ...options });
const everything = { withTestToken: true, withEntryPoint: true };
const codeSize = async (address: Address) => size((await client.getCode({ address })) ?? "0x");
const hasRole = (role: string, holder: Address, address = addresses.rewardsHub) =>
    client.readContract({
        address,
        abi: RewardsHub.abi,
        functionName: "hasRole",
        args: [keccak256(toHex(role)), holder],
    });

describe("a deployment", () => {
    test("puts everything where it was known to be, with the roles it was told", async () => {
        expect(await deploy(everything)).toEqual(addresses);

        for (const address of Object.values(addresses))
            expect(await codeSize(address)).toBeGreaterThan(40);
        expect(await hasRole("SETTLER_ROLE", roles.settler)).toBe(true);
        expect(await hasRole("PUBLISHER_ROLE", roles.publisher)).toBe(true);
        expect(await hasRole("GUARDIAN_ROLE", roles.guardian)).toBe(true);
        expect(await hasRole("BANK_MANAGER_ROLE", roles.bankManager)).toBe(true);
        expect(await hasRole("MINTER_ROLE", roles.minter, addresses.testToken)).toBe(true);
        expect(await hasRole("SETTLER_ROLE", eve.address)).toBe(false);
    });

    test("agrees with what the hub says of its factory, and the factory of its bank", async () => {
        await deploy();
        const hub = { address: addresses.rewardsHub, abi: RewardsHub.abi } as const;

        expect(await client.readContract({ ...hub, functionName: "BANK_FACTORY" })).toBe(
            addresses.bankFactory
        );
    });

    test("brings neither play money nor an EntryPoint unless asked", async () => {
        await deploy();

        expect(await codeSize(addresses.testToken)).toBe(0);
        expect(await codeSize(addresses.entryPoint)).toBe(0);
        expect(await codeSize(addresses.passkeyAccountFactory)).toBeGreaterThan(40);
    });

    test("tells of each of its steps", async () => {
        const steps: string[] = [];
        await deploy({ onStep: (text) => steps.push(text) });

        expect(steps).toHaveLength(8);
        expect(steps[0]).toBe(`Deploying RewardsHub to ${addresses.rewardsHub}`);
        expect(steps[3]).toBe(`Granting SETTLER_ROLE to ${roles.settler}`);
    });

    test("follows from the admin, and from no key that may be replaced", () => {
        expect(contractAddresses(admin.address)).toEqual(addresses);
        expect(contractAddresses(ada.address).rewardsHub).not.toBe(addresses.rewardsHub);
        expect(contractAddresses(ada.address).bankFactory).not.toBe(addresses.bankFactory);
        expect(contractAddresses(ada.address).passkeyAccountFactory).toBe(
            addresses.passkeyAccountFactory
        );
    });
});

describe("another deployment", () => {
    test("sends nothing", async () => {
        await deploy(everything);
        const sent = await client.getTransactionCount({ address: admin.address });
        const steps: string[] = [];

        await deploy({ ...everything, onStep: (text) => steps.push(text) });

        expect(steps).toEqual([]);
        expect(await client.getTransactionCount({ address: admin.address })).toBe(sent);
    });

    test("with a new settler grants that, and moves nothing", async () => {
        await deploy();
        const steps: string[] = [];

        const moved = await deploy({
            roles: { ...roles, settler: zoe.address },
            onStep: (text) => steps.push(text),
        });

        expect(moved).toEqual(addresses);
        expect(steps).toEqual([`Granting SETTLER_ROLE to ${zoe.address}`]);
        expect(await hasRole("SETTLER_ROLE", zoe.address)).toBe(true);
    });

    test("finishes what one that died left half done", async () => {
        const dying = deploy({
            ...everything,
            onStep: (text) => {
                if (text.startsWith("Granting PUBLISHER")) throw new Error("killed");
            },
        });
        await expect(dying).rejects.toThrow("killed");
        expect(await hasRole("PUBLISHER_ROLE", roles.publisher)).toBe(false);

        await deploy(everything);
        expect(await hasRole("PUBLISHER_ROLE", roles.publisher)).toBe(true);
        expect(await hasRole("MINTER_ROLE", roles.minter, addresses.testToken)).toBe(true);
    });

    test("at the same time, even several of them, gets there as well", async () => {
        const answers = await Promise.all([1, 2, 3, 4].map(() => deploy(everything)));

        expect(answers).toEqual([addresses, addresses, addresses, addresses]);
        for (const address of Object.values(addresses))
            expect(await codeSize(address)).toBeGreaterThan(40);
        expect(await hasRole("MINTER_ROLE", roles.minter, addresses.testToken)).toBe(true);
    });
});

describe("a deployment that cannot be", () => {
    test("says which of its steps failed, and why", async () => {
        const poor: LocalAccount = eve;
        await client.setBalance({ address: poor.address, value: 0n });

        const failing = deploy({ admin: poor });

        await expect(failing).rejects.toThrow(/^Deploying RewardsHub to 0x\w{40} failed$/);
        await expect(failing).rejects.toMatchObject({
            cause: { name: "TransactionExecutionError" },
        });
    });

    test("says when the chain has no CREATE2 deployer", async () => {
        const address: Hex = "0x4e59b44847b379578588920cA78FbF26c0B4956C";
        await client.setCode({ address, bytecode: "0x" });

        await expect(deploy()).rejects.toThrow(`no CREATE2 deployer at ${address}`);
    });
});
