import type { AuthenticationResponseJSON, RegistrationResponseJSON } from "@simplewebauthn/server";
import { t } from "elysia";
import { orNull } from "../schemas";

/** The browser's `PublicKeyCredential.toJSON()`: its parts are verified by what reads them. */
const Base64Url = t.String({ pattern: "^[\\w-]*$", maxLength: 20_000 });
const Credential = {
    id: t.String({ pattern: "^[\\w-]{1,1400}$" }),
    rawId: Base64Url,
    type: t.Literal("public-key"),
    clientExtensionResults: t.Optional(t.Object({}, { additionalProperties: true })),
    authenticatorAttachment: t.Optional(orNull(t.String({ maxLength: 50 }))),
};
export const RegistrationCredential = t.Unsafe<RegistrationResponseJSON>(
    t.Object({
        ...Credential,
        response: t.Object({
            clientDataJSON: Base64Url,
            attestationObject: Base64Url,
            transports: t.Optional(t.Array(t.String({ maxLength: 50 }), { maxItems: 10 })),
        }),
    })
);
export const AuthenticationCredential = t.Unsafe<AuthenticationResponseJSON>(
    t.Object({
        ...Credential,
        response: t.Object({
            clientDataJSON: Base64Url,
            authenticatorData: Base64Url,
            signature: Base64Url,
            userHandle: t.Optional(orNull(Base64Url)),
        }),
    })
);
