/** Where the time comes from. Injected, so that a test can be at any moment without waiting for it. */
export type Clock = { now(): Date };

export const systemClock: Clock = { now: () => new Date() };

export const seconds = (count: number): number => count * 1_000;
export const minutes = (count: number): number => seconds(count * 60);
export const hours = (count: number): number => minutes(count * 60);
export const days = (count: number): number => hours(count * 24);

/** The moment `ms` milliseconds after (or, when negative, before) `from`. */
export const later = (from: Date, ms: number): Date => new Date(from.getTime() + ms);
