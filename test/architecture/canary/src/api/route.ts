export const route = (price: string) => setTimeout(() => parseFloat(price), 1); // TODO
