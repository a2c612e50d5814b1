import { Logger } from "graphile-worker";
import { log } from "../observability/log";

/** The queue's own words in our log; its "info" is of interest to nobody but a debugger. */
export const queueLogger = new Logger(() => (level, message, meta) => {
    const detail = meta?.["error"] ? { err: meta["error"] } : {};
    if (level === "error") log.error(detail, message);
    else if (level === "warning") log.warn(detail, message);
    else log.debug(detail, message);
});
