/** A share of 0 to 1 as people read it, rounded down: what lacks something is never shown as 100 %. */
export const percent = (share: number): string => `${(Math.floor(share * 1000) / 10).toFixed(1)} %`;
