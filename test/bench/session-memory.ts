// Memory of one session: agent, shell and garden, as PSS, without and with a shoot.
import type { Page } from 'playwright-core';
import { waitForText } from '../support/browser.ts';
import { descendantsOf, memoryOf, type ProcessMemory } from './memory.ts';
import { mib, printFigures } from './figures.ts';

const nameOf = ({ command }: ProcessMemory): string =>
  command.includes('agent.js')
    ? 'agent'
    : command.includes('garden.js')
      ? 'garden'
      : command.includes('bash')
        ? 'shell'
        : 'other';

async function sessionMemory(gatewayPid: number): Promise<Map<string, number>> {
  const sums = new Map<string, number>();
  for (const pid of await descendantsOf(gatewayPid)) {
    const memory = await memoryOf(pid);
    sums.set(nameOf(memory), (sums.get(nameOf(memory)) ?? 0) + memory.pssBytes);
  }
  sums.set(
    'all',
    [...sums.values()].reduce((a, b) => a + b, 0),
  );
  return sums;
}

/** The page must be at a prompt of the only session. */
export async function measureSessionMemory(page: Page, gatewayPid: number): Promise<void> {
  const before = await sessionMemory(gatewayPid);
  await page.keyboard.type(
    'kubectl apply -f shoot.yaml && kubectl wait --for=condition=EveryNodeReady shoot/local --timeout=2m\n',
  );
  await waitForText(page, /condition met/, 120_000);
  const after = await sessionMemory(gatewayPid);
  const gateway = await memoryOf(gatewayPid);
  const row = (name: string, goal?: string) => ({
    what: name,
    ours: `${mib(before.get(name) ?? 0)} → ${mib(after.get(name) ?? 0)}`,
    goal,
  });
  printFigures('Memory of one session, PSS, fresh → with a shoot that is awake', [
    ...['agent', 'shell', 'garden', 'other'].filter((name) => before.has(name)).map((name) => row(name)),
    row('all', '160 MiB'),
    { what: 'the gateway itself', ours: mib(gateway.pssBytes) },
  ]);
}
