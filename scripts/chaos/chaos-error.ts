/** Something that the chaos run itself relies on did not happen: no finding about the cluster. */
export class ChaosError extends Error {}
