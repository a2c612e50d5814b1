import { type Hex, hashMessage } from "viem";
import { generatePrivateKey, privateKeyToAccount } from "viem/accounts";
import { createSiweMessage } from "viem/siwe";
import { beforeEach, describe, expect, test } from "vitest";
import { AuthContext } from "@/domain/auth";
import { type SiweChallenge, SiweService } from "@/domain/auth/services/SiweService";
import { isSignedBy } from "@/infrastructure/blockchain";
import { later, minutes, seconds } from "@/utils/time";
import { StoppedClock } from "../../../fixtures/StoppedClock";

const { challenges: repository } = AuthContext.repositories;
const [home, beta] = ["https://dashboard.example", "https://beta.dashboard.example:8443"];
const ada = privateKeyToAccount(generatePrivateKey());
const zoe = privateKeyToAccount(generatePrivateKey());
const siweInvalid = { code: "SIWE_INVALID", kind: "unauthenticated" };
const nonceInvalid = { code: "NONCE_INVALID", kind: "unauthenticated" };

let clock: StoppedClock;
let siwe: SiweService;
beforeEach(() => {
    clock = new StoppedClock();
    siwe = new SiweService(
        repository,
        { origins: [home, beta], chainId: 31_337 },
        isSignedBy,
        clock
    );
});

type Message = Parameters<typeof createSiweMessage>[0];

/** What an honest dashboard would have Ada sign. */
const honest = ({ nonce, domain, uri, chainId }: SiweChallenge): Message => ({
    address: ada.address,
    nonce,
    domain,
    uri,
    chainId,
    issuedAt: clock.now(),
    version: "1",
});

type Attempt = {
    change?: Partial<Message>;
    edit?: (text: string) => string;
    signer?: typeof ada;
    browser?: string | undefined;
};

/** Ada asks for a nonce and signs in, but for what is said. */
async function signsIn({
    change = {},
    edit = (text) => text,
    signer = ada,
    ...rest
}: Attempt = {}) {
    const challenge = await siwe.challenge(home);
    const text = edit(createSiweMessage({ ...honest(challenge), ...change }));
    const signature = await signer.signMessage({ message: text });
    const browser = "browser" in rest ? rest.browser : challenge.browserSecret;
    return siwe.verify(text, signature, browser);
}

describe("a nonce", () => {
    test("comes with what the message must say", async () => {
        const challenge = await siwe.challenge(home);
        expect(challenge).toMatchObject({
            domain: "dashboard.example",
            uri: home,
            chainId: 31_337,
            expiresAt: later(clock.now(), minutes(5)),
        });
        expect(challenge.nonce).toMatch(/^[\da-zA-Z]{17,}$/);
    });

    test("is for the dashboard that asks, if it is one of ours; else for the first", async () => {
        expect(await siwe.challenge(beta)).toMatchObject({
            domain: "beta.dashboard.example:8443",
            uri: beta,
        });
        for (const origin of [undefined, "https://evil.example", `${home}.evil.example`, "null"]) {
            expect(await siwe.challenge(origin)).toMatchObject({
                domain: "dashboard.example",
                uri: home,
            });
        }
    });

    test("is good once", async () => {
        const challenge = await siwe.challenge(home);
        const message = createSiweMessage(honest(challenge));
        const signature = await ada.signMessage({ message });
        expect(await siwe.verify(message, signature, challenge.browserSecret)).toBe(ada.address);
        await expect(
            siwe.verify(message, signature, challenge.browserSecret)
        ).rejects.toMatchObject(nonceInvalid);
    });

    test("presented ten times at once is good once", async () => {
        const challenge = await siwe.challenge(home);
        const message = createSiweMessage(honest(challenge));
        const signature = await ada.signMessage({ message });
        const answers = await Promise.allSettled(
            Array.from({ length: 10 }, () =>
                siwe.verify(message, signature, challenge.browserSecret)
            )
        );
        expect(answers.filter(({ status }) => status === "fulfilled")).toHaveLength(1);
    });

    test("is spent by an attempt that fails: nobody tries signature after signature", async () => {
        const challenge = await siwe.challenge(home);
        const message = createSiweMessage(honest(challenge));
        const [wrong, right] = [
            await zoe.signMessage({ message }),
            await ada.signMessage({ message }),
        ];
        await expect(siwe.verify(message, wrong, challenge.browserSecret)).rejects.toMatchObject(
            siweInvalid
        );
        await expect(siwe.verify(message, right, challenge.browserSecret)).rejects.toMatchObject(
            nonceInvalid
        );
    });

    test("of another browser is worth nothing: what Zoe asked for, Ada does not sign for her", async () => {
        const { browserSecret: another } = await siwe.challenge(home);
        await expect(signsIn({ browser: another })).rejects.toMatchObject(nonceInvalid);
        await expect(signsIn({ browser: undefined })).rejects.toMatchObject(nonceInvalid);
        await expect(signsIn({ browser: "" })).rejects.toMatchObject(nonceInvalid);
    });

    test("that nobody gave is worth nothing", async () => {
        await expect(signsIn({ change: { nonce: "a".repeat(32) } })).rejects.toMatchObject(
            nonceInvalid
        );
    });

    test("is good for five minutes", async () => {
        const inTime = async (ms: number) => {
            const challenge = await siwe.challenge(home);
            clock.passes(ms);
            const message = createSiweMessage(honest(challenge));
            return siwe.verify(
                message,
                await ada.signMessage({ message }),
                challenge.browserSecret
            );
        };
        expect(await inTime(minutes(5) - 1)).toBe(ada.address);
        await expect(inTime(minutes(5))).rejects.toMatchObject(nonceInvalid);
    });
});

