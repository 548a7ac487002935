// Addresses for pods inside 127.0.0.0/8, where every process may listen without further ado.
import { randomInt } from 'node:crypto';

export interface Addresses {
  /** A free address. Throws when all are taken. */
  take(): string;
  give(address: string): void;
}

/** 65,000 addresses of a block that this cluster chose by chance, so that two clusters on a machine do not meet. */
export function createAddresses(block = randomInt(1, 255)): Addresses {
  const taken = new Set<string>();
  let next = randomInt(0, 65_000);
  return {
    take() {
      for (let tries = 0; tries < 65_024; tries++) {
        next = (next + 1) % 65_024;
        const address = `127.${block}.${Math.floor(next / 254) % 256}.${(next % 254) + 1}`;
        if (taken.has(address)) continue;
        taken.add(address);
        return address;
      }
      throw new Error('no address is left for another pod');
    },
    give: (address) => void taken.delete(address),
  };
}
