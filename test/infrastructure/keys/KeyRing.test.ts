import { describe, expect, test } from "vitest";
import { chainRoles, KeyRing } from "@/infrastructure/keys/KeyRing";

const masterKey = Buffer.alloc(32, 0x11);
const ring = new KeyRing(masterKey);

describe("the keys of a master key", () => {
    test("are the same for ever: whoever holds the master key holds the banks", () => {
        const addresses = chainRoles.map(
            (role) => `${role} ${new KeyRing(masterKey).signer(role).address}`
        );
        expect(addresses).toMatchInlineSnapshot(`
          [
            "admin 0x9F290CD795284D6865d53dE29001BDaD5e1b8ECa",
            "settler 0x988FD8D1c76DF284E9dFac87317a59aEC24F1E1B",
            "publisher 0x3c09FE2a5aaE2606aEB9b5bCa92F1d6F2E9D5210",
            "bankManager 0x705fF35558a205cd3f69026921E35107504c530B",
            "minter 0xBc7135474aF3B81B30a4beF834603F4f6e54b636",
          ]
        `);
        expect(ring.derive("lookups/v1").toString("hex")).toMatchInlineSnapshot(
            `"f77a65a6f191eddc9d78b3584db124e73cd002ddf833bbe0fff662bc46b71437"`
        );
    });

    test("are all different, and different from every other secret derived from it", () => {
        const keys = chainRoles.map((role) => ring.signer(role).address);
        const purposes = ["lookups/v1", "domain-proof/v1", ...chainRoles];
        const secrets = purposes.map((purpose) => ring.derive(purpose).toString("hex"));
        expect(new Set([...keys, ...secrets]).size).toBe(keys.length + secrets.length);
    });

    test("of another master key are others", () => {
        const other = new KeyRing(Buffer.alloc(32, 0x12));
        for (const role of chainRoles) {
            expect(other.signer(role).address).not.toBe(ring.signer(role).address);
        }
        expect(other.derive("lookups/v1").equals(ring.derive("lookups/v1"))).toBe(false);
    });
});

test("a signer signs as who it says it is", async () => {
    const settler = ring.signer("settler");
    const signature = await settler.signMessage({ message: "tea" });
    const { recoverMessageAddress } = await import("viem");
    expect(await recoverMessageAddress({ message: "tea", signature })).toBe(settler.address);
});
