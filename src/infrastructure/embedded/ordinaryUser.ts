import { spawnSync } from "node:child_process";
import { chownSync } from "node:fs";

const nobody = "65534";
const inUserNamespace = ["unshare", "--user", `--map-user=${nobody}`];
const asNobody = ["setpriv", `--reuid=${nobody}`, `--regid=${nobody}`, "--clear-groups"];

/**
 * The command that runs a server which refuses to be root, empty when we are not root. In a user namespace
 * the server sees another user while its files stay ours; where namespaces are refused it runs as `nobody`,
 * who is then given the folder.
 */
export function ordinaryUser(folder: string): readonly string[] {
    if (process.getuid?.() !== 0) return [];
    const [command = "", ...args] = inUserNamespace;
    if (spawnSync(command, [...args, "true"]).status === 0) return inUserNamespace;
    chownSync(folder, Number(nobody), Number(nobody));
    return asNobody;
}
