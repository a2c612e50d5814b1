export const teas = 1;
