import type { AuthenticationResponseJSON } from "@simplewebauthn/server";
import { Elysia } from "elysia";
import { AuthContext } from "@/domain/auth";
import { ForbiddenError } from "@/utils/errors";
import type { ChallengeId } from "@/utils/ids";
import { authRequired, walletTokenOf } from "./walletSession";

type SteppingUp = {
    stepUp?: { challengeId: ChallengeId; credential: AuthenticationResponseJSON };
};

/**
 * `requireStepUp: true` on a route: it is for a signed-in wallet, whose `session` its handler is given, and only
 * together with a fresh assertion by a passkey of that wallet, in the body: `{ stepUp: { challengeId, credential } }`.
 */
export const requireStepUp = new Elysia({ name: "macro.requireStepUp" }).macro("requireStepUp", {
    detail: { security: [{ walletToken: [] }] },
    async resolve({ request, body }) {
        const { challenges, passkeys, sessions } = AuthContext.services;
        const token = walletTokenOf(request);
        if (!token) throw authRequired("This takes a wallet token in x-wallet-auth");
        const session = await sessions.authenticate("wallet", token);
        const { stepUp } = (body ?? {}) as SteppingUp;
        if (!stepUp || session.kind === "paired") throw stepUpRequired();
        const challenge = await challenges.redeem(stepUp.challengeId, "stepUp");
        await passkeys.confirm(session.subject, { challenge, credential: stepUp.credential });
        return { session };
    },
});

const stepUpRequired = () =>
    new ForbiddenError(
        "STEP_UP_REQUIRED",
        "This takes a fresh assertion of a passkey of the wallet, from a device that has one"
    );
