import { type ChildProcess, type SpawnOptions, spawn, spawnSync } from "node:child_process";

export type TiedOptions = Omit<SpawnOptions, "signal"> & {
    /** How it is asked to end when we are gone. */
    signal: "TERM" | "INT";
    /**
     * A command that runs ours as somebody else (`unshare --user …`): the tie comes after it,
     * because a process loses its tie when it changes who it is.
     */
    wrapper?: readonly string[];
};

/**
 * Starts a process that does not outlive this one. On Linux that holds for kill -9 as well: the
 * kernel sends the signal when the thread that started it ends. Elsewhere only for an orderly exit.
 */
export function spawnTied(
    command: string,
    args: readonly string[],
    { signal, wrapper = [], ...options }: TiedOptions
): ChildProcess {
    const [program = command, ...rest] = [...wrapper, ...tie(signal), command, ...args];
    const child = spawn(program, rest, options);

    const end = () => child.kill(`SIG${signal}`);
    process.once("exit", end);
    child.once("exit", () => process.off("exit", end));
    return child;
}

/**
 * `setpriv` is part of util-linux: other systems do not have it, and busybox has one that cannot.
 */
function tie(signal: TiedOptions["signal"]): string[] {
    const command = ["--pdeathsig", signal, "--"];
    const { status } = spawnSync("setpriv", [...command, "true"], { stdio: "ignore" });
    return status === 0 ? ["setpriv", ...command] : [];
}
