import { join } from "node:path";
import { LocalChain } from "@/infrastructure/embedded/LocalChain";

/** The RPC URL of a chain of our own that is kept in this folder. */
export async function startChain(folder: string): Promise<string> {
    const chain = await LocalChain.start({ stateFile: join(folder, "state.json") });
    return chain.url;
}
