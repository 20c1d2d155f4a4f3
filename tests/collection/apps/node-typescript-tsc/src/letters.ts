export interface Letter { to: string; lines: number }

export const letters = (): Letter[] => [{ to: "Ada", lines: 12 }, { to: "Grace", lines: 3 }];