describe("a message", () => {
    test("signed by its address, for us and now, is Ada's word", async () => {
        expect(await signsIn()).toBe(ada.address);
        expect(
            await signsIn({
                change: { statement: "Sign in to sell tea", resources: ["https://tea.example"] },
            })
        ).toBe(ada.address);
        expect(
            await signsIn({
                change: { domain: "beta.dashboard.example:8443", uri: `${beta}/login` },
            })
        ).toBe(ada.address);
    });

    test("may be a little old, and may say for how long it is good", async () => {
        const issuedAt = later(clock.now(), -minutes(5) + 1);
        expect(await signsIn({ change: { issuedAt } })).toBe(ada.address);
        const notBefore = clock.now();
        expect(await signsIn({ change: { notBefore, expirationTime: later(notBefore, 1) } })).toBe(
            ada.address
        );
    });

    test.each<[string, () => Attempt]>([
        ["another domain", () => ({ change: { domain: "evil.example" } })],
        ["our domain on another port", () => ({ change: { domain: "dashboard.example:8443" } })],
        [
            "a domain that begins like ours",
            () => ({ change: { domain: "dashboard.example.evil.example" } }),
        ],
        ["another URI", () => ({ change: { uri: "https://evil.example" } })],
        ["a URI that begins like ours", () => ({ change: { uri: `${home}.evil.example` } })],
        [
            "our URI with somebody else in front",
            () => ({ change: { uri: "https://dashboard.example@evil.example" } }),
        ],
        ["our URI without TLS", () => ({ change: { uri: "http://dashboard.example" } })],
        ["the URI of our other dashboard", () => ({ change: { uri: beta } })],
        ["another chain", () => ({ change: { chainId: 1 } })],
        ["a time in the future", () => ({ change: { issuedAt: later(clock.now(), 1) } })],
        [
            "a time five minutes ago",
            () => ({ change: { issuedAt: later(clock.now(), -minutes(5)) } }),
        ],
        ["an end that has come", () => ({ change: { expirationTime: clock.now() } })],
        [
            "a beginning that has not",
            () => ({ change: { notBefore: later(clock.now(), seconds(1)) } }),
        ],
        [
            "another version",
            () => ({ edit: (text: string) => text.replace("Version: 1", "Version: 2") }),
        ],
        ["no time", () => ({ edit: (text: string) => text.replace(/\nIssued At: .*/, "") })],
        [
            "a time that is none",
            () => ({ edit: (text: string) => text.replace(/Issued At: .*/, "Issued At: today") }),
        ],
        ["words before it", () => ({ edit: (text: string) => `Please: ${text}` })],
        ["words after it", () => ({ edit: (text: string) => `${text}\nand all my tea` })],
        [
            "two chains",
            () => ({ edit: (text: string) => text.replace(/(Chain ID: .*)/, "$1\nChain ID: 1") }),
        ],
        [
            "an address without its checksum",
            () => ({
                edit: (text: string) => text.replace(ada.address, ada.address.toLowerCase()),
            }),
        ],
        ["nothing in it", () => ({ edit: () => "" })],
        ["a poem in it", () => ({ edit: () => "Tea for two, and two for tea" })],
        ["the address of somebody else", () => ({ change: { address: zoe.address } })],
        ["the signature of somebody else", () => ({ signer: zoe })],
    ])("with %s is refused", async (_, attempt) => {
        await expect(signsIn(attempt())).rejects.toMatchObject(siweInvalid);
    });

    test("that was changed after it was signed is refused", async () => {
        const challenge = await siwe.challenge(home);
        const message = createSiweMessage({ ...honest(challenge), statement: "Sell 1 tin" });
        const signature = await ada.signMessage({ message });
        const changed = message.replace("1 tin", "9 tins");
        await expect(
            siwe.verify(changed, signature, challenge.browserSecret)
        ).rejects.toMatchObject(siweInvalid);
    });

    test.each<[string, (signature: Hex, hash: Hex) => Hex]>([
        ["nothing", () => "0x"],
        ["zeros", () => `0x${"00".repeat(65)}`],
        ["a signature cut short", (signature) => signature.slice(0, -2) as Hex],
        ["its own hash", (_, hash) => hash],
        ["twenty thousand bytes", () => `0x${"ab".repeat(20_000)}`],
    ])("signed with %s is refused", async (_, spoil) => {
        const challenge = await siwe.challenge(home);
        const message = createSiweMessage(honest(challenge));
        const signature = spoil(await ada.signMessage({ message }), hashMessage(message));
        await expect(
            siwe.verify(message, signature, challenge.browserSecret)
        ).rejects.toMatchObject(siweInvalid);
    });
});
