import { LRUCache } from "lru-cache";
import { minutes } from "./time";

export const calendarWindows = ["total", "hour", "day", "week", "month"] as const;
/** A stretch of time on the calendar of some place. Weeks begin on Monday (ISO 8601); `total` has no end. */
export type CalendarWindow = (typeof calendarWindows)[number];

/** `total` begins with time itself. */
export const beginning = new Date(0);

const minuteMs = minutes(1);
const quarterMs = minutes(15);
/** Clocks are only ever changed on a quarter of an hour, so an offset holds for one. */
const offsets = new LRUCache<string, number>({ max: 50_000 });

let last = { timeZone: "UTC", quarter: 0, offset: 0 };

function offsetMs(at: number, timeZone: string): number {
    if (timeZone === "UTC") return 0;
    const quarter = Math.floor(at / quarterMs) * quarterMs;
    if (last.quarter === quarter && last.timeZone === timeZone) return last.offset;
    const key = `${timeZone}:${quarter}`;
    const offset = offsets.get(key) ?? askedOffset(quarter, timeZone);
    offsets.set(key, offset);
    last = { timeZone, quarter, offset };
    return offset;
}

function askedOffset(quarter: number, timeZone: string): number {
    const there = Temporal.Instant.fromEpochMilliseconds(quarter).toZonedDateTimeISO(timeZone);
    return there.offsetNanoseconds / 1_000_000;
}

/** What the clock on the wall says, as if it were UTC. */
const wallClock = (at: Date, timeZone: string): Date =>
    new Date(at.getTime() + offsetMs(at.getTime(), timeZone));

/** 1 is Monday, 7 is Sunday (ISO 8601). */
export const dayOfWeek = (at: Date, timeZone: string): number =>
    wallClock(at, timeZone).getUTCDay() || 7;
export const hourOfDay = (at: Date, timeZone: string): number =>
    wallClock(at, timeZone).getUTCHours();
/** `2026-11-21` */
export const dateThere = (at: Date, timeZone: string): string =>
    wallClock(at, timeZone).toISOString().slice(0, 10);

/** When the window that this moment lies in began there. */
export function windowStart(window: CalendarWindow, at: Date, timeZone: string): Date {
    if (window === "total") return beginning;
    // An hour that a clock strikes twice is two hours, so hours are cut in absolute time.
    if (window === "hour") return hourStart(at, timeZone);
    return fromWallClock(startThere(window, wallClock(at, timeZone)), timeZone);
}

/** When the next one begins; `total` is followed by none. */
export function windowEnd(window: CalendarWindow, at: Date, timeZone: string): Date | null {
    if (window === "total") return null;
    if (window === "hour") return new Date(hourStart(at, timeZone).getTime() + minutes(60));
    const start = startThere(window, wallClock(at, timeZone));
    const [year, month, day] = [start.getUTCFullYear(), start.getUTCMonth(), start.getUTCDate()];
    const next = {
        day: Date.UTC(year, month, day + 1),
        week: Date.UTC(year, month, day + 7),
        month: Date.UTC(year, month + 1, 1),
    };
    return fromWallClock(new Date(next[window]), timeZone);
}

function hourStart(at: Date, timeZone: string): Date {
    const there = wallClock(at, timeZone);
    const into = there.getUTCMinutes() * minuteMs + (there.getTime() % minuteMs);
    return new Date(at.getTime() - into);
}

function startThere(window: "day" | "week" | "month", there: Date): Date {
    const [year, month, day] = [there.getUTCFullYear(), there.getUTCMonth(), there.getUTCDate()];
    if (window === "month") return new Date(Date.UTC(year, month, 1));
    const daysBack = window === "week" ? (there.getUTCDay() + 6) % 7 : 0;
    return new Date(Date.UTC(year, month, day - daysBack));
}

const midnights = new LRUCache<string, number>({ max: 10_000 });
let lastMidnight = { timeZone: "UTC", there: 0, is: 0 };

/** A midnight that a clock skips or strikes twice is where Temporal puts it: after the gap, the first of two. */
function fromWallClock(there: Date, timeZone: string): Date {
    if (timeZone === "UTC") return there;
    const at = there.getTime();
    if (lastMidnight.there !== at || lastMidnight.timeZone !== timeZone) {
        lastMidnight = { timeZone, there: at, is: midnightAt(there, timeZone) };
    }
    return new Date(lastMidnight.is);
}

function midnightAt(there: Date, timeZone: string): number {
    const key = `${timeZone}:${there.getTime()}`;
    const known = midnights.get(key) ?? askedMidnight(there, timeZone);
    midnights.set(key, known);
    return known;
}

function askedMidnight(there: Date, timeZone: string): number {
    const date = Temporal.PlainDate.from(there.toISOString().slice(0, 10));
    return date.toZonedDateTime(timeZone).epochMilliseconds;
}
