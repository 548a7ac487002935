// Memory of the gateways with a hundred terminals attached, beside that without.
import { mib, printFigures, type Figure } from '../figures.ts';
import { clock, type Release } from './release.ts';
import { askForSession, attach, endSession, waitUntilReady } from './session.ts';

// An agent takes 64 sockets on 8 terminals.
const perSession = 50;
const terminalsEach = 5;
const settleMs = 5_000;
const looks = 5;

const sources: [metric: string, what: string][] = [
  ['process_resident_memory_bytes', 'resident memory of all gateways'],
  ['nodejs_heap_size_used_bytes', 'JavaScript heap in use'],
];

/** The smallest of several looks: what the collector had not yet taken is nobody's need. */
async function sumOf(release: Release, metric: string): Promise<number> {
  const sums: number[] = [];
  for (let i = 0; i < looks; i++) {
    const gateways = await release.listGateways();
    const values = await Promise.all(gateways.map((gateway) => release.readMetric(gateway, metric)));
    sums.push(values.reduce((a, b) => a + b, 0));
    await clock.sleep(1_000);
  }
  return Math.min(...sums);
}

async function measure(release: Release): Promise<Map<string, number>> {
  await clock.sleep(settleMs);
  const found = new Map<string, number>();
  for (const [metric] of sources) found.set(metric, await sumOf(release, metric));
  return found;
}

export async function measureMemory(release: Release, count: number): Promise<void> {
  const visitors = await Promise.all(
    Array.from({ length: Math.ceil(count / perSession) }, (_, i) => release.visitor(10 + i)),
  );
  for (const visitor of visitors) await askForSession(visitor, release.options.defaultEnvironment);
  for (const visitor of visitors) await waitUntilReady(visitor);
  const before = await measure(release);
  const lines = [];
  for (let i = 0; i < count; i++)
    lines.push(await attach(visitors[Math.floor(i / perSession)]!, `t${i % terminalsEach}`));
  const after = await measure(release);
  const gateways = await release.listGateways();
  const attached = await Promise.all(gateways.map((one) => release.readMetric(one, 'playground_terminal_attachments')));
  for (const line of lines) line.dispose();
  for (const visitor of visitors) await endSession(visitor);
  const figures: Figure[] = sources.map(([metric, what]) => {
    const [from = 0, to = 0] = [before.get(metric), after.get(metric)];
    return { what, ours: `${mib(from)} → ${mib(to)}: ${mib(((to - from) / count) * 100)} for 100` };
  });
  printFigures(
    `Memory of ${gateways.length} gateways with ${count} terminals attached (${attached.join(' + ')})`,
    figures,
  );
}
