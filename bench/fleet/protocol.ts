/** What a process of simulated hosts is told, once. */
export type Crew = {
  server: string;
  caSha256: string;
  /** One use each. */
  tokens: string[];
  /** Number of its first host in the fleet. */
  first: number;
};
