export const prices: Record<string, number> = { bread: 3, milk: 1 };
