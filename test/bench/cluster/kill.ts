// A gateway is killed under somebody who types: how long until typing goes on, and whether anything is lost.
import { resources } from '../../../server/kube/index.ts';
import { median, ms, printFigures } from '../figures.ts';
import { clock, type GatewayPod, type Release, type Visitor } from './release.ts';
import { askForSession, attach, endSession, waitUntilReady, waitFor } from './session.ts';

const keyMs = 20;
const boundMs = 60_000;

interface Kill {
  /** From the order to delete to the last echo through that gateway: the kubelet gives it two seconds, whatever one asks for. */
  diedMs: number;
  /** From that echo to the next one. */
  silenceMs: number;
  lost: number;
}

async function findGatewayOf(release: Release): Promise<GatewayPod | undefined> {
  for (const gateway of await release.listGateways())
    if ((await release.readMetric(gateway, 'playground_terminal_attachments')) > 0) return gateway;
  return undefined;
}

const letterOf = (n: number) => String.fromCharCode(97 + (n % 26));

async function killOnce(release: Release, visitor: Visitor, terminal: string): Promise<Kill> {
  await waitFor('all gateways', async () => (await release.listGateways()).length >= release.replicas);
  const echoes: { atMs: number; length: number }[] = [];
  let typed = '';
  const line = await attach(visitor, terminal, (text) =>
    echoes.push({ atMs: clock.monotonicMs(), length: text.length }),
  );
  line.type('stty -icanon; clear; cat > /dev/null\r');
  await clock.sleep(1_000);
  const from = line.output.length;
  const typing = clock.every(keyMs, () => {
    const key = letterOf(typed.length);
    line.type(key);
    typed += key;
  });
  try {
    await waitFor('echoes', async () => line.output.length > from + 20);
    const gateway = await waitFor('the gateway of the line', () => findGatewayOf(release));
    const { name, namespace } = gateway.metadata;
    const orderedMs = clock.monotonicMs();
    await release.stage.client.delete(resources.pods, name, namespace, { gracePeriodSeconds: 0 });
    await waitFor(
      'the cut',
      async () => line.states.at(-1)?.name !== 'live' || clock.monotonicMs() > orderedMs + boundMs,
    );
    const cut = echoes.length;
    const next = await waitFor('typing that goes on', async () => line.isLive && echoes[cut]);
    const last = echoes[cut - 1]!;
    typing.dispose();
    const echoed = () => line.output.slice(from).replace(/[^a-z]/g, '');
    await waitFor('the last echo', async () => echoed().endsWith(typed.slice(-10)));
    return { diedMs: last.atMs - orderedMs, silenceMs: next.atMs - last.atMs, lost: echoed().endsWith(typed) ? 0 : 1 };
  } finally {
    typing.dispose();
    line.dispose();
  }
}

export async function measureKills(release: Release, count: number): Promise<void> {
  const visitor = await release.visitor(2);
  await askForSession(visitor, release.options.defaultEnvironment);
  await waitUntilReady(visitor);
  const kills: Kill[] = [];
  for (let i = 0; i < count; i++) kills.push(await killOnce(release, visitor, `k${i % 8}`));
  await endSession(visitor);
  const figure = (what: string, values: number[]) => ({
    what,
    ours: `${ms(median(values))} / ${ms(Math.max(...values))}`,
  });
  printFigures(
    `A gateway is deleted without grace (SIGTERM, SIGKILL two seconds later) under somebody who types, ${count} times, median / longest`,
    [
      figure(
        'order → last echo through it',
        kills.map(({ diedMs }) => diedMs),
      ),
      figure(
        'last echo → typing goes on',
        kills.map(({ silenceMs }) => silenceMs),
      ),
      {
        what: 'times that keys were lost, twice or out of order',
        ours: String(kills.filter(({ lost }) => lost).length),
      },
    ],
  );
}
