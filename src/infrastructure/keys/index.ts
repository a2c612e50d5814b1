import { config } from "../config";
import { Lookups } from "../crypto/Lookups";
import { SecretBox } from "../crypto/SecretBox";
import { KeyRing } from "./KeyRing";

export const keyRing = new KeyRing(Buffer.from(config.MASTER_KEY.replace(/^0x/, ""), "hex"));
export const lookups = new Lookups(keyRing.derive("lookups/v1"));
export const secretBox = new SecretBox(config.ENCRYPTION_KEYS);
