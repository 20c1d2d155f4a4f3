export const banner = (word) => `== ${word} ==\n`;
