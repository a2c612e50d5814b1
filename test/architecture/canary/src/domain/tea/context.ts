export const tea = 1;
